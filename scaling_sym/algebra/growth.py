"""Which terms dominate which: growth cones and absorption.

How resources grow together is a `Growth`: the cone, in the logarithms of the resources, spanned by finitely many
*rays*. The window d^(-2 alpha) << u << 1 with d -> infinity, for instance, has the rays (d, u) = (1, 0) and
(1, -2 alpha). A monomial is dominated by another in the whole cone iff it is so on every ray, because logarithms of
monomials are linear. *Absorption* removes the dominated terms; it is the one operation that loses information, and it
only ever acts on certified comparisons (`signs.compare_exponents`).

Not covered: cones with infinitely many extreme rays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Order, compare_exponents, implied
from scaling_sym.algebra.terms import Term, log_power
from scaling_sym.errors import UndecidedError


class SplitNeededError(UndecidedError):
    """A comparison turns on the sign of `polynomial` on the cell at hand: the caller splits the cell by it."""

    def __init__(self, polynomial: Ratio) -> None:
        super().__init__(f"a comparison turns on the sign of {polynomial}")
        self.polynomial = polynomial


@final
@dataclass(frozen=True, slots=True)
class Growth:
    """The cone in which the resources grow: one mapping resource -> rate for each ray."""

    rays: tuple[Mapping[str, Ratio], ...]

    @property
    def middle(self) -> Mapping[str, Ratio]:
        """A ray inside the cone: the sum of its rays."""
        return {n: sum((ray.get(n, Ratio.of(0)) for ray in self.rays), Ratio.of(0)) for ray in self.rays for n in ray}

    def compare(self, left: Term, right: Term, cell: Cell, names: Sequence[str]) -> Order | None:
        """How `left` compares with `right` in the whole open cone; `None` where the rays disagree.

        Along a ray on which the powers tie, logarithms whose argument grows there decide. Raises `SplitNeededError`
        where an exponent has no certified sign on the cell.
        """
        orders = {self._compare_on_ray(left, right, ray, cell, names) for ray in self.rays}
        if orders == {Order.EQUAL}:
            return Order.EQUAL if left.logs == right.logs else None
        tie = not any(left.monomial.rate(ray) - right.monomial.rate(ray) for ray in self.rays)
        # powers of logarithms do not add up: log d and log(d/theta) tie but on the edge theta = d
        if tie and self._compare_on_ray(left, right, self.middle, cell, names) not in orders - {Order.EQUAL}:
            return None
        if orders <= {Order.LESS, Order.EQUAL}:
            return Order.LESS
        if orders <= {Order.GREATER, Order.EQUAL}:
            return Order.GREATER
        return None

    def _compare_on_ray(
        self, left: Term, right: Term, ray: Mapping[str, Ratio], cell: Cell, names: Sequence[str]
    ) -> Order:
        result = compare_exponents(left.monomial.rate(ray), right.monomial.rate(ray), cell, names)
        if result.order is Order.SPLIT:
            assert result.polynomial is not None
            raise SplitNeededError(result.polynomial)
        if result.order is not Order.EQUAL:
            return result.order
        logs = compare_exponents(log_power(left.logs, ray), log_power(right.logs, ray), cell, names)
        if logs.order is Order.SPLIT:
            assert logs.polynomial is not None
            raise SplitNeededError(logs.polynomial)
        return logs.order


def absorb(expansion: Expansion, growth: Growth, cell: Cell, names: Sequence[str]) -> Expansion:
    """Drop every term and every error that another one dominates in the whole cone.

    What is dropped in favour of another term goes to the errors (of which the leading ones are kept), so that the
    result is still true when the leading terms cancel later. A comparison that has no certified answer on the cell
    matters only where nothing else dominates; then `SplitNeededError` names the polynomial by which to split the cell.
    """
    kept = leading_terms((*expansion.terms, *expansion.errors), growth, cell, names)
    terms = tuple(t for t in expansion.terms if any(t is k for k in kept))
    dropped = [t for t in expansion.terms if not any(t is k for k in kept)]
    bounds = {(e.monomial, e.logs, e.cell): e for e in (*dropped, *expansion.errors)}
    return Expansion(terms, tuple(leading_terms(bounds.values(), growth, cell, names)))


def leading_terms(terms: Iterable[Term], growth: Growth, cell: Cell, names: Sequence[str]) -> list[Term]:
    """The terms that no other dominates, in their order; of terms that tie in every respect all are kept.

    A term that is not proved to be valid on all of `cell` dominates nothing.
    """
    kept: list[Term] = []
    for term in terms:
        if not _dominated(term, kept, growth, cell, names):
            kept = [k for k in kept if not _dominated(k, [term], growth, cell, names)]
            kept.append(term)
    return kept


def _dominated(term: Term, others: Sequence[Term], growth: Growth, cell: Cell, names: Sequence[str]) -> bool:
    undecided: SplitNeededError | None = None
    for other in others:
        if not _covers(other.cell, cell):
            continue
        try:
            if growth.compare(term, other, cell, names) is Order.LESS:
                return True
        except SplitNeededError as split:
            undecided = split
    if undecided is not None:
        raise undecided
    return False


def _covers(outer: Cell, inner: Cell) -> bool:
    """Whether every condition of `outer` is proved on `inner`."""
    return all(sign in inner.conditions or implied(sign, inner) is not None for sign in outer.conditions)
