"""Exact linear programmes over the rationals: is there a non-negative combination of columns that gives a target?

Algorithm: phase one of the simplex method on FLINT rationals with Bland's rule, which cannot cycle. The answer is the
combination itself, or `None` where none exists; no float is involved.

Not covered: large programmes (the tableau is dense) and optimisation beyond feasibility.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq

Column = Sequence[Fraction]


def find_combination(columns: Sequence[Column], target: Column) -> list[Fraction] | None:
    """Non-negative weights, one a column, whose combination equals `target`; `None` if there are none."""
    rows = len(target)
    signs = [-1 if t < 0 else 1 for t in target]
    tableau = [
        [_rational(signs[i] * c[i]) for c in columns]
        + [fmpq(int(i == k)) for k in range(rows)]
        + [_rational(signs[i] * target[i])]
        for i in range(rows)
    ]
    width, basis = len(columns), [len(columns) + i for i in range(rows)]
    cost = [sum((row[j] for row in tableau), fmpq(0)) for j in range(width)] + [fmpq(0)] * rows
    cost.append(sum((row[-1] for row in tableau), fmpq(0)))
    while cost[-1] != 0:
        entering = next((j for j in range(width) if cost[j] > 0), None)
        if entering is None:
            return None
        ratios = [(row[-1] / row[entering], basis[i], i) for i, row in enumerate(tableau) if row[entering] > 0]
        leaving = min(ratios)[2]
        _pivot(tableau, cost, leaving, entering)
        basis[leaving] = entering
    weights = [Fraction(0)] * width
    for i, j in enumerate(basis):
        if j < width:
            weights[j] = Fraction(int(tableau[i][-1].p), int(tableau[i][-1].q))
    return weights


def solve_system(matrix: Sequence[Sequence[Fraction]], right: Column) -> list[Fraction] | None:
    """The unique solution of a square system, or `None` where the matrix is singular."""
    from flint import fmpq_mat

    n = len(matrix)
    a = fmpq_mat(n, n, [_rational(x) for row in matrix for x in row])
    try:
        x = a.solve(fmpq_mat(n, 1, [_rational(t) for t in right]))
    except ZeroDivisionError:
        return None
    return [Fraction(int(x[i, 0].p), int(x[i, 0].q)) for i in range(n)]


def _rational(value: Fraction | int) -> fmpq:
    exact = Fraction(value)
    return fmpq(exact.numerator, exact.denominator)


def _pivot(tableau: list[list[fmpq]], cost: list[fmpq], leaving: int, entering: int) -> None:
    pivot = tableau[leaving][entering]
    tableau[leaving] = [x / pivot for x in tableau[leaving]]
    row = tableau[leaving]
    for i, other in enumerate(tableau):
        if i != leaving and other[entering] != 0:
            factor = other[entering]
            tableau[i] = [x - factor * y if y != 0 else x for x, y in zip(other, row, strict=True)]
    factor = cost[entering]
    cost[:] = [x - factor * y if y != 0 else x for x, y in zip(cost, row, strict=True)]
