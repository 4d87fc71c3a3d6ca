"""The plugin of pytest: an item a step and a claim, a readable failure, and nothing without its switch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from proofs_check.framework import list_steps
from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.writing import write_bundle
from scaling_sym.cli.bundles import open_bundle

PROJECT = Path(__file__).parents[2]
INSTALLED = any(e.name == "scaling-sym" for e in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "proofs_check.pytest_plugin")  # pytest refuses a plugin that is loaded twice


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGIN,
               "--rootdir", str(folder), "-c", "/dev/null", *options, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=PROJECT)


def small_bundle() -> Bundle:
    """The first trace, last, with all that it rests on, and no claims."""
    whole = open_bundle()
    step = next(s for s in whole.steps if s.rule == "trace")
    used = {s.id for s in list_steps([step.id], {s.id: s for s in whole.steps})}
    return replace(whole, steps=tuple(s for s in whole.steps if s.id in used), claims=(), assumptions={})


def test_steps_are_items_and_a_fault_is_readable(tmp_path: Path) -> None:
    good = small_bundle()
    (tmp_path / "good.bundle.json").write_text(write_bundle(good))
    done = run(tmp_path, "--scaling-sym")
    assert done.returncode == 0, done.stdout
    assert f"{len(good.steps)} passed" in done.stdout
    step = good.steps[-1]
    wrong = replace(step, given={**step.given, "c": "3*alpha"})
    (tmp_path / "good.bundle.json").write_text(write_bundle(replace(good, steps=(*good.steps[:-1], wrong))))
    done = run(tmp_path, "--scaling-sym")
    assert done.returncode == 1
    assert f"step {step.id} by the rule trace does not hold: the formula is for another model" in done.stdout
    assert "Traceback" not in done.stdout
    assert f"1 failed, {len(good.steps) - 1} passed" in done.stdout


def test_a_file_that_is_no_bundle_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text("{}")
    done = run(tmp_path, "--scaling-sym")
    assert done.returncode == 2
    assert "is not a bundle" in done.stdout


def test_inert_without_the_switch(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text("{}")
    assert run(tmp_path).returncode == 5  # no tests were collected
