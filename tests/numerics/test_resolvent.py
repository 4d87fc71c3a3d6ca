"""The resolvent against dense iteration, its residual, the limit from above, and enclosures."""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest
from flint import acb

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.exact_resolvent import ExactModel, enclose_scale
from scaling_sym.numerics.resolvent import resolvent
from tests.peers.plrf_reference import dense_m


def test_matches_dense_iteration() -> None:
    z = np.array([0.3 + 0.1j, -0.2 + 0.01j, 0.01 + 0.02j, 1.2 + 0.3j])
    dense = dense_m(z, np.arange(1.0, 501) ** -1.6, 60)
    found = resolvent(z, Fraction(4, 5), 60, 500)
    # 1e-12: roundoff of a dense sum of 500 terms and thirty Newton steps.
    assert np.abs(found.m / dense - 1).max() < 1e-12


@pytest.mark.parametrize(
    ("alpha", "d", "v"), [(Fraction(4, 5), 1e30, inf), (Fraction(3, 10), 1e12, 4e12), (Fraction(2), 1.0, inf)]
)
def test_residual_and_defect_at_extreme_sizes(alpha: Fraction, d: float, v: float) -> None:
    scale = d ** (-2 * float(alpha))
    z = np.concatenate([scale * np.array([1j, -3.0, 5 + 1j, 1e4 * (1 + 1j)]), [1j, -1e6]])
    found = resolvent(z, alpha, d, v)
    assert found.residual.max() < 1e-13
    assert np.abs(found.m + found.one_minus_m - 1).max() < 1e-13


def test_on_the_spectrum_is_the_limit_from_above() -> None:
    x = np.array([1e-9, 1e-6, 0.3, 0.2, 1.0005])
    on, near = resolvent(x, Fraction(4, 5), 1e6, inf), resolvent(x * (1 + 1e-9j), Fraction(4, 5), 1e6, inf)
    # m is Hoelder-1/2 at worst, at a band's edge; inside or outside a band the difference is first order in 1e-9.
    assert np.abs(on.m - near.m).max() < 1e-4
    assert on.m[0].imag < 0


def test_zero_and_few_modes_are_refused() -> None:
    with pytest.raises(BadInputError):
        resolvent(np.array([0.0]), Fraction(1), 10, inf)
    with pytest.raises(BadInputError):
        resolvent(np.array([1j]), Fraction(1), 10, 9)


@pytest.mark.parametrize("u", [acb(0.001, 0.002), acb(-0.3, 0.1), acb(0.5)])
def test_enclosure_contains_the_double_value(u: acb) -> None:
    ball = enclose_scale(u, ExactModel(Fraction(8, 5), Fraction(1000), inf), 100)
    found = resolvent(-np.array([complex(u)]), Fraction(4, 5), 1000, inf)
    assert float(ball.rad()) < 1e-25
    assert abs(complex(u) / found.m[0] / complex(ball.mid()) - 1) < 1e-13
