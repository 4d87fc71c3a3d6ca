"""Cells and regions as data: equal conditions are equal objects, and membership is decided exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.regions import Region, negate
from scaling_sym.errors import BadInputError


def point(x: str, y: str = "0") -> dict[str, Fraction]:
    return {"x": Fraction(x), "y": Fraction(y)}


def test_one_condition_has_one_form() -> None:
    assert Sign.parse("1 - 2*x > 0") == Sign.parse("4*x - 2 < 0")
    assert Sign.parse("3*x - 3 = 0") == Sign.parse("1 - x = 0")
    assert str(Sign.parse("1 - 2*x > 0")) == "2*x - 1 < 0"
    assert str(Sign.parse("1 - 2*x > 0").positive) == "-2*x + 1"
    assert Sign.parse("x > 0") != Sign.parse("x < 0")


def test_negation_leaves_out_the_wall() -> None:
    sign = Sign.parse("x - 1 > 0")
    assert negate(sign) == Sign.parse("x - 1 < 0")
    assert not sign.holds_at(point("1"))
    assert not negate(sign).holds_at(point("1"))
    assert Sign.parse("x - 1 = 0").holds_at(point("1"))


@pytest.mark.parametrize(("polynomial", "relation"), [("1/x", ">"), ("3", ">"), ("0", "="), ("x", ">="), ("x", "!")])
def test_conditions_that_are_none_are_refused(polynomial: str, relation: str) -> None:
    with pytest.raises(BadInputError, match="no sign condition"):
        Sign.of(parse_ratio(polynomial), relation)


def test_cells_are_sets_of_conditions() -> None:
    cell = Cell.parse(["x > 0", "y - x > 0", "2*x > 0"])
    assert cell == Cell.parse(["x - y < 0", "x > 0"])
    assert hash(cell) == hash(Cell.parse(["x - y < 0", "x > 0"]))
    assert cell.names == ("x", "y")
    assert Cell.parse(cell.texts()) == cell
    assert cell.meet(Cell()) == cell
    assert cell.meet(cell) == cell
    with pytest.raises(BadInputError):
        Cell.parse(["x >= 0"])


def test_membership() -> None:
    cell = Cell.parse(["x > 0", "y - x > 0"])
    assert cell.contains(point("1/3", "1/2"))
    assert not cell.contains(point("1/2", "1/2"))
    assert Cell().contains({})
    region = Region.of(cell, Cell.parse(["x < 0"]), cell)
    assert len(region.cells) == 2
    assert region.contains(point("-1"))
    assert not region.contains(point("0"))
    assert not Region(()).contains(point("0"))
    inside = region.meet(Cell.parse(["y < 0"]))
    assert inside.contains(point("-1", "-1"))
    assert not inside.contains(point("-1", "1"))
