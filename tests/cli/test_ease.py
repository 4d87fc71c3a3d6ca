"""Ease: completion, citations, what an extra would add, no colour where none is wanted."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scaling_sym.cli import STOPPED, completion
from scaling_sym.cli.bundles import PAPERS
from scaling_sym.cli.figures import list_figures
from scaling_sym.cli.pace import PER_FIGURE, Pace
from tests.cli.conftest import Runner

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from scaling_sym.cli import main\nmain()"]


@pytest.mark.parametrize(("words", "offered"), [
    ("scaling-sym reg", "regenerate"), ("scaling-sym figure exp", "exponent-map"), ("scaling-sym table pre", "prefactors"),
    ("scaling-sym explain plrf/II/l", "plrf/II/loss"), ("scaling-sym phases p", "plrf"),
    ("scaling-sym check --no-d", "--no-digests"),
])
def test_the_shell_completes(words: str, offered: str) -> None:
    environment = {**os.environ, "_SCALING_SYM_COMPLETE": "complete_bash", "COMP_WORDS": words,
                   "COMP_CWORD": str(len(words.split()) - 1)}
    done = subprocess.run(PROGRAM, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60)
    assert offered in done.stdout.split()


def test_a_broken_bundle_offers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaling_sym.cli.bundles.read_file", lambda *_: b"{not json")
    assert completion.complete_claim("") == []


@pytest.mark.parametrize("paper", [p for p in PAPERS if p != "links"])  # which cites the papers that it links
def test_every_paper_can_be_cited(call: Runner, paper: str) -> None:
    found = call("cite", paper)
    assert found.status == 0
    assert re.match(rf"@\w+{{{paper},\n", found.out)
    assert found.out.count("{") == found.out.count("}")
    for field in ("title", "author", "year"):
        assert f"{field} = {{" in found.out


def test_a_claim_is_cited_with_its_place(call: Runner) -> None:
    assert call("cite", "P-table/II").out.startswith("% P-table/II: ")


def test_the_citation_file_names_every_paper() -> None:
    text = (ROOT / "CITATION.cff").read_text()
    assert re.search(rf"^version: {re.escape(_project_version())}$", text, re.MULTILINE)
    for number in ("2405.15074", "2402.01092", "2102.06701"):
        assert f"arXiv:{number}" in text


def _project_version() -> str:
    found = re.search(r'^version = "([^"]+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def test_doctor_tells_what_an_extra_adds(call: Runner) -> None:
    extras = {e["name"]: e for e in call("doctor", "--json").document["extras"]}
    assert {"cluster", "test", "lint"} <= set(extras)
    assert "distributed" not in extras["test"]["missing"]
    assert extras["test"]["missing"] == []
    assert extras["cluster"]["install"] == "pip install 'scaling-sym[cluster]'"
    assert extras["cluster"]["adds"] in call("doctor").out


def run_in_terminal(code: str, environment: Mapping[str, str]) -> str:
    """What a program writes to a terminal as its standard error."""
    parent, child = pty.openpty()
    done = subprocess.run([sys.executable, "-c", code], stderr=child, cwd=ROOT, timeout=60, env=dict(environment))
    os.close(child)
    shown = os.read(parent, 100_000).decode()
    os.close(parent)
    assert done.returncode == 0
    return shown


@pytest.mark.parametrize("colours", [False, True])
def test_no_colour_where_none_is_wanted(colours: bool) -> None:
    """On a terminal colours are written, unless NO_COLOR is set; bold is no colour."""
    code = ("from scaling_sym.cli.speech import progress\n"
            "with progress() as p:\n    p.update(p.add_task('x', total=2, found=''), advance=2)")
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")} | {"TERM": "xterm-256color"}
    shown = run_in_terminal(code, environment if colours else {**environment, "NO_COLOR": "1"})
    assert "100" in shown or "x" in shown
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]", shown)) == colours


def test_the_time_left_is_told_while_parts_are_counted() -> None:
    code = ("import time\nfrom scaling_sym.cli.speech import progress\n"
            "with progress() as p:\n    t = p.add_task('x', total=8, found='')\n"
            "    for _ in range(6):\n        time.sleep(0.15)\n        p.update(t, advance=1)\n    p.refresh()")
    shown = run_in_terminal(code, {**os.environ, "TERM": "xterm"})
    assert re.search(r"0:0\d, 0:0\d left", shown)


def test_the_time_left_is_told_where_nothing_can_be_counted() -> None:
    code = ("import time\nfrom scaling_sym.cli.speech import progress\nfrom scaling_sym.cli.pace import watch\n"
            "with progress() as p, watch(p, 'x', 0.8):\n    time.sleep(1.2)")
    shown = run_in_terminal(code, {**os.environ, "TERM": "xterm"})
    assert re.search(r"about 0:0\d left", shown)
    assert "longer than usual" in shown


def test_the_pace_is_learnt() -> None:
    pace = Pace(10.0)
    assert (pace.guess(3.0), pace.left) == (3.0, 10.0)
    pace.learn(2.0, 6.0)
    assert (pace.guess(3.0), pace.left) == (9.0, 24.0)
    pace.learn(20.0, 20.0)
    assert pace.left == 0.0


@pytest.mark.parametrize("name", list_figures())
def test_every_figure_has_a_usual_time(name: str) -> None:
    assert PER_FIGURE[name] > 0


def test_an_interrupt_while_loading_is_one_sentence() -> None:
    code = ("import sys, scaling_sym.cli as cli\n"
            "def run(_):\n    raise KeyboardInterrupt\n"
            "cli.run = run\ncli.main(['doctor'])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr) == (130, f"scaling-sym: {STOPPED}\n")
