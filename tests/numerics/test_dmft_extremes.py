"""The mean-field solver at its corners, against roots of a polynomial in mpmath: N = P, one of everything, repeated and zero
eigenvalues, times of 1e15, and a spectrum that spans twelve decades."""

from __future__ import annotations

import mpmath as mp
import pytest

from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_online import OnlineSgd, online_curve
from tests.peers.dmft_roots import losses_by_roots

INF = float("inf")
CORNERS = [
    ([1.0, 0.5, 0.5, 0.0], [1.0, 2.0, 0.0, 5.0], 3.0, 7.0, 0.3, 20.0),
    ([1.0, 0.5, 0.2], [1.0, 1.0, 1.0], 1.0, 1.0, 0.3, 1e4),
    ([1.0, 0.5, 0.2], [1.0, 1.0, 1.0], 3.0, 3.0, 0.3, 1e3),
    ([1.0], [1.0], 1.0, 1.0, 0.3, 20.0),
    ([1.0, 0.5], [1.0, 1.0], 1.5, 1.5 * (1 + 1e-9), 0.1, 1e6),
    ([1.0, 1e-12], [1.0, 1e12], 1.0, 7.0, 0.1, 1e12),
    ([1.0, 0.5], [1.0, 1.0], 1e30, 1e12, 0.1, 3.0),
    ([1.0, 0.5, 0.25], [1.0, 1.0, 1.0], 2.0, 3.0, 1e4, 1e15),
    ([1.0, 0.5], [1.0, 1.0], INF, 1.0, 0.2, 30.0),
]


@pytest.mark.parametrize(("lam", "w2", "n", "samples", "sigma", "time"), CORNERS)
def test_corners(lam: list[float], w2: list[float], n: float, samples: float, sigma: float, time: float) -> None:
    curve = loss_curve(DmftModel.from_spectrum(lam, w2, n, samples, sigma), [time])
    with mp.workdps(60 if time > 1e12 else 28):
        test, train = losses_by_roots(lam, w2, n, samples, mp.mpf(sigma) ** 2, time, 16)
        # 16 Talbot nodes give 11 digits of the test loss; 1e-8 is what is promised
        assert abs(curve.test[0] / test - 1) < 1e-9
        assert abs(curve.train[0] - train) < 1e-8 * max(train, mp.mpf("1e-8"))


@pytest.mark.parametrize(("n", "steps"), [(1.0, 1e30), (1e30, 1e30), (1e12, 1e20), (INF, 1e15)])
def test_one_pass_sgd_far_out(n: float, steps: float) -> None:
    """Late, the loss less its floor is the floor's share K/(1 - K): both sides by single transforms at another point."""
    model, sgd = DmftModel(1.9, 1.3, n, INF, None, 0.5), OnlineSgd(4, 0.2, False, 0.3)
    curve = online_curve(model, [steps], sgd)
    later = online_curve(model, [1e3 * steps], sgd)
    assert abs(curve.test[0] * (1 - curve.kernel_norm) / later.forcing[0] - 1) < 1e-4
    assert curve.error[0] < 1e-9 * curve.test[0]
