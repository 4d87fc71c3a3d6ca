"""How a printed statement fares on one derived cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from scaling_sym.algebra.ratios import Ratio


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it agrees there, whether the cell lies wholly inside the printed region, the cell, and a point of it.

    `found` says, where it does not agree, what is printed and what is derived: changing a refuted statement changes it.
    """

    agrees: bool
    whole: bool
    cell: list[str]
    witness: dict[str, str]
    found: str = ""


def same_equation(one: Ratio, two: Ratio) -> bool:
    """Whether two expressions vanish together, being equal up to a product of powers of single symbols."""
    if not one or not two:
        return not one and not two
    return all(len(f.monomials()) == 1 for f, _ in (one / two).factors()[1])
