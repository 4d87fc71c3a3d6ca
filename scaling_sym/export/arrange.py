"""One door to the arrangement of every exact object: `arrange` picks the function for its type."""

from __future__ import annotations

from fractions import Fraction
from typing import TypeAlias

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import Region
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.export.conditions import arrange_cell, arrange_region, arrange_sign
from scaling_sym.export.formulas import (
    Where,
    arrange_constant,
    arrange_expansion,
    arrange_monomial,
    arrange_ratio,
    arrange_term,
)
from scaling_sym.export.layout import Node

Displayable: TypeAlias = int | Fraction | Ratio | Sign | Cell | Region | Constant | Monomial | Term | Expansion


def arrange(value: Displayable, where: Where = None) -> Node:
    """The layout of any exact object; on the point or cell `where`, printed factors of formulas are positive."""
    match value:
        case Sign():
            return arrange_sign(value)
        case Cell():
            return arrange_cell(value)
        case Region():
            return arrange_region(value)
        case Constant():
            return arrange_constant(value, where)
        case Monomial():
            return arrange_monomial(value, where)
        case Term():
            return arrange_term(value, where)
        case Expansion():
            return arrange_expansion(value, where)
        case _:
            return arrange_ratio(value, where)
