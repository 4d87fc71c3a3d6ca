"""Power sums against direct addition, and balls against both."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import mpmath
import numpy as np
import pytest
from flint import acb

from scaling_sym.numerics.ball_sums import enclose_power_sums
from scaling_sym.numerics.power_sums import PowerSums, zeta_sum

CASES = [
    (Fraction(8, 5), (Fraction(0), Fraction(11, 5), Fraction(8, 5)), 20000),
    (Fraction(3, 5), (Fraction(0), Fraction(7, 5), Fraction(3, 5)), 4000),
    (Fraction(4), (Fraction(0), Fraction(1), Fraction(1, 2), Fraction(5)), 3000),
    (Fraction(1), (Fraction(0), Fraction(1), Fraction(2)), 5000),
]


@pytest.mark.parametrize(("a", "exponents", "v"), CASES)
def test_sums_match_direct_addition(a: Fraction, exponents: tuple[Fraction, ...], v: int) -> None:
    size = np.array([1e-9, 1e-5, 1e-3, 1e-2, 0.1, 1.0, 1e3])
    w = (size[:, None] * np.exp(1j * np.array([0, 1.0, 2.0, -2.7, 3.0]))).ravel()
    found = PowerSums.of(a, exponents).at(w, float(v)).values
    j = np.arange(1.0, v + 1)
    for i, s in enumerate(exponents):
        direct = (j ** -float(s) / (1 + w[:, None] * j ** float(a))).sum(axis=1)
        # 1e-11: at arg w = 3 with the turning mode at the end v, 22 Gauss points leave a few 1e-12; elsewhere 1e-14.
        assert np.abs(found[i] / direct - 1).max() < 1e-11


def test_many_terms_where_nsum_fails() -> None:
    # The sum on which default extrapolation is silently wrong; 24183.49 is the value printed in the notes.
    value = PowerSums.of(Fraction(3, 2), [Fraction(0)]).at(np.array([1e-6]), inf).values[0, 0].real
    assert abs(value - 24183.49) < 0.005


@pytest.mark.parametrize("s", [Fraction(11, 10), Fraction(1) + Fraction(1, 10**12), Fraction(5)])
def test_zeta_sum_near_its_pole(s: Fraction) -> None:
    with mpmath.workdps(40):
        exact = float(mpmath.zeta(mpmath.mpf(s.numerator) / s.denominator))
    # 1e-14: roundoff; the exponent 1 - s is rounded once, from its exact value.
    assert abs(zeta_sum(s, inf)[0] / exact - 1) < 1e-14


@pytest.mark.parametrize(("a", "exponents", "v"), [CASES[0], CASES[1], CASES[3], (Fraction(8, 5), (Fraction(0),), inf)])
def test_balls_contain_higher_precision(a: Fraction, exponents: tuple[Fraction, ...], v: float) -> None:
    for w in (acb(1e-4, 3e-4), acb(-0.01, 0.02), acb(3, 1)):
        modes = inf if v == inf else Fraction(int(v))
        coarse, fine = (enclose_power_sums(w, a, exponents, modes, bits) for bits in (80, 240))
        double = PowerSums.of(a, exponents).at(np.array([complex(w)]), float(v)).values[:, 0]
        for rough, sharp, plain in zip(coarse, fine, double, strict=True):
            assert rough.overlaps(sharp)
            assert float(rough.rad()) < 1e-18 * float(abs(sharp).mid())
            assert abs(complex(sharp.mid()) / plain - 1) < 1e-12
