r"""Whether a whole box of measured exponents lies in one phase.

A box is b in [b0, b1], a in [a0, a1] (bordelon2024); with b = 2 alpha and a = 2 alpha + 2 beta it is a parallelogram in the
plane of phases. On it a polynomial is, after b = b0 + (b1-b0) x and a = a0 + (a1-a0) y, a polynomial on the unit square, and its
Bernstein coefficients enclose its values (exactly in rational numbers): all positive, or all negative, decides its sign.
Otherwise the sign is not certain, and the wall where it changes is one that the box straddles, or comes too close to.

Not covered: boxes in parameters other than those of the model `plrf`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Final, TypeAlias

from scaling_sym.algebra.cells import Sign
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.export.rows import PhaseRow, Plane

Interval: TypeAlias = tuple[Fraction, Fraction]
DEPTH: Final = 6
_EXPONENTS: Final = {"alpha": Ratio.parameter("b") / 2, "beta": (Ratio.parameter("a") - Ratio.parameter("b")) / 2}


def phase_of_box(plane: Plane, b: Interval, a: Interval) -> tuple[str | None, str | None]:
    """The name of the phase that contains the box, or None with a sentence that names the walls in question."""
    outside = [s for s in plane.domain.conditions if holds_on_box(negate(s), b, a)]
    if outside:
        return None, f"the measured exponents lie outside the model, which needs {_list([str(s) for s in outside])}"
    for row in plane.phases:
        if all(holds_on_box(s, b, a) for s in row.cell.conditions):
            if row.loss is None:
                return None, f"there is no power law where {_list(row.cell.texts())}"
            return row.name, None
    met = [row for row in plane.phases if _may_meet(row, b, a, DEPTH)]
    walls = list(dict.fromkeys(
        str(s.polynomial) for row in met for s in row.cell.conditions if sign_on_box(s.polynomial, b, a) is None
    ))
    said = f"the uncertainty straddles the wall{'s' * (len(walls) > 1)} {_list([f'{w} = 0' for w in walls])}"
    return None, f"{said}; it meets {_list([row.name for row in met])}" if len(met) > 1 else said


def _may_meet(row: PhaseRow, b: Interval, a: Interval, depth: int) -> bool:
    """Whether some part of the box, cut into quarters so often, is not certainly outside the phase."""
    if any(holds_on_box(negate(s), b, a) for s in row.cell.conditions):
        return False
    if depth == 0 or all(holds_on_box(s, b, a) for s in row.cell.conditions):
        return True
    return any(_may_meet(row, x, y, depth - 1) for x in _halve(b) for y in _halve(a))


def _halve(interval: Interval) -> tuple[Interval, Interval]:
    low, high = interval
    middle = (low + high) / 2
    return (low, middle), (middle, high)


def holds_on_box(sign: Sign, b: Interval, a: Interval) -> bool:
    """Whether a condition certainly holds on the whole box."""
    return sign_on_box(sign.polynomial, b, a) == {">": 1, "<": -1, "=": 0}[sign.relation]


def sign_on_box(polynomial: Ratio, b: Interval, a: Interval) -> int | None:
    """1 or -1 if a polynomial in alpha and beta has this sign on the whole box, None if that is not certain."""
    square = polynomial.substitute(_EXPONENTS).substitute({
        "b": Ratio.of(b[0]) + Ratio.of(b[1] - b[0]) * Ratio.parameter("x"),
        "a": Ratio.of(a[0]) + Ratio.of(a[1] - a[0]) * Ratio.parameter("y"),
    })
    values = _bernstein({(dict(m).get("x", 0), dict(m).get("y", 0)): c for m, c in square.monomials().items()})
    return 1 if min(values) > 0 else -1 if max(values) < 0 else None


def _bernstein(monomials: Mapping[tuple[int, int], Fraction]) -> list[Fraction]:
    """The Bernstein coefficients on the unit square."""
    n, m = (max((key[axis] for key in monomials), default=0) for axis in (0, 1))
    return [
        sum((c * Fraction(comb(i, p) * comb(j, q), comb(n, p) * comb(m, q))
             for (p, q), c in monomials.items() if p <= i and q <= j), Fraction(0))
        for i in range(n + 1) for j in range(m + 1)
    ]


def _list(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
