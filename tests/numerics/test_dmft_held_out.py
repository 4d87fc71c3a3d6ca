"""Test and train loss against the printed equations at points that nothing was tuned on, to 1e-8 and better.

The peer sums over all modes, solves the printed 2 x 2 system at every pair of Talbot nodes, and inverts both with mpmath.
"""

from __future__ import annotations

from math import inf

import mpmath as mp
import numpy as np
import pytest

from scaling_sym.numerics.dmft import DmftModel, loss_curve, loss_digits
from tests.peers.dmft_direct import invert_twice

HELD_OUT = [
    (DmftModel(1.7, 1.15, 13, 4, 11, 0.7), 6.5), (DmftModel(2.2, 1.9, 4, inf, 12, 0.3), 40.0),
    (DmftModel(3.3, 1.05, inf, 5, 12, 0.2), 11.0), (DmftModel(1.05, 1.4, 7, 7, 10, 0.4), 90.0),
    (DmftModel(4.5, 2.2, 2, 3, 6, 0.0), 500.0), (DmftModel(1.6, 0.4, 25, 40, 9, 1.5), 2.5),
    (DmftModel(0.5, 0.0, 6, 9, 7, 0.1), 1.0),
]


@pytest.mark.parametrize(("model", "time"), HELD_OUT)
def test_finite_spectra(model: DmftModel, time: float) -> None:
    k = np.arange(1.0, model.count + 1.0)
    with mp.workdps(22):
        test, train = invert_twice(k**-model.b, k ** (model.b - model.a), model.N, model.P, model.noise, time, 18)
    curve = loss_curve(model, [time])
    # 18 Talbot nodes give 10 digits; 1e-8 is what is promised.
    assert abs(curve.test[0] / float(test) - 1) < 1e-9
    if np.isfinite(model.P):
        assert abs(curve.train[0] - float(train)) < 1e-9 * max(float(train), 1e-8) + 1e-12
    else:
        assert curve.train[0] == pytest.approx(curve.test[0], rel=1e-12)


@pytest.mark.parametrize(("model", "time"), [
    (DmftModel(2.4, 1.2, 50, 35, None, 0.3), 250.0), (DmftModel(1.3, 1.6, 8, 8, None, 0.2), 17.0),
    (DmftModel(1.9, 1.3, inf, 60, None, 0.5), 3e4),
])
def test_infinite_spectra_against_ball_arithmetic(model: DmftModel, time: float) -> None:
    """Other sums (hypergeometric tails), other contours, other pairing: `dmft_precise`."""
    curve, precise = loss_curve(model, [time]), loss_digits(model, time, 14)
    assert abs(curve.test[0] / float(precise.test) - 1) < 1e-11
    assert abs(curve.train[0] - float(precise.train)) < 1e-11 * max(float(precise.train), 1e-8)

