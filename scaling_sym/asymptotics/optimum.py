"""The budgeted trade-off: how to spend a growing budget so that the largest term of the loss is smallest.

Algorithm. Write every resource as f^x for a budget f -> infinity. A loss that is a sum of positive power-law terms is
then f to the power max_i e_i.x, and a budget with cost exponents g is the plane g.x = 1 (fixed ratios between
resources are further planes h.x = 0). Minimising the maximum is a small linear programme with symbolic exponents. Its
candidates are the *vertices*, at each of which enough terms tie (or resources stay constant, x_b = 0) to fix x; the
*multipliers* of a vertex solve

    sum_i mu_i e_i = nu g + sum_k omega_k h_k + sum_b kappa_b unit_b,     sum_i mu_i = 1,

and prove, where mu >= 0 and kappa >= 0, that no x within the budget does better than nu = -eta:
max_i e_i.x >= sum_i mu_i e_i.x = nu + sum_b kappa_b x_b >= nu.   A vertex is optimal exactly where its multipliers and
its slacks are non-negative: these are polynomial signs in the parameters, and they are what cuts the parameter space.

Vocabulary. *Trade-off*: the terms that tie at the optimum. *Slack* of a term: by how much its exponent is below the
optimum. *Vertex*: point, multipliers and conditions, all rational functions of the parameters.

Not covered: terms of changing sign, budgets that are not monomials. Logarithms are carried by `logs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.errors import BadInputError


@final
@dataclass(frozen=True, slots=True)
class Budget:
    """The cost, a monomial in the resources that equals the budget f, and monomials that are held fixed."""

    cost: Monomial
    fixed: tuple[Monomial, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Problem:
    """Terms of a loss, the resources to choose, the budget, and the parameter domain. Terms carry their own cells."""

    terms: tuple[Term, ...]
    resources: tuple[str, ...]
    budget: Budget
    domain: Cell
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        known = set(self.resources)
        for monomial in (self.budget.cost, *self.budget.fixed, *(t.monomial for t in self.terms)):
            unknown = sorted({n for n, _ in monomial.powers} - known)
            if unknown:
                raise BadInputError(f"the resource {unknown[0]!r} is not declared; declared are {', '.join(known)}")
        if not self.terms or not self.budget.cost.powers:
            raise BadInputError("a problem needs at least one term and a budget that costs something")


@final
@dataclass(frozen=True, slots=True)
class Vertex:
    """A candidate optimum: exponents of the resources, loss exponent (positive: decays), and its certificate."""

    tradeoff: tuple[Term, ...]
    idle: tuple[str, ...]
    sizes: Mapping[str, Ratio]
    loss: Ratio
    multipliers: tuple[Ratio, ...]
    idle_multipliers: tuple[Ratio, ...]
    fixed_multipliers: tuple[Ratio, ...]
    slacks: tuple[tuple[Term, Ratio], ...]

    @property
    def conditions(self) -> list[Ratio]:
        """The rational functions that must be non-negative for the vertex to be optimal."""
        busy = [x for n, x in self.sizes.items() if n not in self.idle]
        return [*self.multipliers, *self.idle_multipliers, *(s for _, s in self.slacks), *busy]

    @property
    def is_unique(self) -> bool:
        """Whether no other sizes do as well: no multiplier vanishes identically.

        Where one does, the term or resource that it belongs to does not limit the loss, and the sizes given are one
        corner of a range of equally good ones.
        """
        return all([*self.multipliers, *self.idle_multipliers])

    def is_optimal_at(self, point: Point) -> bool:
        """Whether all conditions hold at a rational point; False where one of them is undefined there."""
        try:
            return all(c.at(point) >= 0 for c in self.conditions)
        except ZeroDivisionError:
            return False


def find_vertices(problem: Problem, terms: Sequence[Term]) -> Iterator[Vertex]:
    """All vertices of the trade-off between the given terms, fewest idle resources first."""
    free = len(problem.resources) - len(problem.budget.fixed)
    for idle_count in range(free):
        for idle in combinations(problem.resources, idle_count):
            for tradeoff in combinations(terms, free - idle_count):
                vertex = solve_vertex(problem, terms, tradeoff, idle)
                if vertex is not None:
                    yield vertex


def solve_vertex(
    problem: Problem, terms: Sequence[Term], tradeoff: Sequence[Term], idle: Sequence[str]
) -> Vertex | None:
    """The vertex at which the terms tie while the idle resources stay constant; `None` where it is not unique."""
    names, budget, zero, one = problem.resources, problem.budget, Ratio.of(0), Ratio.of(1)
    units = [Monomial.of({n: 1}) for n in idle]
    planes = [*budget.fixed, *units]
    rows = [[t.monomial.exponent(n) for n in names] + [one] for t in tradeoff]
    rows += [[m.exponent(n) for n in names] + [zero] for m in (budget.cost, *planes)]
    right = [zero] * len(tradeoff) + [one] + [zero] * len(planes)
    point = solve_linear(rows, right)
    dual_rows = [
        [t.monomial.exponent(n) for t in tradeoff] + [-m.exponent(n) for m in (budget.cost, *planes)] for n in names
    ]
    dual_rows.append([one] * len(tradeoff) + [zero] * (1 + len(planes)))
    dual = solve_linear(dual_rows, [zero] * len(names) + [one])
    if point is None or dual is None:
        return None
    sizes, loss, count = dict(zip(names, point, strict=False)), point[-1], len(tradeoff)
    start = count + 1 + len(budget.fixed)
    slacks = tuple((t, -loss - t.monomial.rate(sizes)) for t in terms if t not in tradeoff)
    return Vertex(tuple(tradeoff), tuple(idle), sizes, loss, tuple(dual[:count]), tuple(dual[start:]),
                  tuple(dual[count + 1 : start]), slacks)


def solve_linear(rows: Sequence[Sequence[Ratio]], right: Sequence[Ratio]) -> list[Ratio] | None:
    """The unique solution of a square linear system over the rational functions; `None` where it is singular."""
    n = len(rows)
    if any(len(r) != n for r in rows):
        return None
    work = [[*row, value] for row, value in zip(rows, right, strict=True)]
    for column in range(n):
        pivot = next((i for i in range(column, n) if work[i][column]), None)
        if pivot is None:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column][column]
        work[column] = [x / head for x in work[column]]
        for i in range(n):
            if i != column and work[i][column]:
                factor = work[i][column]
                work[i] = [x - factor * y for x, y in zip(work[i], work[column], strict=True)]
    return [row[-1] for row in work]


def optimum_at(problem: Problem, terms: Sequence[Term], point: Point) -> Vertex | None:
    """The first vertex that is optimal at a rational point; `None` where the problem is unbounded there."""
    return next((v for v in find_vertices(problem, terms) if v.is_optimal_at(point)), None)


def terms_at(problem: Problem, point: Point) -> tuple[Term, ...]:
    """The terms whose cells contain the point."""
    inside = {cell: cell.contains(point) for cell in dict.fromkeys(t.cell for t in problem.terms)}
    return tuple(t for t in problem.terms if inside[t.cell])


def evaluate_rates(term: Term, sizes: Mapping[str, Fraction], point: Point) -> Fraction:
    """The exponent of the budget in a term, at a rational parameter point and given sizes."""
    return sum((e.at(point) * sizes[n] for n, e in term.monomial.powers), Fraction(0))


def find_determined(
    names: Sequence[str], rows: Sequence[Monomial], tight: Sequence[bool]
) -> dict[str, list[Ratio]]:
    """For each resource whose size is the same in every optimum: weights with which the tight rows add up to its unit vector."""
    places = [i for i, ok in enumerate(tight) if ok]
    found = {}
    for name in names:
        columns = [[rows[i].exponent(n) for n in names] for i in places]
        weights = combine_rows(columns, [Ratio.of(int(n == name)) for n in names])
        if weights is not None:
            spread = dict(zip(places, weights, strict=True))
            found[name] = [spread.get(i, Ratio.of(0)) for i in range(len(rows))]
    return found


def combine_rows(rows: Sequence[Sequence[Ratio]], target: Sequence[Ratio]) -> list[Ratio] | None:
    """Weights with which the rows add up to the target, by Gauss elimination; `None` where there are none."""
    work = [[*(row[k] for row in rows), value] for k, value in enumerate(target)]
    pivots: list[int] = []
    for column in range(len(rows)):
        start = len(pivots)
        lead = next((i for i in range(start, len(work)) if work[i][column]), None)
        if lead is None:
            continue
        work[start], work[lead] = work[lead], work[start]
        head = work[start][column]
        work[start] = [x / head for x in work[start]]
        for i in range(len(work)):
            if i != start and work[i][column]:
                factor = work[i][column]
                work[i] = [x - factor * y for x, y in zip(work[i], work[start], strict=True)]
        pivots.append(column)
    if any(line[-1] for line in work[len(pivots) :]):
        return None
    weights: Mapping[int, Ratio] = {column: work[i][-1] for i, column in enumerate(pivots)}
    return [weights.get(i, Ratio.of(0)) for i in range(len(rows))]
