"""The verb `regenerate`: what it writes, drift, and that nothing is half-written. The derivation itself is run elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

import scaling_sym.cli.bundles as bundles
import scaling_sym.cli.judging as judging
import scaling_sym.cli.regenerate as regenerate
import scaling_sym.cli.reporting as reporting
import scaling_sym.export.documents_of_paper as documents_of_paper
from proofs_check.confirm import Confirmation
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.claims.writing import write_bundle
from scaling_sym.cli.bundles import committed_file
from scaling_sym.cli.reporting import Rendered, render_plane
from tests.cli.conftest import Runner

PAPER = "paquette2024"


@dataclass(frozen=True)
class Done:
    """A figure that is already there."""

    drawn: Rendered

    def get(self) -> Rendered:
        return self.drawn


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """One paper: its committed bundle for the derivation, replay no step, explain none, draw none (`tests.export` does).

    Returns the list whose first bundle is the derived one.
    """
    derived = [read_bundle(committed_file(PAPER).read_bytes())]
    monkeypatch.setattr(bundles, "PAPERS", (PAPER,))
    monkeypatch.setattr(regenerate, "_derive", lambda *_: derived[0])
    monkeypatch.setattr(judging, "record_verdicts", lambda bundle: judging.check_bundle(bundle, ()))
    monkeypatch.setattr(regenerate, "_explain", lambda *_: [])
    drawn = Rendered("pieces", "Title", "What it shows.", "x,y\n", b"<svg width='1'></svg>", b"%PDF", 0.5)
    monkeypatch.setattr(reporting, "open_workers", lambda: nullcontext())
    monkeypatch.setattr(reporting, "start_measured", lambda *_: [Done(drawn)])
    monkeypatch.setattr(reporting, "start_planes", lambda *_: [])
    monkeypatch.setattr(documents_of_paper, "explain_all", lambda bundle, _: {"tex": bundle.paper, "md": bundle.paper})
    return derived


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_everything_is_written_and_again_the_same(call: Runner, quick: list[Bundle], tmp_path: Path) -> None:
    assert quick
    first, second = (call("regenerate", "--out", tmp_path / n) for n in ("a", "b"))
    assert (first.status, second.status) == (0, 0)
    written = contents(tmp_path / "a" / PAPER)
    assert written == contents(tmp_path / "b" / PAPER)
    pages = [(tmp_path / n / "report.html").read_text().partition("<caption>Timings") for n in ("a", "b")]
    assert pages[0][0] == pages[1][0]
    assert all(f'<th scope="row">derive {PAPER}</th>' in timings for _, _, timings in pages)
    assert set(json.loads((tmp_path / "a" / "timings.json").read_text())) >= {f"derive {PAPER}", f"check {PAPER}", "report"}
    assert {f"figures/pieces.{form}" for form in ("svg", "pdf", "csv")} <= set(written)
    names = {"bundle.json", "ledger.md", "ledger.json", "formulas.tex", "derivation.tex", "derivation.md", "drift.txt"}
    assert names | {f"tables/phases.{f}" for f in ("tex", "md", "csv", "json")} <= set(written)
    assert written["bundle.json"] == committed_file(PAPER).read_bytes()
    assert not any(name.endswith(".tmp") for name in written)
    assert len(json.loads(written["ledger.json"])["claims"]) == len(quick[0].claims)


def test_drift_is_a_failure_and_is_told(call: Runner, quick: list[Bundle], tmp_path: Path) -> None:
    dropped = quick[0].claims[-1].label
    quick[0] = replace(quick[0], claims=quick[0].claims[:-1])
    before = committed_file(PAPER).read_bytes()
    found = call("regenerate", "--out", tmp_path)
    assert found.status == 1
    assert f"1 claims are gone ({dropped})" in found.out
    assert dropped in (tmp_path / PAPER / "drift.txt").read_text()
    assert committed_file(PAPER).read_bytes() == before


def test_update_renews_the_committed_bundle(
    call: Runner, quick: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "committed.json"
    stale.write_text("{}")
    monkeypatch.setattr("scaling_sym.cli.bundles.committed_file", lambda _: stale)
    measured = Confirmation((), ("plrf/II/loss",), (), 0.0)
    monkeypatch.setattr("scaling_sym.cli.confirming.measure", lambda *_, **__: measured)
    assert call("regenerate", "--out", tmp_path / "out").status == 1
    assert call("regenerate", "--out", tmp_path / "out", "--update").status == 0
    assert stale.read_text() == write_bundle(quick[0])
    assert "plrf/II/loss" in stale.with_name("confirmed.json").read_text()


def test_a_file_in_the_way(call: Runner, quick: list[Bundle], tmp_path: Path) -> None:
    assert quick
    (tmp_path / "out").write_text("mine")
    assert call("regenerate", "--out", tmp_path / "out").status == 2
    assert (tmp_path / "out").read_text() == "mine"
    (tmp_path / "b" / PAPER / "ledger.md").mkdir(parents=True)
    assert call("regenerate", "--out", tmp_path / "b").status == 2


def test_the_plane_is_drawn_from_the_bundle_at_hand() -> None:
    text = committed_file(PAPER).read_text()
    drawn = render_plane("phases", text, "plrf")
    assert (drawn.svg[:5], drawn.pdf[:4]) == (b"<?xml", b"%PDF")
    assert re.search(r"^1,text,IVb,1,0\.26", drawn.csv, re.MULTILINE)


def test_typesetting_without_latex_is_refused_at_once(
    call: Runner, quick: list[Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quick
    monkeypatch.setattr(shutil, "which", lambda _: None)
    found = call("regenerate", "--out", tmp_path / "out", "--pdf")
    assert found.status == 2
    assert "pdflatex" in found.err
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc to look for processes in")
def test_an_interrupt_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Ctrl-C while it derives: status 130, one sentence, no temporary file, no process left."""
    listen = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background ignores it
    line = [sys.executable, "-c", f"{listen}from scaling_sym.cli import main\nif __name__ == '__main__': main()"]
    running = subprocess.Popen([*line, "regenerate", "--out", str(tmp_path / "out")], stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    while not (tmp_path / "out").exists():
        assert running.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "what was being written is left as it was" in said
    assert "Traceback" not in said
    assert not [p for p in tmp_path.rglob("*") if p.suffix == ".tmp"]
    deadline = time.monotonic() + 20
    while left := living_processes(running.pid):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def living_processes(group: int) -> list[str]:
    """The processes of a group that have not ended, whoever has to bury them."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may end while it is looked at
            state, _, own, *_ = file.read_text().rpartition(")")[2].split()
            found += [file.parent.name] if int(own) == group and state != "Z" else []
    return found
