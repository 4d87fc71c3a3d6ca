"""The exact core is small: the lines of code that must be read to trust a replay have a bound, which docs/checker.md names.

Counted are the lines with code (no blank ones, comments or docstrings) of every module of this project, in whatever folder and
loaded whenever, that a fresh process has loaded once it has replayed the bundles; no import in these modules, wherever it stands
and even if only for types, leads to another one. The objects that are replayed are built here from plain JSON: the reader of text
from outside (`scaling_sym.claims.bundle`) makes no proof sound.
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

PROJECT = Path(__file__).parents[2]
BUNDLES = [str(p) for p in sorted(PROJECT.glob("derivations/*/bundle.json"))]
# What is trusted stays short enough to be read as a whole: who adds to it takes away elsewhere. Lower this as it shrinks.
MOST = 1499
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
REPLAY = """
import json, sys
from types import SimpleNamespace
from proofs_check.replay import replay
from scaling_sym.claims.steps import Step
for name in sys.argv[1:]:
    body = json.load(open(name, encoding="utf-8"))
    steps = tuple(Step(**{**s, "premises": tuple(s["premises"])}) for s in body["steps"])
    stated = tuple(
        Step(c["label"], c["kind"], c["region"], tuple(c["steps"]), tuple(c["assumptions"]), c["statement"], None)
        for c in body["claims"])
    outcome = replay(SimpleNamespace(steps=steps, stated=stated))
    assert not outcome.faults and len(outcome.sound) == len(steps) + len(stated) > 0
print(json.dumps([m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)]))
"""


@cache
def load() -> frozenset[Path]:
    """The files of this project that a fresh process loads to replay all bundles."""
    command = [sys.executable, "-c", REPLAY, *BUNDLES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    files = map(Path, json.loads(done.stdout))
    return frozenset(p for p in files if p.is_relative_to(PROJECT) and "site-packages" not in p.parts)


def list_imports(file: Path) -> set[Path]:
    """The files of this project that the text of one imports, wherever in it, with those of the packages they are in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import is absolute"
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    places = [PROJECT.joinpath(*name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 2)]
    return {p for place in places for p in (place.with_suffix(".py"), place / "__init__.py") if p.exists()}


def count_code(source: str) -> int:
    """The lines with code in a module."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    owners = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds) and ast.get_docstring(node) is not None]
    silent = {line for node in owners for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in SILENT]
    return len({line for t in tokens for line in range(t.start[0], t.end[0] + 1)} - silent)


def test_lines_are_counted_as_they_are_read() -> None:
    page, table = '"""Page.\n\nMore."""\n\n', "X = (\n    1,  # one\n\n    2,\n)\n# no code\n\n\n"
    assert count_code(page + table + 'def f() -> str:\n    """Short."""\n    return """a\nb"""\n') == 4 + 1 + 2


def test_the_core_keeps_its_bound() -> None:
    counts = {str(f.relative_to(PROJECT)): count_code(f.read_text(encoding="utf-8")) for f in sorted(load())}
    assert {"proofs_check/replay.py", "proofs_check/statements.py", "proofs_check/rules/optima.py"} <= counts.keys()
    assert sum(counts.values()) <= MOST, counts


def test_no_import_leads_out_of_what_is_counted() -> None:
    assert {p for f in load() for p in list_imports(f)} <= load()
    assert PROJECT / "scaling_sym" / "claims" / "bundle.py" in list_imports(PROJECT / "proofs_check" / "mutate.py")


def test_the_page_names_the_bound() -> None:
    page = " ".join((PROJECT / "docs" / "checker.md").read_text(encoding="utf-8").split())
    assert f"at most {MOST:,} lines of code, what claims say of steps included" in page
