"""Powers of log f at the optimum, on walls where terms tie or carry logarithms.

Algorithm. On a wall the optimum at the level of powers is degenerate: more terms tie than are needed. Write each resource
as f^x L^y with L = log f and x the common optimum. A tied term then is f^(-eta) L^(e.y + k), where k counts the logarithms
whose argument grows like a power of f; the budget gives g.y = 0. Minimising max_i (e_i.y + k_i) is a second linear
programme, with multipliers mu >= 0, sum mu_i e_i = nu g + ..., that prove its value sum mu_i k_i.

A logarithm whose argument does *not* grow like a power of f (argument f^0) is log of a power of L: if its argument grows
at the optimum y and its term is one of those that tie there, the law contains log log f, and the answer is *iterated*. If
the argument stands still, the factor is of order one. Learning rates that decay like 1/log d enter as *derived* resources.

Vocabulary. *Tied* terms: those of exponent -eta at x. *Offset*: k. *Iterated*: the law contains log log f.

Where one tied term alone is proportional to the cost, it bounds the loss by itself, and sizes are not unique: on such walls
the powers of the resources are only a witness that the bound is attained.

Not covered: optima at which a resource does not grow; walls on which neither is the case (`None` is returned).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import final

from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.optimum import Budget, solve_linear


@final
@dataclass(frozen=True, slots=True)
class LogOptimum:
    """Powers of log f: of the loss and of each resource, with the terms that prove them and their multipliers."""

    loss: Ratio
    sizes: Mapping[str, Ratio]
    tied: tuple[Term, ...]
    offsets: tuple[Ratio, ...]
    basis: tuple[int, ...]
    multipliers: tuple[Ratio, ...]
    iterated: bool
    terms: tuple[Term, ...] = ()
    first: Mapping[str, Ratio] = field(default_factory=dict)
    power: Ratio = field(default_factory=lambda: Ratio.of(0))

    @property
    def places(self) -> list[int]:
        """The places of the basis among all terms."""
        return [next(i for i, t in enumerate(self.terms) if t is self.tied[j]) for j in self.basis]

    @property
    def gaps(self) -> list[Ratio]:
        """What each term lacks to the loss: in powers of f, and where these tie in powers of log f."""
        slacks = {id(t): self.loss - t.monomial.rate(self.sizes) - k for t, k in zip(self.tied, self.offsets, strict=True)}
        return [slacks[id(t)] if id(t) in slacks else -self.power - t.monomial.rate(self.first) for t in self.terms]

    @property
    def is_unique(self) -> bool:
        """Whether the powers of the resources are determined, and not only those of the loss."""
        return len(self.basis) > 1

    def conditions(self, budget: Budget) -> list[Ratio]:
        """What must be non-negative: multipliers, and the slacks of the tied terms."""
        slacks = [self.loss - t.monomial.rate(self.sizes) - k for t, k in zip(self.tied, self.offsets, strict=True)]
        assert not budget.cost.rate(self.sizes)
        return [*self.multipliers, *slacks]


def tied_terms(terms: Sequence[Term], sizes: Mapping[str, Ratio], loss: Ratio) -> tuple[Term, ...]:
    """The terms whose exponent at the given sizes is that of the loss, identically."""
    return tuple(t for t in terms if t.monomial.rate(sizes) + loss == 0)


def find_log_optimum(
    terms: Sequence[Term], resources: Sequence[str], budget: Budget, sizes: Mapping[str, Ratio], loss: Ratio,
    derived: Mapping[str, Term], point: Point,
) -> LogOptimum | None:
    """The log powers at the optimum `sizes`; the basis is chosen at a rational point of the wall.

    `None` where the second programme is unbounded or has no such basis at the point.
    """
    tied = tied_terms(terms, sizes, loss)
    first = {**sizes, **{n: t.monomial.rate(sizes) for n, t in derived.items()}}
    offsets = tuple(_offset(t, first) for t in tied)
    about = (tuple(terms), dict(sizes), loss)
    for basis in combinations(range(len(tied)), len(resources) - len(budget.fixed)):
        found = _solve(tied, offsets, basis, resources, budget)
        if found is None:
            continue
        loss_power, powers, multipliers = found
        candidate = LogOptimum(loss_power, powers, tied, offsets, basis, multipliers, False)
        values = [c.at(point) for c in candidate.conditions(budget)]
        if min(values) < 0 or any(m.at(point) == 0 for m in multipliers):
            continue
        iterated = _is_iterated(candidate, first, derived, point)
        return LogOptimum(loss_power, powers, tied, offsets, basis, multipliers, iterated, *about)
    alone = _bound_by_one(tied, offsets, resources, budget, point)
    if alone is None:
        return None
    return replace(alone, iterated=_is_iterated(alone, first, derived, point), terms=about[0], first=about[1], power=loss)


def _bound_by_one(
    tied: Sequence[Term], offsets: Sequence[Ratio], resources: Sequence[str], budget: Budget, point: Point
) -> LogOptimum | None:
    """One tied term that is proportional to the cost, with powers of the resources at which no other one exceeds it."""
    one, zero = Ratio.of(1), Ratio.of(0)
    for i, term in enumerate(tied):
        if len({str(term.monomial.exponent(n) / budget.cost.exponent(n)) for n in resources}) != 1 or len(resources) != 2:
            continue
        head, tail = resources
        slope = -budget.cost.exponent(head) / budget.cost.exponent(tail)
        steps = [zero]
        for other, offset in zip(tied, offsets, strict=True):  # where another one exceeds it at y = 0, y up to where they tie
            rate = other.monomial.exponent(head) + other.monomial.exponent(tail) * slope
            if rate and (offset - offsets[i]).at(point) > 0:
                steps.append((offsets[i] - offset) / rate)
        for y in steps:
            powers = {head: y, tail: y * slope}
            found = LogOptimum(offsets[i], powers, tuple(tied), tuple(offsets), (i,), (one,), False)
            if min(c.at(point) for c in found.conditions(budget)) >= 0:
                return found
    return None


def _offset(term: Term, first: Mapping[str, Ratio]) -> Ratio:
    """How many powers of L the logarithms of a term contribute."""
    return sum((k for m, k in term.logs if m.rate(first)), Ratio.of(0))


def _solve(
    tied: Sequence[Term], offsets: Sequence[Ratio], basis: Sequence[int], resources: Sequence[str], budget: Budget
) -> tuple[Ratio, dict[str, Ratio], tuple[Ratio, ...]] | None:
    zero, one = Ratio.of(0), Ratio.of(1)
    planes = (budget.cost, *budget.fixed)
    rows = [[tied[i].monomial.exponent(n) for n in resources] + [-one] for i in basis]
    rows += [[m.exponent(n) for n in resources] + [zero] for m in planes]
    solution = solve_linear(rows, [-offsets[i] for i in basis] + [zero] * len(planes))
    dual_rows = [
        [tied[i].monomial.exponent(n) for i in basis] + [-m.exponent(n) for m in planes] for n in resources
    ]
    dual_rows.append([one] * len(basis) + [zero] * len(planes))
    dual = solve_linear(dual_rows, [zero] * len(resources) + [one])
    if solution is None or dual is None:
        return None
    return solution[-1], dict(zip(resources, solution, strict=False)), tuple(dual[: len(basis)])


def _is_iterated(
    found: LogOptimum, first: Mapping[str, Ratio], derived: Mapping[str, Term], point: Point
) -> bool:
    """Whether a term that ties at the second level has a logarithm whose argument grows only with log f."""
    second = dict(found.sizes)
    for name, term in derived.items():
        second[name] = term.monomial.rate(found.sizes) + _offset(term, first)
    for term, offset in zip(found.tied, found.offsets, strict=True):
        slack = found.loss - term.monomial.rate(found.sizes) - offset
        if slack.at(point) == 0 and any(
            not m.rate(first) and _grows(m, second, point) for m, _ in term.logs
        ):
            return True
    return False


def _grows(argument: Monomial, second: Mapping[str, Ratio], point: Point) -> bool:
    return argument.rate(second).at(point) != 0
