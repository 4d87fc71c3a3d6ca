"""The exact linear programme against SciPy's, and its certificates by multiplication."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

from scaling_sym.algebra.linear import find_combination, solve_system


def combine(columns: list[list[Fraction]], weights: list[Fraction], rows: int) -> list[Fraction]:
    return [sum((w * c[i] for w, c in zip(weights, columns, strict=True)), Fraction(0)) for i in range(rows)]


@pytest.mark.parametrize("seed", range(40))
def test_feasibility_agrees_with_scipy(seed: int) -> None:
    """Small whole entries: feasibility is then far from SciPy's tolerance of 1e-9, or exactly degenerate."""
    draw = random.Random(seed)
    rows, width = draw.randint(1, 5), draw.randint(1, 8)
    columns = [[Fraction(draw.randint(-3, 3)) for _ in range(rows)] for _ in range(width)]
    target = [Fraction(draw.randint(-3, 3)) for _ in range(rows)]
    weights = find_combination(columns, target)
    reference = linprog(np.zeros(width), A_eq=np.array(columns, float).T, b_eq=np.array(target, float), method="highs")
    assert reference.status in (0, 2)
    assert (weights is not None) == (reference.status == 0)
    if weights is not None:
        assert all(w >= 0 for w in weights)
        assert combine(columns, weights, rows) == target


def test_both_answers_occur_in_the_seeds_above() -> None:
    answers = set()
    for seed in range(40):
        draw = random.Random(seed)
        rows, width = draw.randint(1, 5), draw.randint(1, 8)
        columns = [[Fraction(draw.randint(-3, 3)) for _ in range(rows)] for _ in range(width)]
        answers.add(find_combination(columns, [Fraction(draw.randint(-3, 3)) for _ in range(rows)]) is None)
    assert answers == {True, False}


def test_cycling_example_ends() -> None:
    """Beale's programme cycles under the largest-coefficient rule; Bland's rule ends. The answer checks itself."""
    table = [
        [Fraction(1, 4), Fraction(-8), Fraction(-1), Fraction(9), Fraction(1), Fraction(0), Fraction(0)],
        [Fraction(1, 2), Fraction(-12), Fraction(-1, 2), Fraction(3), Fraction(0), Fraction(1), Fraction(0)],
        [Fraction(0), Fraction(0), Fraction(1), Fraction(0), Fraction(0), Fraction(0), Fraction(1)],
    ]
    columns = [list(c) for c in zip(*table, strict=True)]
    target = [Fraction(0), Fraction(0), Fraction(1)]
    weights = find_combination(columns, target)
    assert weights is not None
    assert combine(columns, weights, 3) == target


def test_a_hair_decides() -> None:
    """No float would see the difference."""
    hair = Fraction(1, 10**60)
    assert find_combination([[Fraction(1), hair]], [Fraction(1), hair]) == [1]
    assert find_combination([[Fraction(1), hair]], [Fraction(1), 2 * hair]) is None
    columns = [[Fraction(1), hair], [Fraction(1), 3 * hair]]
    assert find_combination(columns, [Fraction(1), 2 * hair]) == [Fraction(1, 2), Fraction(1, 2)]


def test_no_columns() -> None:
    assert find_combination([], [Fraction(0)]) == []
    assert find_combination([], [Fraction(1)]) is None


def test_square_systems() -> None:
    matrix = [[Fraction(2), Fraction(1)], [Fraction(1), Fraction(-3)]]
    assert solve_system(matrix, [Fraction(5), Fraction(-1)]) == [2, 1]
    assert solve_system([[Fraction(1), Fraction(2)], [Fraction(2), Fraction(4)]], [Fraction(1), Fraction(2)]) is None
