"""What `check` writes for CI systems, and the documented job."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from proofs_check.framework import list_steps
from scaling_sym.cli import run
from scaling_sym.cli.bundles import committed_file, open_bundle

DOCS = Path(__file__).parents[2] / "docs"
GUARD = (DOCS / "ci" / "guard.yml").read_text()


def test_the_page_shows_the_job() -> None:
    assert GUARD in (DOCS / "continuous-integration.md").read_text()


def test_options_of_the_documented_job_exist(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"scaling-sym (check|table)([^\n|]*)", GUARD)
    assert len(commands) >= 3
    for verb, rest in commands:
        assert run([verb, "--help"]) == 0
        known = capsys.readouterr().out
        assert all(option in known for option in re.findall(r"--[a-z-]+", rest)), (verb, rest)


def test_the_guard_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table equals itself, and `diff` tells a wrong exponent."""
    assert run(["table", "phases", "--format", "csv"]) == 0
    derived = capsys.readouterr().out
    (tmp_path / "now.csv").write_text(derived)
    wrong = derived.replace("2*alpha", "3*alpha", 1)
    assert wrong != derived
    (tmp_path / "printed.csv").write_text(wrong)
    compare = ["diff", str(tmp_path / "printed.csv"), str(tmp_path / "now.csv")]
    assert subprocess.run(compare, capture_output=True, check=False).returncode == 1


def test_the_guard_of_the_papers_own_exponents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file on the page is proved; with another exponent the command says where it fails."""
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "continuous-integration.md").read_text(), re.DOTALL)
    file = tmp_path / "model.toml"
    file.write_text(text)
    assert run(["check", "--model", str(file)]) == 0
    file.write_text(text.replace('"b/(a + b)"', '"a/(a + b)"'))
    capsys.readouterr()
    assert run(["check", "--model", str(file)]) == 1
    assert "Table 1, model size: refuted" in capsys.readouterr().out


def small_file(tmp_path: Path, change: tuple[str, str] = ("", "")) -> Path:
    """A trace and all that it rests on, as a bundle file of its own."""
    body = json.loads(committed_file("paquette2024").read_text())
    bundle = open_bundle(paper="paquette2024")
    trace = next(s for s in bundle.steps if s.rule == "trace")
    used = {s.id for s in list_steps([trace.id], {s.id: s for s in bundle.steps})}
    steps = [s for s in body["steps"] if s["id"] in used]
    text = json.dumps({**body, "steps": steps, "claims": [], "assumptions": {}})
    file = tmp_path / "small.json"
    file.write_text(text.replace(*change, 1) if change[0] else text)
    return file


def test_markdown_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "summary.md"
    options = ["--no-digests", "--no-confirm", "--markdown", str(page)]
    assert run(["check", "--bundle", str(small_file(tmp_path)), *options]) == 0
    assert "every certificate replays" in page.read_text()
    wrong = small_file(tmp_path, ('"c": "2*alpha", "upper"', '"c": "3*alpha", "upper"'))
    assert run(["check", "--bundle", str(wrong), *options]) == 1
    text = page.read_text()
    assert text.count("## Scaling laws") == 2  # the second summary is added to the first
    assert "(trace): the formula is for another model" in text
    assert run(["check", "--bundle", str(wrong), "--no-digests", "--markdown", str(tmp_path / "no" / "page.md")]) == 2
    capsys.readouterr()


def test_mutation_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bundle of a few steps on which no claim rests: faults in the trace are caught, a free name of a model is not there."""
    file = small_file(tmp_path)
    status = run(["check", "--bundle", str(file), "--no-digests", "--mutate", "12", "--json"])
    found = json.loads(capsys.readouterr().out)["mutation"]
    assert found["planted"] == 12 == found["caught"] + found["meaningless"] + found["survived"]
    assert sum(sum(k.values()) for k in found["kinds"].values()) == 12
    assert status == (1 if found["survived"] else 0)
    assert len(found["survivors"]) == found["survived"]
    assert found["caught"] >= 6
