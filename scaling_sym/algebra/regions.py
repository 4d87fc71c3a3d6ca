"""Regions of a parameter space: finite unions of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.ratios import Point


@final
@dataclass(frozen=True, slots=True)
class Region:
    """A finite union of cells; with none, the empty set."""

    cells: tuple[Cell, ...]

    @staticmethod
    def of(*cells: Cell) -> Region:
        """The union of the cells, in the order given."""
        return Region(tuple(dict.fromkeys(cells)))

    def meet(self, cell: Cell) -> Region:
        """The part inside `cell`."""
        return Region.of(*(c.meet(cell) for c in self.cells))

    def contains(self, point: Point) -> bool:
        """Whether the point lies in one of the cells."""
        return any(cell.contains(point) for cell in self.cells)


def negate(sign: Sign) -> Sign:
    """The opposite of a strict condition; the wall between the two belongs to neither. An equality is left as it is."""
    return sign if sign.relation == "=" else Sign.of(-sign.positive)
