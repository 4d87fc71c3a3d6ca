"""A phase is named only if the whole box lies in it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_sym.cli.bundles import open_plane
from scaling_sym.export.answers import locate
from scaling_sym.export.boxes import phase_of_box

PLANE = open_plane("plrf")
EXPONENT = st.fractions(min_value=Fraction(1, 10), max_value=4, max_denominator=40)
SHARE = st.fractions(min_value=0, max_value=1, max_denominator=30)


def box(value: Fraction, width: Fraction) -> tuple[Fraction, Fraction]:
    return value, value + width


@given(EXPONENT, EXPONENT, SHARE, SHARE, SHARE, SHARE)
def test_every_point_of_the_box_lies_in_the_phase(
    b: Fraction, a: Fraction, width: Fraction, height: Fraction, x: Fraction, y: Fraction
) -> None:
    bs, as_ = box(b, width / 3), box(b + a, height / 3)
    name, reason = phase_of_box(PLANE, bs, as_)
    assert (name is None) != (reason is None)
    if name is not None:
        alpha = (bs[0] + x * (bs[1] - bs[0])) / 2
        beta = (as_[0] + y * (as_[1] - as_[0])) / 2 - alpha
        assert [row.name for row in locate(PLANE, {"alpha": alpha, "beta": beta})] == [name]


@pytest.mark.parametrize(
    ("alpha", "beta", "name"),
    [("4/5", "11/10", "III"), ("1", "7/10", "II"), ("1", "1/4", "Ia"), ("2/5", "2/5", "Ib"), ("1/5", "1", "Ic"),
     ("2/5", "1", "IVa"), ("27/100", "1", "IVb")],
)
def test_a_small_box_is_named(alpha: str, beta: str, name: str) -> None:
    b, a = 2 * Fraction(alpha), 2 * (Fraction(alpha) + Fraction(beta))
    assert phase_of_box(PLANE, box(b, Fraction(1, 1000)), box(a, Fraction(1, 1000))) == (name, None)


def test_the_wall_that_is_straddled_is_named() -> None:
    name, reason = phase_of_box(PLANE, box(Fraction(19, 10), Fraction(2, 10)), box(Fraction(4), Fraction(1, 100)))
    assert name is None
    assert reason is not None
    assert "alpha - beta = 0" in reason
    assert "II and III" in reason
    assert "2*beta - 1" not in reason


def test_outside_the_model() -> None:
    name, reason = phase_of_box(PLANE, box(Fraction(2), Fraction(1, 10)), box(Fraction(1), Fraction(1, 10)))
    assert name is None
    assert reason is not None
    assert "beta > 0" in reason
    name, reason = phase_of_box(PLANE, box(Fraction(1, 2), Fraction(1, 10)), box(Fraction(8, 10), Fraction(1, 10)))
    assert name is None
    assert reason is not None
    assert "no power law" in reason
