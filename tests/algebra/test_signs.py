"""Signs on cells: every certified answer is an identity that is multiplied out here again; the rest is SPLIT."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import (
    Comparison,
    Order,
    Weights,
    certify_empty,
    certify_positive,
    check_weights,
    compare_exponents,
    implied,
    sign_on_cell,
)

QUADRANT = Cell.parse(["x > 0", "y > 0"])
NAMES = ("x", "y")


def compare(left: str, right: str, *cell: str) -> Comparison:
    return compare_exponents(read(left), read(right), Cell.parse(cell), NAMES)


def value_of_weights(cell: Cell, weights: Weights, point: dict[str, Fraction]) -> Fraction:
    """The combination evaluated with fractions alone, from the signs of the cell."""
    total = Fraction(0)
    for powers, weight in weights:
        term = weight
        for sign, e in zip(cell.conditions, powers, strict=True):
            size = sign.polynomial.at(point) * (-1 if sign.relation == "<" else 1)
            term *= size**e
        total += term
    return total


@pytest.mark.parametrize(("polynomial", "conditions"), [
    ("x + y", ["x > 0", "y > 0"]),
    ("x*y + 1", ["x > 0", "y > 0"]),
    ("x*y - 1", ["x - 1 > 0", "y - 1 > 0"]),
    ("x**2 + x + 1", ["x > 0"]),
    ("2*x + 2*y - 1", ["2*x - 1 > 0", "y > 0"]),
    ("x - x**2", ["x > 0", "x - 1 < 0"]),
    ("-2*x**2 + 4*x - 1", ["2*x - 1 < 0", "3*x - 1 > 0"]),  # positive between 1 - 1/sqrt 2 and 1/2
    ("7", ["x > 0"]),
])
def test_certificates_are_identities(polynomial: str, conditions: list[str]) -> None:
    cell, target = Cell.parse(conditions), read(polynomial)
    weights = certify_positive(target, cell)
    assert weights is not None
    assert all(w > 0 for _, w in weights)
    assert check_weights(target, cell, weights)
    for k in range(1, 12):  # two polynomials of degree <= 4 in each name that agree on this many points are equal
        for m in range(1, 12):
            p = {"x": Fraction(k, 7), "y": Fraction(m, 5)}
            assert value_of_weights(cell, weights, p) == target.at(p)


@pytest.mark.parametrize(("polynomial", "conditions"), [
    ("x - y", ["x > 0", "y > 0"]),
    ("x**2 - 2*x*y + y**2", ["x > 0", "y > 0"]),
    ("-x", ["x > 0"]),
    ("0", ["x > 0"]),
    ("x", []),
    ("x - 1", ["x > 0"]),
])
def test_what_is_not_positive_has_no_certificate(polynomial: str, conditions: list[str]) -> None:
    assert certify_positive(read(polynomial), Cell.parse(conditions)) is None


def test_tampered_weights_fail() -> None:
    cell, target = Cell.parse(["x > 0", "y > 0"]), read("3*x*y + x + 2")
    weights = certify_positive(target, cell)
    assert weights is not None
    assert check_weights(target, cell, weights)
    for i, (powers, w) in enumerate(weights):
        rest = weights[:i] + weights[i + 1:]
        assert not check_weights(target, cell, (*rest, (powers, w + 1)))
        assert not check_weights(target, cell, rest)
        moved = (powers[0] + 1, *powers[1:])
        assert not check_weights(target, cell, (*rest, (moved, w)))
    assert not check_weights(target, cell, (*weights, ((0, 0), Fraction(-1)), ((0, 0), Fraction(1))))
    assert not check_weights(Ratio.of(0), cell, ())  # a proof of 0 > 0 from nothing
    assert not check_weights(read("x"), cell, (((1,), Fraction(1)),))  # one multiplicity short
    assert not check_weights(read("1/x"), cell, (((-1, 0), Fraction(1)),))
    assert not check_weights(read("x"), Cell.parse(["x = 0"]), (((1,), Fraction(1)),))  # an equality is not positive


def test_emptiness() -> None:
    for conditions in (["x > 0", "x + 1 < 0"], ["x - y > 0", "y - x > 0"], ["x > 0", "y > 0", "x + y + 1 < 0"]):
        cell = Cell.parse(conditions)
        weights = certify_empty(cell)
        assert weights is not None
        assert check_weights(Ratio.of(0), cell, weights)
    assert certify_empty(QUADRANT) is None
    assert certify_empty(Cell()) is None


def test_signs_on_cells() -> None:
    assert sign_on_cell(read("x + y"), QUADRANT, NAMES) == 1
    assert sign_on_cell(read("-x*y"), QUADRANT, NAMES) == -1
    assert sign_on_cell(read("x - y"), QUADRANT, NAMES) is None
    assert sign_on_cell(read("0"), QUADRANT, NAMES) is None
    assert sign_on_cell(read("-3"), QUADRANT, NAMES) == -1
    assert implied(Sign.parse("x + y > 0"), QUADRANT) is not None
    assert implied(Sign.parse("x - y > 0"), QUADRANT) is None
    assert implied(Sign.parse("x = 0"), QUADRANT) is None


@pytest.mark.parametrize(("left", "right", "cell", "order"), [
    ("x", "0", ["x > 0"], Order.GREATER),
    ("0", "x", ["x > 0"], Order.LESS),
    ("x", "2*x/2", [], Order.EQUAL),
    ("1/(1 + x)", "1", ["x > 0"], Order.LESS),
    ("(2*x + 2*y - 1)/(2*x + 1)", "1", ["x > 0", "y - 1 > 0"], Order.GREATER),
    ("(x - y)**2", "0", ["x - y > 0"], Order.GREATER),
    ("(x - y)**2", "0", ["x - y < 0"], Order.GREATER),
    ("(x - y)**3", "0", ["x - y < 0"], Order.LESS),
    ("1/(x - 1)", "0", ["x - 1 < 0"], Order.LESS),
])
def test_comparison_decides(left: str, right: str, cell: list[str], order: Order) -> None:
    assert compare(left, right, *cell) == Comparison(order)


@pytest.mark.parametrize(("left", "right", "cell", "polynomial"), [
    ("x", "y", ["x > 0", "y > 0"], "x - y"),
    ("(x - y)**2", "0", ["x > 0", "y > 0"], "x - y"),  # semidefinite: equal on the diagonal, so never GREATER
    ("x*(x - y)**2", "0", ["x > 0", "y > 0"], "x - y"),
    ("x**2 + y**2", "2*x*y", [], "x - y"),
    ("1/(2*x - 1)", "0", ["x > 0"], "2*x - 1"),  # division changes sign at 1/2
    ("1/(2*x - 1)**2", "0", ["x > 0"], "2*x - 1"),  # and here it does not, but the exponent is undefined there
    ("x", "1/x", ["x > 0"], "x - 1"),
    ("2*x**2 - 4*x + 1", "0", ["x > 0", "2*x - 1 < 0"], "2*x**2 - 4*x + 1"),
    ("x", "0", ["x > 0", "x + 1 < 0"], "x"),  # empty cell: anything would follow; nothing is claimed
])
def test_comparison_splits(left: str, right: str, cell: list[str], polynomial: str) -> None:
    found = compare(left, right, *cell)
    assert found.order is Order.SPLIT
    assert found.polynomial is not None
    assert found.polynomial == read(polynomial)


def test_positive_without_certificate_is_split_not_guessed() -> None:
    """The Motzkin polynomial plus a constant is positive everywhere; without a certificate no sign is claimed."""
    found = compare("x**4*y**2 + x**2*y**4 - 3*x**2*y**2 + 2", "0")
    assert found.order is Order.SPLIT
