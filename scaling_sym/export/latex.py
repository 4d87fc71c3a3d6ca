r"""LaTeX of exact objects, such as `\frac{2\alpha+2\beta-1}{2\alpha+1}`: one writer for the layout tree.

Uses only what amsmath and KaTeX share. Fractions are stacked on the line and slashed in exponents and indices, where
stacked ones are too small to read. The form is canonical: equal objects give equal text.

Not covered: breaking a long formula over lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from scaling_sym.export.arrange import Displayable, arrange
from scaling_sym.export.formulas import Where
from scaling_sym.export.layout import (
    POWER,
    PRODUCT,
    SUM,
    Call,
    Chain,
    Integral,
    Listing,
    Mark,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Words,
    is_tall,
    precedence,
)
from scaling_sym.export.letters import GREEK, split_name

_MARKS: Final = {"pi": r"\pi", "euler": r"\gamma_{\mathrm{E}}", "infinity": r"\infty"}
_FUNCTIONS: Final = {"gamma": r"\Gamma", "zeta": r"\zeta", "sin": r"\sin", "log": r"\log", "kappa": r"\kappa", "O": "O"}
_OPERATORS: Final = ("sin", "log")
_SIGNS: Final = {"+": "+", "-": "-", "±": r"\pm "}
_WORDS: Final = (r"\mathrm", r"\mathtt")
_ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+$")


def latex(value: Displayable, where: Where = None) -> str:
    """LaTeX (math mode) of an exact object; on the point or cell `where`, printed factors are positive."""
    return write_latex(arrange(value, where))


def write_latex(node: Node, inline: bool = False) -> str:
    """LaTeX of a layout tree; `inline` writes fractions with a slash."""
    match node:
        case Number(value):
            return str(value)
        case Symbol(name):
            return write_name(name)
        case Mark(name):
            return _MARKS[name]
        case Sum(parts):
            return _write_sum(parts, inline)
        case Product(factors):
            return _juxtapose([_within(f, PRODUCT, inline) for f in factors])
        case Quotient(above, below) if inline:
            return f"{_within(above, PRODUCT, True)}/{_within(below, POWER, True)}"
        case Quotient(above, below):
            return rf"\frac{{{write_latex(above)}}}{{{write_latex(below)}}}"
        case Power(base, exponent):
            return _write_power(base, exponent, inline)
        case Root(inside):
            return rf"\sqrt{{{write_latex(inside, inline)}}}"
        case Call(function, arguments, index):
            return _write_head(function, index) + _bracket(arguments, inline)
        case Integral():
            return _write_integral(node)
        case Chain(sides, relation):
            return _juxtapose([write_latex(s, inline) for s in sides], relation)
        case Listing(items, joint):
            mark = r",\ " if joint == "and" else rf"\ \text{{{joint}}}\ "
            return mark.join(write_latex(item, inline) for item in items)
        case Words(text):
            return rf"\text{{{text}}}"


def write_name(name: str) -> str:
    """LaTeX of a name: Greek by its English name, what follows `_` or a final number as index; a final `_` is a prime."""
    if name.endswith("_") and not name.startswith("_") and not name.endswith("__"):
        return write_name(name[:-1]) + "'"
    if name.startswith("_") or "__" in name or name.endswith("_") or name.count("_") > 1:
        return rf"\mathtt{{{name.replace('_', chr(92) + '_')}}}"
    head, index = split_name(name)
    letter = _write_word(head, 1)
    return rf"{letter}_{{{_write_word(index, 2)}}}" if index else letter


def _write_word(word: str, most: int) -> str:
    """Greek, or italic up to `most` letters; longer words stand upright, lest they read as products."""
    if word in GREEK:
        return rf"\{word}"
    return word if len(word) <= most or word.isdigit() else rf"\mathrm{{{word}}}"


def _within(node: Node, lowest: int, inline: bool) -> str:
    """The text of a child, in brackets where it holds together less tightly than `lowest`."""
    return _bracket((node,), inline) if precedence(node, inline) < lowest else write_latex(node, inline)


def _bracket(nodes: Sequence[Node], inline: bool) -> str:
    inside = ",".join(write_latex(n, inline) for n in nodes)
    tall = any(is_tall(n, inline) for n in nodes)
    return rf"\left({inside}\right)" if tall else f"({inside})"


def _write_sum(parts: Sequence[tuple[str, Node]], inline: bool) -> str:
    texts = [_SIGNS[sign] + _within(part, SUM + 1, inline) for sign, part in parts]
    return "".join(texts).removeprefix("+")


def _write_power(base: Node, exponent: Node, inline: bool) -> str:
    raised = f"^{{{write_latex(exponent, True)}}}"
    if isinstance(base, Call) and base.function in _OPERATORS:
        return _write_head(base.function, base.index) + raised + _bracket(base.arguments, inline)
    stacked = isinstance(base, Power | Quotient)
    return (_bracket((base,), inline) if stacked else _within(base, POWER + 1, inline)) + raised


def _write_head(function: str, index: Node | None) -> str:
    return _FUNCTIONS[function] + ("" if index is None else f"_{{{write_latex(index, True)}}}")


def _write_integral(node: Integral) -> str:
    low, high = write_latex(node.low, True), write_latex(node.high, True)
    return rf"\int_{{{low}}}^{{{high}}}{write_latex(node.integrand)}\,d{write_latex(node.variable)}"


def _juxtapose(texts: Sequence[str], mark: str = "") -> str:
    r"""Texts side by side: a space ends a command before a letter, `\cdot` keeps numbers apart, `\,` words."""
    result = texts[0]
    for before, text in pairwise(texts):
        if mark:
            result += mark
        elif before[-1].isdigit() and text[0].isdigit():
            result += r"\cdot "
        elif before.startswith(_WORDS) or text.startswith(_WORDS):
            result += r"\,"
        elif _ENDS_IN_COMMAND.search(before) and text[0].isalpha():
            result += " "
        result += text
    return result
