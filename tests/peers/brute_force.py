"""Budgeted trade-offs by exhaustion, in exact fractions; imports nothing of the project.

Two routes. `minimise_line`: two resources, budget x_1 + x_2 = 1, so that every exponent is a line on [0, 1]; the
minimum of their maximum lies at an end or at one of the pairwise crossings. `minimise_vertices`: any number of
resources, by solving every square subsystem of the constraints of the linear programme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

Powers = Mapping[str, Fraction]


@dataclass(frozen=True)
class Optimum:
    """The loss exponent (positive: decays), the minimisers found (ends of a flat piece), the terms that tie there."""

    loss: Fraction
    places: tuple[tuple[Fraction, ...], ...]
    active: frozenset[str]


def plrf_terms(alpha: Fraction, beta: Fraction) -> dict[str, Powers]:
    """Exponents of the printed pieces of the loss in d and r (mathematics.md, section 1), at one point off the walls.

    gamma = d^c with c = 0 for 2 alpha > 1, else 2 alpha - 1; time enters as gamma r, and K_pp as K_pp/gamma, which is
    gamma (gamma r)^(-2 + 1/(2 alpha)). F_pp needs 2 alpha + 2 beta > 1, F_ac needs 2 alpha > 1 and 2 beta > 1, K_pp
    needs 4 alpha > 1. F_0 = d^(-2 alpha + max(0, 1 - 2 beta)).
    """
    q, c = 2 * alpha + 2 * beta - 1, min(Fraction(0), 2 * alpha - 1)
    terms = {"F_0": {"d": -2 * alpha + max(Fraction(0), 1 - 2 * beta), "r": Fraction(0)}}
    if q > 0:
        terms["F_pp"] = {"d": -c * q / (2 * alpha), "r": -q / (2 * alpha)}
    if 2 * alpha > 1 and 2 * beta > 1:
        terms["F_ac"] = {"d": Fraction(-1), "r": -1 + 1 / (2 * alpha)}
    if 4 * alpha > 1:
        e = -2 + 1 / (2 * alpha)
        terms["K_pp"] = {"d": c * (1 + e), "r": e}
    return terms


def plrf_terms_at_rate(alpha: Fraction, beta: Fraction, c: Fraction) -> dict[str, Powers]:
    """The same pieces with gamma = d^(-c), in d and the samples n = r B: time enters as gamma n, and K_pp has a factor gamma."""
    terms = {"F_0": {"d": -2 * alpha + max(Fraction(0), 1 - 2 * beta), "n": Fraction(0)}}
    e = -(2 * alpha + 2 * beta - 1) / (2 * alpha)
    terms["F_pp"] = {"d": -c * e, "n": e}
    if 2 * alpha > 1 and 2 * beta > 1:
        e = -1 + 1 / (2 * alpha)
        terms["F_ac"] = {"d": -1 - c * e, "n": e}
    if 4 * alpha > 1:
        e = -2 + 1 / (2 * alpha)
        terms["K_pp"] = {"d": -c * (1 + e), "n": e}
    return terms


def minimise_line(terms: Mapping[str, Powers], first: str, second: str) -> Optimum:
    """The optimum for the budget f = first * second."""
    lines = {n: (e[second], e[first] - e[second]) for n, e in terms.items()}  # value at x: a + b x, first = f^x
    places = {Fraction(0), Fraction(1)}
    for (a, b), (c, d) in combinations(lines.values(), 2):
        if b != d and 0 <= (c - a) / (b - d) <= 1:
            places.add((c - a) / (b - d))
    values = {x: max(a + b * x for a, b in lines.values()) for x in places}
    lowest = min(values.values())
    best = sorted(x for x, value in values.items() if value == lowest)
    active = frozenset.intersection(*(frozenset(n for n, (a, b) in lines.items() if a + b * x == lowest) for x in best))
    return Optimum(-lowest, tuple((x, 1 - x) for x in best), active)


def minimise_vertices(
    terms: Sequence[Sequence[Fraction]], cost: Sequence[Fraction], fixed: Sequence[Sequence[Fraction]] = ()
) -> tuple[Fraction, set[tuple[Fraction, ...]]]:
    """The loss exponent and the optimal vertices, for exponents, cost and fixed ratios given as rows.

    Variables (x_1 .. x_n, L); L >= e_i . x, x >= 0, g . x = 1, h . x = 0; L is minimised.
    """
    n = len(cost)
    equal = [([*cost, Fraction(0)], Fraction(1)), *(([*h, Fraction(0)], Fraction(0)) for h in fixed)]
    bounds = [([*e, Fraction(-1)], Fraction(0)) for e in terms]
    bounds += [([Fraction(-int(i == k)) for i in range(n)] + [Fraction(0)], Fraction(0)) for k in range(n)]
    best: tuple[Fraction, set[tuple[Fraction, ...]]] | None = None
    for chosen in combinations(bounds, n + 1 - len(equal)):
        point = solve([*equal, *chosen])
        if point is None or any(dot(row, point) > value for row, value in bounds):
            continue
        if best is None or point[-1] < best[0]:
            best = point[-1], set()
        if point[-1] == best[0]:
            best[1].add(tuple(point[:-1]))
    if best is None:
        raise ArithmeticError("no feasible vertex")
    return -best[0], best[1]


def dot(row: Sequence[Fraction], point: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(row, point, strict=True)), Fraction(0))


def solve(equations: Sequence[tuple[Sequence[Fraction], Fraction]]) -> list[Fraction] | None:
    """Gauss-Jordan elimination; `None` where the system is singular."""
    rows = [[*left, right] for left, right in equations]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(len(rows)):
            if i != k and rows[i][k]:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]
