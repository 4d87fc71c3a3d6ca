"""Open cylindrical decomposition: no open piece of an arrangement may be missed.

The references are counts known by hand, and sign vectors found on dense grids.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import pytest

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.sampling import sample_cell, sample_points, simplest_between


def vectors(texts: list[str], points: list[dict[str, Fraction]]) -> set[tuple[bool, ...]]:
    polynomials = [read(t) for t in texts]
    values = [[p.at(x) for p in polynomials] for x in points]
    return {tuple(v > 0 for v in row) for row in values if all(row)}


ARRANGEMENTS = {
    "lines": ["x", "y", "x + y - 1", "x - y"],
    "circle and line": ["x**2 + y**2 - 1", "x - y"],
    "two circles": ["x**2 + y**2 - 4", "(x - 2)**2 + y**2 - 1"],
    "hyperbola": ["x*y - 1", "x - y"],
    "cusp": ["y**2 - x**3"],
    "node": ["y**2 - x**2*(x + 1)"],
    "tangent parabolas": ["y - x**2", "y - 2*x**2"],
    "vertical asymptote": ["x*y**2 - 1", "y - x"],
    "phase walls": ["2*x - 1", "2*y - 1", "4*x - 1", "2*x**2 - 4*x + 1", "x - y", "x + y - 1"],
    "thin": ["1000*y - x**2", "1000*y - x**2 - 1"],
    "three variables": ["x**2 + y**2 + z**2 - 1", "x - y*z"],
}


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_every_sign_vector_of_a_dense_grid_is_sampled(name: str) -> None:
    texts = ARRANGEMENTS[name]
    names = sorted({n for t in texts for n in read(t).names})
    side = [Fraction(n, 7 if len(names) == 2 else 3) + Fraction(1, 1009) for n in range(-21, 22)]
    if len(names) == 3:
        side = side[14:30]
    grid = [dict(zip(names, values, strict=True)) for values in product(side, repeat=len(names))]
    found = vectors(texts, sample_points([read(t) for t in texts], names))
    assert vectors(texts, grid) <= found


@pytest.mark.parametrize(("texts", "cells"), [
    (["x", "y", "x + y - 1"], 7),  # three lines in general position
    (["x**2 + y**2 - 1"], 2),
    (["x*(x - 1)*(x - 2)", "y*(y - 1)"], 12),
])
def test_samples_avoid_zero_sets_and_reach_all_components(texts: list[str], cells: int) -> None:
    """The number of components is counted by hand; factors are given apart so that components have distinct signs."""
    polynomials = [read(t) for t in texts]
    factors = [f for p in polynomials for f, _ in p.factors()[1]]
    points = sample_points(polynomials, ["x", "y"])
    assert all(f.at(x) for f in factors for x in points)
    assert len({tuple(f.at(x) > 0 for f in factors) for x in points}) == cells


def test_components_with_equal_signs_are_all_reached() -> None:
    """x y = 1 leaves x y > 1 in two components: first and third quadrant."""
    points = sample_cell(Cell.parse(["x*y - 1 > 0"]), ["x", "y"])
    assert {x["x"] > 0 for x in points} == {True, False}
    node = sample_cell(Cell.parse(["y**2 - x**2*(x + 1) < 0"]), ["x", "y"])  # inside of the loop, and of the branch
    assert {x["x"] > 0 for x in node} == {True, False}


def test_empty_cells_have_no_samples_and_thin_ones_do() -> None:
    assert sample_cell(Cell.parse(["x > 0", "x + 1 < 0"]), ["x"]) == []
    assert sample_cell(Cell.parse(["x**2 + y**2 < 0"]), ["x", "y"]) == []
    assert sample_cell(Cell.parse(["(x - y)**2 < 0"]), ["x", "y"]) == []
    assert sample_cell(Cell.parse(["x = 0"]), ["x"]) == []  # not open
    thin = sample_cell(Cell.parse(["10**40*x - 1 > 0", "10**40*x - 2 < 0"]), ["x"])
    assert thin
    assert all(1 < p["x"] * 10**40 < 2 for p in thin)


@pytest.mark.parametrize("bits", [10, 150, 170, 400])
def test_close_roots_are_separated(bits: int) -> None:
    """The roots 1 and sqrt(1 + 2^-bits) differ by less than the first working precision."""
    big = 2**bits
    close = read(f"{big}*x**2 - {big + 1}")
    points = [p["x"] for p in sample_points([read("x - 1"), close], ["x"])]
    assert any(x > 1 and close.at({"x": x}) < 0 for x in points)
    assert len(points) == 4


def test_irrational_roots() -> None:
    """x^2 < 2 and x^2 > 2 exactly between the right gaps; the cubic has one real root, 1 < 2^(1/3) < 3/2."""
    points = sorted(p["x"] for p in sample_points([read("x**2 - 2"), read("x**3 - 2"), read("x**2 + 1")], ["x"]))
    assert len(points) == 4
    assert points[1] ** 2 < 2
    assert points[1] ** 3 < 2 < points[2] ** 3
    assert points[2] ** 2 < 2 < points[3] ** 2


def test_no_parameters_and_no_polynomials() -> None:
    assert sample_points([], []) == [{}]
    assert sample_points([], ["x"]) == [{"x": 0}]
    assert sample_points([read("7")], ["x", "y"]) == [{"x": 0, "y": 0}]


def test_simplest_between_has_the_smallest_denominator() -> None:
    """Against a search through all denominators."""
    ends = sorted({Fraction(a, b) for b in range(1, 8) for a in range(-9, 10)})
    for low, high in pairwise(ends[::2]):
        found = simplest_between(low, high)
        assert low < found < high
        smaller = [Fraction(n, d) for d in range(1, found.denominator)
                   for n in range((low * d).__floor__(), (high * d).__ceil__() + 1)]
        assert not any(low < f < high for f in smaller)
    assert simplest_between(None, Fraction(-5, 2)) == -3
    assert simplest_between(Fraction(5, 2), None) == 3
    assert simplest_between(Fraction(0), None) == 1
    assert simplest_between(None, None) == 0


def test_order_of_points_is_fixed() -> None:
    polynomials = [read(t) for t in ARRANGEMENTS["phase walls"]]
    assert sample_points(polynomials, ["x", "y"]) == sample_points(polynomials[::-1], ["x", "y"])
