"""The tutorials run, print what they show, and are short enough to follow."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.ipynb"))


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_tutorials", DOCS / "run_tutorials.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RUNNER = load()


def test_there_are_three() -> None:
    assert [t.name[:2] for t in TUTORIALS] == ["1-", "2-", "3-"]


@pytest.mark.parametrize("file", TUTORIALS, ids=lambda f: f.stem)
def test_a_tutorial_prints_what_it_shows(file: Path) -> None:
    shown = json.loads(file.read_text())
    assert shown["nbformat"] == 4
    assert any(cell["cell_type"] == "code" and cell["outputs"] for cell in shown["cells"])
    assert RUNNER.comparable(RUNNER.run_notebook(file)) == RUNNER.comparable(shown)


def test_ones_own_model_takes_less_than_thirty_lines() -> None:
    cells = json.loads(TUTORIALS[1].read_text())["cells"]
    first = next(c for c in cells if c["cell_type"] == "code")
    assert len(first["source"]) < 30


def test_a_changed_output_is_noticed(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["print(1)\n", "2"], "outputs": [], "execution_count": None}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))
    done = RUNNER.run_notebook(tmp_path / "a.ipynb")
    outputs = done["cells"][0]["outputs"]
    assert outputs[0]["text"] == ["1\n"]
    assert outputs[1]["data"] == {"text/plain": ["2"]}
    assert RUNNER.comparable(done) != RUNNER.comparable(json.loads((tmp_path / "a.ipynb").read_text()))
