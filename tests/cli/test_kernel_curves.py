"""`curve kernel`: agreement with the library called directly, the peak, many digits, and what is refused."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path
from typing import Any

import pytest

from scaling_sym.cli import run
from scaling_sym.numerics.kernel import KernelModel, kernel_loss

POINT = ["kernel", "--at", "a=2", "--at", "b=3/2"]


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["curve", *words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def test_columns_are_the_solvers(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, *POINT, "--at", "P=1000", "--at", "sigma=1/2", "--at", "ridge=1/100", "--sizes", "10,1e12")
    for i, size in enumerate((10.0, 1e12)):
        assert answer["data"][i] == kernel_loss(KernelModel(2.0, 1.5, size, 1000.0, 0.01, 0.5)).test
        assert answer["features"][i] == kernel_loss(KernelModel(2.0, 1.5, inf, size, 0.01, 0.5)).test
    assert all(error < 1e-12 for error in answer["data_error"] + answer["features_error"])


def test_the_peak_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, *POINT, "--at", "P=1000", "--sizes", "1000,2000")
    assert answer["data"][0] is None
    assert answer["data"][1] > 0
    assert any("D = P" in note for note in answer["notes"])


def test_many_digits(capsys: pytest.CaptureFixture[str]) -> None:
    answer, plain = (ask(capsys, *POINT, "--sizes", "10", *more) for more in (("--digits", "30"), ()))
    (text,) = answer["data"]
    assert len(text.replace("0.", "")) == 30
    assert float(text) == pytest.approx(plain["data"][0], rel=1e-13)


def test_csv_and_plot(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["curve", *POINT, "--sizes", "10,100", "--csv", str(tmp_path / "c.csv"), "--plot", str(tmp_path / "c.svg")]) == 0
    assert "data_error" in capsys.readouterr().out
    assert (tmp_path / "c.csv").read_text().startswith("sizes,data,data_error,features,features_error")
    assert (tmp_path / "c.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    "words",
    [
        [*POINT], [*POINT, "--sizes", "0.5"], [*POINT, "--sizes", "1e400"], [*POINT, "--sizes", "4", "--times", "3"],
        [*POINT, "--sizes", "4", "--at", "ridge=-1"], ["kernel", "--at", "a=2", "--at", "b=1/2", "--sizes", "4"],
        [*POINT, "--sizes", "4", "--rtol", "2"], [*POINT, "--sizes", "1e250"], [*POINT, "--sizes", "4", "--digits", "1000"],
        ["dmft", "--at", "a=2", "--at", "b=3/2", "--at", "N=5", "--at", "P=5", "--times", "1", "--sizes", "4"],
    ],
)
def test_refusals(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["curve", *words]) == 2
    assert capsys.readouterr().out == ""
