"""Unicode text of exact objects for the terminal, such as (2α+2β−1)/(2α+1): one writer for the layout tree.

Fractions are slashed; whole exponents are raised where Unicode has the digits, others follow ^. Letters stand side by
side as on paper; a dot keeps names of several letters apart. For text that programs read, use `str`.

Not covered: indices below the line other than after an underscore.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from scaling_sym.export.arrange import Displayable, arrange
from scaling_sym.export.formulas import Where
from scaling_sym.export.layout import (
    ATOM,
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
    precedence,
)
from scaling_sym.export.letters import GREEK, split_name

_MARKS: Final = {"pi": "π", "euler": "γ_E", "infinity": "∞"}
_FUNCTIONS: Final = {"gamma": "Γ", "zeta": "ζ", "sin": "sin", "log": "log", "kappa": "κ", "O": "O"}
_SIGNS: Final = {"+": "+", "-": "−", "±": "±"}
_RAISED: Final = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def plain(value: Displayable, where: Where = None) -> str:
    """Unicode text of an exact object; on the point or cell `where`, printed factors are positive."""
    return write_plain(arrange(value, where))


def write_plain(node: Node) -> str:
    """Unicode text of a layout tree."""
    match node:
        case Number(value):
            return str(value)
        case Symbol(name):
            return write_name(name)
        case Mark(name):
            return _MARKS[name]
        case Sum(parts):
            return "".join(_SIGNS[sign] + _within(part, SUM + 1) for sign, part in parts).removeprefix("+")
        case Product(factors):
            return _juxtapose(factors)
        case Quotient(above, below):
            return f"{_within(above, PRODUCT)}/{_within(below, POWER)}"
        case Power(base, exponent):
            return _within(base, ATOM) + _write_exponent(exponent)
        case Root(inside):
            return "√" + _within(inside, ATOM)
        case Call(function, arguments, index):
            mark = "" if index is None else f"_{_within(index, ATOM)}"
            return f"{_FUNCTIONS[function]}{mark}({', '.join(map(write_plain, arguments))})"
        case Integral(integrand, variable, low, high):
            ends = f"_{_within(low, ATOM)}^{_within(high, ATOM)}"
            return f"∫{ends} {write_plain(integrand)} d{write_plain(variable)}"
        case Chain(sides, relation):
            return f" {relation} ".join(map(write_plain, sides))
        case Listing(items, joint):
            return (", " if joint == "and" else f" {joint} ").join(map(write_plain, items))
        case Words(text):
            return text


def write_name(name: str) -> str:
    """A name with its Greek letters; an index follows an underscore, a final number stays where it is."""
    if name.endswith("_") and not name.startswith("_") and not name.endswith("__"):
        return write_name(name[:-1]) + "′"
    head, index = split_name(name)
    mark = "_" if "_" in name and index else ""
    return GREEK.get(head, head) + mark + GREEK.get(index, index)


def _within(node: Node, lowest: int) -> str:
    text = write_plain(node)
    return f"({text})" if precedence(node, True) < lowest else text


def _write_exponent(exponent: Node) -> str:
    match exponent:
        case Number() | Sum((("-", Number()),)):
            return write_plain(exponent).translate(_RAISED)
        case _:
            return "^" + _within(exponent, ATOM)


def _juxtapose(factors: Sequence[Node]) -> str:
    """Factors side by side; a dot where two of them would run together."""
    result = _within(factors[0], POWER)
    for before, after in pairwise(factors):
        text = _within(after, POWER)
        result += text if _is_short(before) and _starts_anew(after, text) else "·" + text
    return result


def _is_short(node: Node) -> bool:
    """Whether a factor ends so that the next one may follow at once: a number, one letter, whole powers, brackets."""
    match node:
        case Number() | Mark("pi"):
            return True
        case Symbol(name):
            return len(write_name(name)) == 1
        case Power(base, Number()):
            return _is_short(base)
        case _:
            return precedence(node, True) < POWER


def _starts_anew(node: Node, text: str) -> bool:
    """Whether a factor begins with a single letter, a bracket or a capital function, and not with a digit."""
    match node:
        case Symbol() | Power(Symbol(), _):
            return len(text) == 1 or not (text[1].isalnum() or text[1] == "_") or text[1] in "⁰¹²³⁴⁵⁶⁷⁸⁹"
        case Call(function):
            return function in ("gamma", "zeta")
        case _:
            return not text[0].isdigit()


