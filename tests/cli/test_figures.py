"""The verb `figure`: a figure with its numbers beside it, or one sentence and nothing written."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Runner


@pytest.mark.parametrize("name", ["phases", "pieces"])
def test_a_figure_and_its_numbers(call: Runner, tmp_path: Path, name: str) -> None:
    found = call("figure", name, "--out", tmp_path / "a.svg")
    assert found.status == 0
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    with (tmp_path / "a.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) > 30
    before = (tmp_path / "a.svg").read_bytes(), (tmp_path / "a.csv").read_bytes()
    assert call("figure", name, "--out", tmp_path / "a.svg").status == 0
    assert ((tmp_path / "a.svg").read_bytes(), (tmp_path / "a.csv").read_bytes()) == before


def test_the_pieces_are_those_of_the_curve(call: Runner, tmp_path: Path) -> None:
    """The verb `curve` gives the same loss at the same steps, to the nine digits that the CSV keeps."""
    call("figure", "pieces", "--out", tmp_path / "a.png", "--at", "alpha=1", "--at", "beta=3/4")
    with (tmp_path / "a.csv").open() as stream:
        rows = [r for r in csv.DictReader(stream) if r["name"] == "loss"]
    row = rows[len(rows) // 2]
    answer = call("curve", "plrf", "--at", "alpha=1", "--at", "beta=3/4", "--at", "d=10000", "--gamma-fraction", "1/2",
                  "--dynamics", "continuous", "--steps", row["x"], "--json").document
    assert answer["loss"][0] == pytest.approx(float(row["y"]), rel=1e-8)


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["phase", "--out", "a.svg"], "did you mean phases?"),
    (["phases", "--out", "a.gif"], "the endings .png, .pdf and .svg are allowed"),
    (["phases", "--out", "a.svg", "--at", "alpha=1"], "which shows the whole plane"),
    (["phases", "--out", "a.svg", "--model", "plfr"], "did you mean plrf?"),
    (["pieces", "--out", "a.svg", "--at", "alhpa=1"], "did you mean alpha?"),
    (["phases", "--out", "no/such/a.svg"], "there is no folder"),
])
def test_bad_input(call: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str) -> None:
    monkeypatch.chdir(tmp_path)
    found = call("figure", *arguments)
    assert found.status == 2
    assert sentence in found.err
    assert found.out == ""
    assert not list(tmp_path.iterdir())
