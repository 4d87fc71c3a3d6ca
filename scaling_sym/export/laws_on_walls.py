"""Laws of the mean-field model on walls and in corners of the (a, b) plane, as they stand in its bundle.

A claim of kind `law-on-wall` gives its place (a, or b, or both, in terms of what is left free), the other conditions, the power
and the power of the logarithm of what grows. At a rational point the place with the most values given is the one that counts: a
corner before the walls that cross there.

Not covered: places without such a claim; what is said about them is `undecided`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.export.prose import Math, show, show_region

UNDECIDED: Final = "undecided: no law is derived on this wall"


@final
@dataclass(frozen=True, slots=True)
class WallLaw:
    """One law on one wall: `log` is the power of the logarithm, positive where it makes the quantity larger."""

    quantity: str
    wall: Mapping[str, Ratio]
    cell: Cell
    power: Mapping[str, Ratio]
    log: Ratio
    constant: Constant | None
    claim: Claim

    @property
    def grows(self) -> str:
        """The resource whose logarithm is meant: the time in a correction."""
        return "t" if len(self.power) > 1 else next(iter(self.power))

    @property
    def term(self) -> Term:
        """Power, logarithm and, where it is determined, constant."""
        logs = ((Monomial.of({self.grows: 1}), self.log),) if self.log else ()
        return Term(Monomial.of(dict(self.power)), self.constant or Constant(), logs)

    def holds_at(self, point: Point) -> bool:
        """Whether the point lies on the wall, where the law holds."""
        try:
            return all(x.at(point) == point[n] for n, x in self.wall.items()) and self.cell.contains(point)
        except ZeroDivisionError:
            return False


def read_wall_laws(bundle: Bundle) -> list[WallLaw]:
    """All laws on walls, in the order of the bundle; raises `BadInputError` for a malformed one."""
    rows = []
    for c in bundle.claims:
        if c.kind == "law-on-wall":
            said = c.statement
            power = {n: parse_ratio(e) for n, e in said["power"].items()}
            wall = {n: parse_ratio(x) for n, x in said["wall"].items()}
            constant = None if said["constant"] is None else decode_constant(said["constant"])
            rows.append(WallLaw(said["quantity"], wall, decode_cell(c.region), power, parse_ratio(said["log"]), constant, c))
    return rows


def find_wall_law(rows: Sequence[WallLaw], quantity: str, point: Point) -> WallLaw | None:
    """The law of a quantity at a point on a wall; `None` where there is none."""
    found = [r for r in rows if r.quantity == quantity and r.holds_at(point)]
    return max(found, key=lambda r: len(r.wall), default=None)


def show_place(law: WallLaw) -> Math:
    """a = b + 1, b > 1."""
    parts = []
    for name, value in sorted(law.wall.items()):
        left, right = show(Ratio.parameter(name)), show(value)
        parts.append(Math(f"{left.latex}={right.latex}", f"{left.plain} = {right.plain}"))
    if law.cell.conditions:
        parts.append(show_region(law.cell.texts()))
    return Math(r",\ ".join(p.latex for p in parts), ", ".join(p.plain for p in parts))
