"""MathML: every formula that is written can be read, and reads as what it was."""

from __future__ import annotations

from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.cli.bundles import PAPERS, open_bundle
from scaling_sym.errors import BadInputError
from scaling_sym.export.explain import explain_step
from scaling_sym.export.latex import latex
from scaling_sym.export.mathml import write_mathml
from scaling_sym.export.prose import Math
from scaling_sym.export.statements import formula
from tests.properties.strategies import ratios


def words(element: ElementTree.Element) -> str:
    """What a screen reader is given: fractions and scripts in words that show the structure."""
    inside = [words(child) for child in element if child.tag != "annotation"]
    match element.tag:
        case "mfrac":
            return f"({inside[0]})/({inside[1]})"
        case "msup" | "mover":
            return f"{inside[0]}^({inside[1]})"
        case "msub" | "munder":
            return f"{inside[0]}_({inside[1]})"
        case "msubsup" | "munderover":
            return f"{inside[0]}_({inside[1]})^({inside[2]})"
        case "msqrt":
            return f"sqrt({''.join(inside)})"
        case "mspace":
            return " "
        case "mtr":
            return "|".join(inside) + ";"
        case _:
            return (element.text or "") + "".join(inside)


def read(text: str) -> str:
    return words(ElementTree.fromstring(write_mathml(text)))


@pytest.mark.parametrize(("text", "said"), [
    (r"\frac{2\alpha+2\beta-1}{2\alpha+1}", "(2α+2β−1)/(2α+1)"),
    (r"F_{pp}^{2}", "F_(pp)^(2)"),
    (r"\sum_{j\le v}j^{-2\alpha}", "∑_(j≤v)j^(−2α)"),
    (r"\Gamma\left(\frac{1}{2\alpha}\right)", "Γ((1)/(2α))"),
    (r"1-1/\sqrt{2}<\alpha<1/2", "1−1/sqrt(2)<α<1/2"),
    (r"\mathcal{P}_\star(f)\asymp f^{-\eta}", "𝒫_(⋆)(f)≍f^(−η)"),
    (r"\begin{aligned}a&=b\\ &\quad +c\end{aligned}", "a|=b;| +c;"),
    (r"\text{Ia, Ib \& none}", "Ia,\u00a0Ib\u00a0&\u00a0none"),
    (r"\int_{0}^{\infty}\frac{x^{-s}}{\kappa+x}\,dx", "∫_(0)^(∞)(x^(−s))/(κ+x) dx"),
    (r"(a+(b-c)^2)^{-x}]", "(a+(b−c)^(2))^(−x)]"),
    (r"(a\left(b\right)", "(a(b)"),
    (r"(0,1]", "(0,1]"),
    (r"\frac12+x^12", "(1)/(2)+x^(1)2"),
    (r"\textstyle a", "a"),
    (r"x^{2}y'", "x^(2)y′"),
])
def test_the_structure_is_kept(text: str, said: str) -> None:
    assert read(text) == said


@pytest.mark.parametrize("text", [
    r"\frac{1}", r"\nosuch x", r"\left(x", r"a_b_c", r"x}", r"\begin{matrix}a\end{matrix}", "{", r"\begin{aligned}a",
    "a & b", "x^", r"\left/x\right/",
])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="cannot be written as MathML"):
        write_mathml(text)


def test_an_annotation_holds_the_latex() -> None:
    found = ElementTree.fromstring(write_mathml(r"a<b", block=True))
    annotation = found.find(".//annotation")
    assert annotation is not None
    assert annotation.text == "a<b"
    assert found.get("display") == "block"


@given(ratios)
def test_every_rational_function_is_read(value: Ratio) -> None:
    text = latex(value)
    assert read(text).count("(") == read(text).count(")")


@given(st.text(alphabet=r"\{}_^&ab1+- fracleftright()[]", max_size=14))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadInputError):
        ElementTree.fromstring(write_mathml(text))


@pytest.mark.parametrize("paper", PAPERS)
def test_every_formula_of_a_bundle_is_read(paper: str) -> None:
    """All claims, and the first step of each rule; `--deep` and the report itself read all steps."""
    bundle = open_bundle(paper=paper)
    numbers, lookup = {s.id: n for n, s in enumerate(bundle.steps, 1)}, {s.id: s for s in bundle.steps}
    first = {s.rule: s for s in reversed(bundle.steps)}
    blocks = [block for step in first.values() for block in explain_step(step, numbers, lookup)]
    parts = [part for block in blocks for part in ((block,) if isinstance(block, Math) else block)]
    shown = [formula(c, bundle) for c in bundle.claims] + [p for p in parts if isinstance(p, Math)]
    assert len(shown) >= len(bundle.claims) + len(first)  # each step shows at least its result
    for math in shown:
        ElementTree.fromstring(write_mathml(math.latex))
