"""The exact core is small: the lines of code that must be read to trust a replay have a bound, which docs/checker.md names.

Counted are the lines with code (no blank ones, comments or docstrings) of every module of this project, in whatever folder and
loaded whenever, that a fresh process has loaded once it has replayed the bundles. Their objects are built here from plain JSON:
the reader of text from outside (`scaling_sym.claims.bundle`) makes no proof sound.
"""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
BUNDLES = [str(p) for p in sorted(PROJECT.glob("derivations/*/bundle.json"))]
# What is trusted stays short enough to be read as a whole: who adds to it takes away elsewhere. Lower these as it shrinks.
STEPS, CLAIMS = 1499, 279
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
REPLAY_STEPS = """
import json, sys
from proofs_check.steps import replay_step
from scaling_sym.claims.steps import Step
for name in sys.argv[1:]:
    before = {}
    for body in json.load(open(name, encoding="utf-8"))["steps"]:
        step = Step(**{**body, "premises": tuple(body["premises"])})
        assert replay_step(step, before) is None
        before[step.id] = step
"""
REPLAY_CLAIMS = """
import json, sys
from types import SimpleNamespace
from proofs_check.replay import replay
from scaling_sym.claims.steps import Step
for name in sys.argv[1:]:
    body = json.load(open(name, encoding="utf-8"))
    steps = tuple(Step(**{**s, "premises": tuple(s["premises"])}) for s in body["steps"])
    claims = tuple(SimpleNamespace(**{**c, "steps": tuple(c["steps"])}) for c in body["claims"])
    assert not replay(SimpleNamespace(steps=steps, claims=claims), ()).faults
"""
LIST = """
print(json.dumps([m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)]))
"""


@cache
def load(program: str) -> frozenset[Path]:
    """The files of this project that a fresh process loads for a program."""
    command = [sys.executable, "-c", program + LIST, *BUNDLES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    files = map(Path, json.loads(done.stdout))
    return frozenset(p for p in files if p.is_relative_to(PROJECT) and "site-packages" not in p.parts)


def count_code(source: str) -> int:
    """The lines with code in a module."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    owners = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds) and ast.get_docstring(node) is not None]
    silent = {line for node in owners for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in SILENT]
    return len({line for t in tokens for line in range(t.start[0], t.end[0] + 1)} - silent)


def count_all(files: frozenset[Path]) -> int:
    """The lines with code in some files."""
    return sum(count_code(f.read_text(encoding="utf-8")) for f in files)


def test_lines_are_counted_as_they_are_read() -> None:
    page, table = '"""Page.\n\nMore."""\n\n', "X = (\n    1,  # one\n\n    2,\n)\n# no code\n\n\n"
    assert count_code(page + table + 'def f() -> str:\n    """Short."""\n    return """a\nb"""\n') == 4 + 1 + 2


@pytest.mark.parametrize(("program", "left_out", "bound"), [
    (REPLAY_STEPS, "", STEPS), (REPLAY_CLAIMS, REPLAY_STEPS, CLAIMS),
], ids=["steps", "claims"])
def test_the_core_keeps_its_bound(program: str, left_out: str, bound: int) -> None:
    files = load(program) - (load(left_out) if left_out else frozenset())
    assert any(f.parent.name == "proofs_check" for f in files)
    assert 0 < count_all(files) <= bound, {f.name: count_code(f.read_text(encoding="utf-8")) for f in sorted(files)}


def test_the_page_names_the_bounds() -> None:
    page = " ".join((PROJECT / "docs" / "checker.md").read_text(encoding="utf-8").split())
    assert f"at most {STEPS:,} lines of code for the replay of steps, and at most {CLAIMS:,} more for what claims say" in page
