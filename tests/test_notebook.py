"""What notebooks show: the same law in HTML, LaTeX, text and data."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from scaling_sym import notebook as nb
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.asymptotics.model_file import loss_model
from scaling_sym.asymptotics.phases import find_phases
from scaling_sym.errors import BadInputError, OutsideDomainError


def parse(shown: nb.Shown) -> ElementTree.Element:
    return ElementTree.fromstring(shown._repr_html_().replace("&nbsp;", " "))


def test_the_table_of_phases() -> None:
    shown = nb.phases("plrf")
    assert len(parse(shown).findall(".//tbody/tr")) == len(shown.data) == 8
    assert repr(shown).startswith("| phase |")
    assert shown._repr_latex_().startswith(r"\begin{tabular}")
    assert shown.data[0]["phase"] == "Ia"


@pytest.mark.parametrize(("value", "exact"), [("4/5", "4/5"), (0.8, "4/5"), (Fraction(4, 5), "4/5"), ("0.80", "4/5")])
def test_exponents_are_read_exactly(value: nb.Exact, exact: str) -> None:
    shown = nb.exponents("plrf", alpha=value, beta="11/10")
    assert shown.data["at"]["alpha"] == exact
    assert shown.data["loss_exponent"]["exact"] == "11/16"
    assert "f^{-11/16}" in shown.latex
    assert "phase III" in repr(shown)
    assert parse(shown).tag == "table"


def test_a_wall_shows_its_logarithms() -> None:
    assert "loss: (log f)^(2/3)" in nb.exponents("plrf", alpha=1, beta="1/2").html


def test_a_claim_and_its_formula() -> None:
    shown = nb.claim("P-table/II")
    assert shown.data["verdict"] in shown.html
    assert "β/(α+β)" in repr(shown)
    assert nb.expansion("P-table/II").latex in (f"$\\displaystyle {shown.data['latex']}$",)


def test_a_figure_is_drawn_with_its_numbers() -> None:
    shown = nb.figure("pieces", alpha=1, beta="3/4")
    assert shown.html.startswith("<figure><svg")
    assert {row[2] for row in shown.data} >= {"loss", "$F_0$"}


def test_exact_objects_and_ones_own_model() -> None:
    assert nb.show(Ratio.parameter("alpha") / 2).latex == r"$\displaystyle \frac{\alpha}{2}$"
    assert "<math" in nb.show(Cell.parse(["alpha > 0"])).html
    problem = loss_model(terms={"x": "N**(-a)", "y": "D**(-b)"}, resources=["N", "D"], budget="N*D", domain=["a > 0", "b > 0"])
    shown = nb.show(find_phases(problem))
    assert shown.data == [{"phase": 1, "region": ["a > 0", "b > 0"], "limits": ["x", "y"], "loss": "a*b/(a + b)",
                           "N": "b/(a + b)", "D": "a/(a + b)"}]


def test_bad_input_is_one_sentence() -> None:
    for call in (lambda: nb.phases("plfr"), lambda: nb.table("phase"), lambda: nb.exponents("plrf", alpha="x", beta=1),
                 lambda: nb.claim("nosuch"), lambda: nb.figure("phases", alpha=1)):
        with pytest.raises(BadInputError):
            call()
    with pytest.raises(OutsideDomainError):
        nb.exponents("plrf", alpha="1/10", beta="1/10")


def test_the_extension_registers_and_leaves() -> None:
    class Formatter(dict[type, Any]):
        def for_type(self, kind: type, function: Any) -> None:
            self[kind] = function

    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters=defaultdict(Formatter)))
    nb.load_ipython_extension(shell)
    html = shell.display_formatter.formatters["text/html"]
    assert "<mfrac>" in html[Ratio](Ratio.parameter("alpha") / 2)
    nb.unload_ipython_extension(shell)
    assert not html
