"""The guide: every page and picture that it names is there, and its formulas can be read; `--deep` builds it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scaling_sym.cli.bundles import PAPERS
from scaling_sym.cli.figures import list_figures
from scaling_sym.export.mathml import write_mathml

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
MATH = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+(?:\n[^$\n]+)?)\$", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_formula_of_a_page_can_be_read(page: Path) -> None:
    for found in MATH.finditer(CODE.sub("", page.read_text())):
        write_mathml(found[1] or found[2])


def test_every_page_in_the_contents_is_there() -> None:
    named = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert len(named) >= 8
    for name in named:
        source = ROOT / "docs" / name
        assert source.exists() or source.with_suffix(".ipynb").exists(), name


def test_pictures_are_figures() -> None:
    named = re.findall(r"!\[[^\]]+\]\(images/([\w-]+)\.svg\)", (ROOT / "docs" / "index.md").read_text())
    assert len(named) >= 4
    assert set(named) <= set(list_figures())


def test_everything_in_the_reference_is_documented() -> None:
    """Public functions, classes and methods of the packages of the reference; a rule's private helpers may go without."""
    silent = []
    for package in ("notebook.py", "errors.py", "algebra", "claims", "asymptotics", "numerics", "data", "export"):
        place = ROOT / "scaling_sym" / package
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                    inner = [m for m in getattr(node, "body", []) if isinstance(node, ast.ClassDef)
                             and isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
                    silent += [f"{file.name}: {m.name}" for m in (node, *inner) if not ast.get_docstring(m)]
    assert silent == []


@pytest.mark.deep
def test_it_builds_without_warnings(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)], cwd=ROOT,
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    for paper in PAPERS:
        page = (tmp_path / "derivations" / f"{paper}.html").read_text()
        assert page.count("<math") > 100
    index = (tmp_path / "mathematics.html").read_text()
    assert "$" not in re.sub(r"<(script|code).*?</\1>", "", index, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=\"https?://(?!www\.mkdocs\.org|readthedocs\.org|github\.com)[^\"]+", index)
