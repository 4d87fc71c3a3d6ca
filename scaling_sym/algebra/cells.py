"""Cells of a parameter space: conjunctions of polynomial signs. Data only: no decision is taken here (see `signs`).

A sign condition is stored with its primitive polynomial, so that `1 - 2*beta > 0` and `4*beta - 2 < 0` are the same, and a cell
stores its conditions sorted and without repetition, so that equal conjunctions are equal objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.errors import BadInputError

_FLIP: Final[Mapping[str, str]] = {">": "<", "<": ">", "=": "="}


@final
@dataclass(frozen=True, slots=True)
class Sign:
    """The condition `polynomial relation 0`, with a primitive polynomial and a relation out of `>`, `<`, `=`."""

    polynomial: Ratio
    relation: str

    @staticmethod
    def of(polynomial: Ratio, relation: str = ">") -> Sign:
        """Normalise a condition on any polynomial; raises `BadInputError` for a constant or a quotient."""
        if polynomial.denominator != 1 or polynomial.is_constant or relation not in _FLIP:
            raise BadInputError(f"{str(polynomial)[:60]} {relation} 0 is no sign condition: a polynomial is compared with 0")
        primitive = polynomial.primitive()
        return Sign(primitive, relation if (polynomial / primitive).constant() > 0 else _FLIP[relation])

    @staticmethod
    def parse(text: str) -> Sign:
        """Read `POLY > 0`, `POLY < 0` or `POLY = 0`; raises `BadInputError`."""
        parts = re.split("([<>=])", text) if isinstance(text, str) else []
        if len(parts) != 3 or parts[2].strip() != "0":
            raise BadInputError(f"{str(text)[:60]!r} is not a comparison: POLY > 0, POLY < 0 or POLY = 0 is allowed")
        return Sign.of(parse_ratio(parts[0]), parts[1])

    @property
    def positive(self) -> Ratio:
        """The polynomial that the condition says is positive (for `=`: the polynomial itself)."""
        return -self.polynomial if self.relation == "<" else self.polynomial

    def holds_at(self, point: Point) -> bool:
        """Whether the condition holds at a rational point."""
        value = self.positive.at(point)
        return value == 0 if self.relation == "=" else value > 0

    def __str__(self) -> str:
        return f"{self.polynomial} {self.relation} 0"


@final
@dataclass(frozen=True, slots=True)
class Cell:
    """A conjunction of sign conditions; with none, the whole space."""

    conditions: tuple[Sign, ...] = ()

    @staticmethod
    def of(conditions: Iterable[Sign]) -> Cell:
        """The conjunction of the conditions, sorted and without repetition."""
        return Cell(tuple(sorted(set(conditions), key=lambda s: (s.polynomial.degree, str(s)))))

    @staticmethod
    def parse(texts: Iterable[str]) -> Cell:
        """Read a list of comparisons; raises `BadInputError`."""
        return Cell.of(map(Sign.parse, texts))

    def meet(self, other: Cell) -> Cell:
        """The conjunction of both."""
        return Cell.of((*self.conditions, *other.conditions))

    def contains(self, point: Point) -> bool:
        """Whether every condition holds at a rational point."""
        return all(sign.holds_at(point) for sign in self.conditions)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that occur, in alphabetical order."""
        return tuple(sorted({n for s in self.conditions for n in s.polynomial.names}))

    def texts(self) -> list[str]:
        """The conditions as text, one comparison each."""
        return [str(sign) for sign in self.conditions]
