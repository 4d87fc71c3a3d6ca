"""Certificates of domination: why each dropped term is smaller than one that was kept.

For every dropped term the certificate names a kept one and, ray by ray of the growth cone,
says that the rates are equal or proves that the difference is positive. The sign of a rational function is proved factor by
factor: for each irreducible factor, above and below the line, there are weights that prove on the cell that it, or its negative,
is positive; a factor to a higher power stands there several times.

Vocabulary. *Rate*: exponent of a term along a ray. *Certificate of a sign*: [weights above the line, weights below it].

Not covered: finding the leading terms (`algebra.growth`); this module only proves what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.growth import Growth
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.signs import Weights, certify_positive
from scaling_sym.algebra.terms import Term, log_power
from scaling_sym.errors import UndecidedError


def certify_ratio(value: Ratio, cell: Cell) -> list[list[Weights]]:
    """A certificate of the sign of a non-zero rational function; raises `UndecidedError` without one."""
    return _certify_sign(value, cell)[1]


def _certify_sign(value: Ratio, cell: Cell) -> tuple[int, list[list[Weights]]]:
    """The sign, and the weights for the factors above and below the line; the first of them carry the content."""
    content, factors = value.factors()
    sign, above, below = 1 if content > 0 else -1, list[Weights](), list[Weights]()
    for factor, power in factors:
        positive, negative = (certify_positive(factor * s, cell) for s in (1, -1))
        weights = positive or negative
        if weights is None:
            raise UndecidedError(f"the sign of {factor} is not proved on {', '.join(cell.texts())}")
        sign *= -1 if negative and power % 2 else 1
        (above if power > 0 else below).extend([weights] * abs(power))
    if abs(content) != 1:
        first, *rest = above or [(((0,) * len(cell.conditions), Fraction(1)),)]
        above = [tuple((powers, w * abs(content)) for powers, w in first), *rest]
    return sign, [above, below]


def order_by_size(terms: Sequence[Term], growth: Growth, cell: Cell, names: Sequence[str]) -> list[Term]:
    """The terms with the probably largest first (by rates at one point of the cell), so that few comparisons suffice."""
    points = sample_cell(cell, names)
    if not points:
        return list(terms)
    point = points[len(points) // 2]

    def size(term: Term) -> tuple[Any, ...]:
        """A key that puts what grows most first."""
        rates = [term.monomial.rate(ray).at(point) for ray in growth.rays]
        return -sum(rates), -max(rates), str(term)

    return sorted(terms, key=size)


def certify_absorption(
    candidates: Sequence[Term], kept: Sequence[Term], growth: Growth, cell: Cell
) -> list[dict[str, Any] | None]:
    """For each candidate `None`, if its powers are kept, else which kept candidate dominates it, and the proof on each ray.

    Raises `UndecidedError` where no kept term is proved to dominate.
    """
    powers = {(k.monomial, k.logs) for k in kept}
    stays = [(term.monomial, term.logs) in powers for term in candidates]
    staying = [term for term, one in zip(candidates, stays, strict=True) if one]
    return [None if one else _certify_one(term, staying, growth, cell)
            for term, one in zip(candidates, stays, strict=True)]


def _certify_one(term: Term, kept: Sequence[Term], growth: Growth, cell: Cell) -> dict[str, Any]:
    for place, other in enumerate(kept):
        try:
            rays = [_certify_ray(term, other, ray, cell) for ray in growth.rays]
        except UndecidedError:
            continue
        if any(r is not None for r in rays):
            return {"by": place, "rays": rays}
    raise UndecidedError(f"no kept term is proved to dominate {term.monomial}")


def _certify_ray(term: Term, other: Term, ray: Any, cell: Cell) -> list[list[Weights]] | None:
    """`None` for a tie, else the certificate that the powers differ, or where they tie the powers of logarithms."""
    difference = other.monomial.rate(ray) - term.monomial.rate(ray)
    difference = difference or log_power(other.logs, ray) - log_power(term.logs, ray)
    if not difference:
        return None
    sign, proof = _certify_sign(difference, cell)
    if sign < 0:
        raise UndecidedError("the dropped term is the larger one")
    return proof
