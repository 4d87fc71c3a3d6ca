"""Certificates of domination: why each dropped term is smaller than one that was kept.

For every dropped term the certificate names a kept one and, ray by ray of the growth cone, either that the rates are equal
or a proof that the difference is positive. The sign of a rational function is proved factor by factor: each irreducible
factor comes with its sign and the weights that prove it on the cell.

Vocabulary. *Rate*: exponent of a term along a ray. *Factor-wise certificate*: a list of (factor, sign, weights).

Not covered: finding the leading terms (`algebra.growth`); this module only proves what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.growth import Growth
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.signs import certify_positive
from scaling_sym.algebra.terms import Term, log_power
from scaling_sym.errors import UndecidedError


def certify_ratio(value: Ratio, cell: Cell) -> list[list[Any]]:
    """A factor-wise certificate of the sign of a non-zero rational function; raises `UndecidedError` without one."""
    proof = []
    for factor, _ in value.factors()[1]:
        for sign in (1, -1):
            weights = certify_positive(factor * sign, cell)
            if weights is not None:
                proof.append([factor, sign, weights])
                break
        else:
            raise UndecidedError(f"the sign of {factor} is not proved on {', '.join(cell.texts())}")
    return proof


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
) -> list[dict[str, Any]]:
    """For each dropped candidate: the index of a kept term that dominates it, and the proof on each ray.

    Raises `UndecidedError` where no kept term is proved to dominate.
    """
    proofs = []
    for term in candidates:
        if any(term is k or (term.monomial, term.logs, term.constant) == (k.monomial, k.logs, k.constant) for k in kept):
            continue
        proofs.append(_certify_one(term, kept, growth, cell))
    return proofs


def _certify_one(term: Term, kept: Sequence[Term], growth: Growth, cell: Cell) -> dict[str, Any]:
    for index, other in enumerate(kept):
        try:
            rays = [_certify_ray(term, other, ray, cell) for ray in growth.rays]
        except UndecidedError:
            continue
        if any(r is not None for r in rays):
            return {"monomial": term.monomial, "logs": [[m, k] for m, k in term.logs], "by": index, "rays": rays}
    raise UndecidedError(f"no kept term is proved to dominate {term.monomial}")


def _certify_ray(term: Term, other: Term, ray: Any, cell: Cell) -> list[Any] | None:
    """`None` for a tie, else the factor-wise certificate; behind the word "log" where the powers of log decide."""
    difference = other.monomial.rate(ray) - term.monomial.rate(ray)
    if not difference:
        difference, tie = log_power(other.logs, ray) - log_power(term.logs, ray), True
    else:
        tie = False
    if not difference:
        return None
    proof = certify_ratio(difference, cell)
    sign = 1 if difference.factors()[0] > 0 else -1
    for (_, s, _), (_, power) in zip(proof, difference.factors()[1], strict=True):
        sign *= s if power % 2 else 1
    if sign < 0:
        raise UndecidedError("the dropped term is the larger one")
    return ["log", proof] if tie else proof
