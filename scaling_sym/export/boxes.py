r"""Whether a whole box of measured exponents lies in one phase.

A box is b in [b0, b1], a in [a0, a1] (bordelon2024); with b = 2 alpha and a = 2 alpha + 2 beta it is a parallelogram in the
plane of phases. On it a polynomial is, after b = b0 + (b1-b0) x and a = a0 + (a1-a0) y, a polynomial on the unit square, and its
Bernstein coefficients enclose its values (exactly in rational numbers): all positive, or all negative, decides its sign.
Otherwise the sign is not certain, and the wall where it changes is one that the box straddles, or comes too close to.

Not covered: boxes in parameters other than those of the model `plrf`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb
from typing import TypeAlias

from scaling_sym.algebra.cells import Sign
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.export.rows import PhaseRow, Plane

Interval: TypeAlias = tuple[Fraction, Fraction]
_EXPONENTS = {"alpha": Ratio.parameter("b") / 2, "beta": (Ratio.parameter("a") - Ratio.parameter("b")) / 2}


def phase_of_box(plane: Plane, b: Interval, a: Interval) -> tuple[str | None, str | None]:
    """The name of the phase that contains the box, or None with a sentence that names the walls in question."""
    outside = [s for s in plane.domain.conditions if sign_on_box(s.polynomial, b, a) is not None and not holds_on_box(s, b, a)]
    if outside:
        return None, f"the measured exponents lie outside the model, which needs {_list(str(s) for s in outside)}"
    possible = [row for row in plane.phases if not _excluded(row, b, a)]
    for row in possible:
        if all(holds_on_box(s, b, a) for s in row.cell.conditions):
            if row.loss is None:
                return None, f"there is no power law where {', '.join(row.cell.texts())}"
            return row.name, None
    walls = dict.fromkeys(
        str(s.polynomial) for row in possible for s in row.cell.conditions if sign_on_box(s.polynomial, b, a) is None
    )
    return None, (f"the uncertainty straddles {'the walls' if len(walls) > 1 else 'the wall'} "
                  f"{_list(f'{w} = 0' for w in walls)}, between {_list(r.name for r in possible)} and beyond"
                  if len(possible) < 2 else
                  f"the uncertainty straddles {'the walls' if len(walls) > 1 else 'the wall'} "
                  f"{_list(f'{w} = 0' for w in walls)}: it meets the phases {_list(r.name for r in possible)}")


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


def _excluded(row: PhaseRow, b: Interval, a: Interval) -> bool:
    return any(sign_on_box(s.polynomial, b, a) is not None and not holds_on_box(s, b, a) for s in row.cell.conditions)


def _list(texts: object) -> str:
    words = list(texts)  # type: ignore[call-overload]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
