"""What is written is accepted by the programs that readers use: KaTeX in strict mode, and pdflatex."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import Region
from scaling_sym.errors import BadInputError
from scaling_sym.export.arrange import Displayable
from scaling_sym.export.documents import display, document, escape, inline, write_document
from scaling_sym.export.latex import latex, write_name
from scaling_sym.export.letters import GREEK
from scaling_sym.export.plain import plain
from tests.export.test_latex import ALPHA, BETA, CONSTANTS, EXPANSIONS, MODEL_CONSTANTS

CELLS: list[Displayable] = [
    Cell.parse(["2*beta-1 > 0", "2*alpha**2-4*alpha+1 < 0", "2*alpha-1 < 0"]),
    Cell.parse(["2*alpha**2-4*alpha+1 = 0"]),
    Cell(),
    Region.of(Cell.parse(["alpha > 0"]), Cell.parse(["beta-1 < 0", "alpha*beta-3 > 0"])),
]
RATIOS: list[Displayable] = [ALPHA * (2 * ALPHA + 2 * BETA - 1) / (3 * ALPHA - 2 * ALPHA * BETA + 2 * BETA - 1),
                             -1 / ALPHA, Ratio.parameter("rate") * Ratio.parameter("a__b"), 0]
FORMULAS = [latex(x) for x in [*CONSTANTS, *MODEL_CONSTANTS, *EXPANSIONS, *CELLS, *RATIOS]]
FORMULAS += [write_name(name) for name in (*GREEK, "F_pp", "s0", "alpha_K", "_x", "a__b")]

_KATEX = """
const katex = require('katex');
const formulas = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const faults = [];
for (const formula of formulas) {
  try { katex.renderToString(formula, {strict: 'error', throwOnError: true, displayMode: true}); }
  catch (error) { faults.push(formula + ': ' + error.message); }
}
console.log(JSON.stringify(faults));
"""


def _run_katex(formulas: list[str]) -> list[str]:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    probe = subprocess.run(["node", "-e", "require('katex')"], capture_output=True, timeout=30, check=False)
    if probe.returncode:
        pytest.skip("node does not find katex: `npm install katex`, and set NODE_PATH to its node_modules")
    done = subprocess.run(["node", "-e", _KATEX], input=json.dumps(formulas), capture_output=True, text=True,
                          timeout=60, check=True)
    return list(json.loads(done.stdout))


def test_katex_accepts_every_formula() -> None:
    assert _run_katex(FORMULAS) == []


def test_katex_refuses_a_broken_formula() -> None:
    assert len(_run_katex([r"\frac{1}{2", r"\alhpa", "1"])) == 2


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_document_compiles(tmp_path: Path) -> None:
    words = "Signs & marks: 100% of #1_{a}^b ~ <x> \\ $5, é, ☃; " + plain(CELLS[0]) + ", " + plain(EXPANSIONS[1])
    body = [escape(words), *(f"{escape('Formula')} {inline(f)} is {display(f)}" for f in FORMULAS)]
    write_document(tmp_path / "all.tex", "Formulas & 100% of α_K", body)
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path,
                          capture_output=True, text=True, errors="replace", timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000  # two pages with fonts; an empty page has less


def test_prose_is_escaped() -> None:
    assert escape("a_b & 5%") == r"a\_b \& 5\%"
    assert escape("β ☃") == r"\ensuremath{\beta} [U+2603]"
    assert document("T", ["x"]).startswith("\\documentclass")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is a folder"):
        write_document(tmp_path, "T", [])
