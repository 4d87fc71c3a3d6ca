"""Text of rational functions in the grammar of `algebra.grammar`, factored as on paper: a writer for the layout tree.

`(2*alpha + 2*beta - 1)/(2*alpha + 1)` instead of an expanded quotient; `parse_ratio` reads it back to the same function.

Not covered: anything but rational functions (roots, special functions, words have no place in that grammar).
"""

from __future__ import annotations

from fractions import Fraction

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.export.formulas import Where, arrange_ratio
from scaling_sym.export.layout import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    precedence,
)


def symbolic(value: Ratio | Fraction | int, where: Where = None) -> str:
    """A rational function as text; on the point or cell `where`, each factor is written so that it is positive."""
    return _write(arrange_ratio(value, where))


def _write(node: Node) -> str:
    match node:
        case Number(value):
            return str(value)
        case Symbol(name):
            return name
        case Sum(parts):
            (sign, first), *rest = parts
            start = ("-" if sign == "-" else "") + _within(first, SUM + 1)
            return start + "".join(f" {s} {_within(p, SUM + 1)}" for s, p in rest)
        case Product(factors):
            return "*".join(_within(f, POWER) for f in factors)
        case Quotient(above, below):
            return f"{_within(above, PRODUCT)}/{_within(below, POWER)}"
        case Power(base, Number(value)):
            return f"{_within(base, ATOM)}**{value}"
    raise TypeError(f"{type(node).__name__} has no place in the grammar")


def _within(node: Node, lowest: int) -> str:
    text = _write(node)
    return f"({text})" if precedence(node, True) < lowest else text
