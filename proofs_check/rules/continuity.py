"""Rule `continuity`: what happens across one wall.

Checked: the two cells lie on opposite sides of the polynomial; along the given segment no other condition of theirs vanishes
(Bernstein coefficients of one sign), so that they meet on the wall; the difference of the loss exponents is the wall's
polynomial times a function without a pole there; for the sizes the same, or, where a jump is claimed, the opposite.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb
from typing import Any

from proofs_check.framework import Context, demand
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.codec import decode_cell, decode_fraction, decode_ratio


def check(context: Context) -> None:
    """Verify sides, segment and quotients."""
    body, (left, right) = context.step.conclusion, context.premises
    wall = decode_ratio(body["polynomial"])
    demand(left.rule == right.rule == "optimum" and wall == wall.primitive(), "two optima meet on a primitive polynomial")
    _check_segment(context, wall, decode_cell(left.cell), decode_cell(right.cell))
    losses = [decode_ratio(p.conclusion["loss"]) for p in (left, right)]
    if all(losses):
        demand(body["loss_quotient"] is not None, "the loss exponent must not jump")
    _check_quotient(losses[0] - losses[1], wall, body["loss_quotient"], "loss")
    for name, quotient in body["size_quotients"].items():
        one, two = (decode_ratio(p.conclusion["sizes"][name]) for p in (left, right))
        _check_quotient(one - two, wall, quotient, name)
    demand(set(body["size_quotients"]) == set(left.conclusion["sizes"]), "every size is wanted")


def _check_quotient(difference: Ratio, wall: Ratio, quotient: Any, what: str) -> None:
    claimed = difference / wall if quotient is None else decode_ratio(quotient)
    demand(claimed * wall == difference, f"{what}: the difference is not the wall times the quotient")
    pole = any(f == wall for f, e in claimed.factors()[1] if e < 0)
    demand(pole == (quotient is None), f"{what}: continuity across the wall is stated wrongly")


def _check_segment(context: Context, wall: Ratio, left: Cell, right: Cell) -> None:
    first, second = ({n: decode_fraction(x) for n, x in p.items()} for p in context.step.certificate["segment"])
    sides = {(left.contains(first), right.contains(second)), (right.contains(first), left.contains(second))}
    demand((True, True) in sides, "the segment does not join the two cells")
    demand(wall.at(first) * wall.at(second) < 0, "the segment does not cross the wall")
    for sign in {*left.conditions, *right.conditions}:
        if sign.polynomial != wall:
            coefficients = bernstein(sign.polynomial, first, second)
            one_sign = all(c > 0 for c in coefficients) or all(c < 0 for c in coefficients)
            demand(one_sign, f"the segment may cross {sign.polynomial} = 0 too")


def bernstein(polynomial: Ratio, first: Mapping[str, Fraction], second: Mapping[str, Fraction]) -> list[Fraction]:
    """The Bernstein coefficients on [0, 1] of a polynomial along a segment; the polynomial lies in their hull."""
    t = Ratio.parameter("t")
    along = polynomial.substitute({n: Ratio.of(first[n]) + t * (second[n] - first[n]) for n in polynomial.names})
    plain = {dict(m).get("t", 0): c for m, c in along.monomials().items()}
    n = max([*plain, 1]) + 2
    return [
        sum((plain.get(i, Fraction(0)) * Fraction(comb(k, i), comb(n, i)) for i in range(k + 1)), Fraction(0))
        for k in range(n + 1)
    ]
