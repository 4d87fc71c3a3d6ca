"""The two exceptions to the exponent 1, against binomial sums, drawn samples and an integrator."""

from __future__ import annotations

from math import comb, exp, inf, log

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.sample_means import (
    growth_rate,
    mean_power_loss,
    printed_power_loss,
    printed_stable_limit,
    sign_power_loss,
    stable_limit,
    unstable_loss,
)


@pytest.mark.parametrize("alpha", [0.25, 0.5, 1.0, 1.7, 3.0])
def test_the_printed_power_law_needs_a_half_and_a_quarter(alpha: float) -> None:
    np.testing.assert_allclose(mean_power_loss(37, alpha), printed_power_loss(37, alpha), rtol=1e-13)
    for variance, scale in ((1.0, 0.5), (0.25, 1.0), (1.0, 1.0), (0.5, 0.5)):
        # 2 c (4 s^2)^alpha = 1 has a solution at one alpha at most for other pairs
        factor = 2.0 * scale * (4.0 * variance) ** alpha
        ratio = mean_power_loss(37, alpha, variance, scale) / printed_power_loss(37, alpha)
        np.testing.assert_allclose(ratio, factor, rtol=1e-12)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_drawn_means(alpha: float) -> None:
    means = np.random.default_rng(5).normal(0.0, 0.5, (40_000, 25)).mean(axis=1)
    losses = 0.5 * np.abs(means) ** (2.0 * alpha)
    assert abs(losses.mean() - printed_power_loss(25, alpha)) <= 4.0 * losses.std() / 200.0


@pytest.mark.parametrize("alpha", [1.0, 1.5, 2.0, 3.0])
def test_fair_signs_approach_the_law(alpha: float) -> None:
    # the fourth cumulant of a sign is -2 in units of its variance squared: relative -p(p-2)/(12 D), p = 2 alpha
    p, count = 2.0 * alpha, 400
    expected = 1.0 - p * (p - 2.0) / (12.0 * count)
    np.testing.assert_allclose(sign_power_loss(count, alpha) / printed_power_loss(count, alpha), expected, atol=30.0 / count**2)


@pytest.mark.parametrize(("count", "alpha", "time"), [(1, 0.7, 0.4), (10, 0.6, 3.0), (25, 0.9, 12.0)])
def test_unstable_loss_is_the_binomial_mean(count: int, alpha: float, time: float) -> None:
    chance = [comb(count, n) * alpha**n * (1.0 - alpha) ** (count - n) for n in range(count + 1)]
    theta = [2.0 * exp(-(2.0 * n / count - 1.0) * time) for n in range(count + 1)]
    exact = sum(p * (alpha - 0.5) * x**2 for p, x in zip(chance, theta, strict=True))
    np.testing.assert_allclose(unstable_loss(count, alpha, time, 2.0), exact, rtol=1e-12)
    printed = exp(2 * time) * (alpha - 0.5) * (1 - alpha * (1 - exp(-4 * time / count))) ** count * 4.0
    np.testing.assert_allclose(unstable_loss(count, alpha, time, 2.0), printed, rtol=1e-12)


def test_drawn_flows() -> None:
    rng = np.random.default_rng(6)
    count, alpha, time = 20, 0.8, 1.5
    curvature = np.where(rng.random((200_000, count)) < alpha, 1.0, -1.0).mean(axis=1)
    losses = (alpha - 0.5) * np.exp(-2.0 * curvature * time)
    assert abs(losses.mean() - unstable_loss(count, alpha, time)) <= 4.0 * losses.std() / np.sqrt(losses.size)


@pytest.mark.parametrize("alpha", [0.51, 0.6, 0.75, 0.99])
def test_the_exact_threshold(alpha: float) -> None:
    limit, printed = stable_limit(alpha), printed_stable_limit(alpha)
    np.testing.assert_allclose(limit, 0.5 * log(alpha / (1.0 - alpha)), rtol=1e-14)
    assert limit < printed
    assert growth_rate(alpha, 0.999 * limit) < 0.0 < growth_rate(alpha, 1.001 * limit)
    assert growth_rate(alpha, 0.5 * (limit + printed)) > 0.0  # where the paper says that it converges
    between = 0.5 * (limit + printed)
    assert unstable_loss(4e6, alpha, between * 4e6) > unstable_loss(4e3, alpha, between * 4e3) > 0.0
    assert unstable_loss(4e3, alpha, 0.5 * limit * 4e3) < unstable_loss(40, alpha, 0.5 * limit * 40)


def test_the_exponent_one_at_fixed_time() -> None:
    alpha, time = 0.7, 2.0
    base = unstable_loss(inf, alpha, time)
    for count in (1e4, 1e6):
        # relative 8 alpha (1 - alpha) T^2/D, the next term being of order T^3/D^2 and T^4/D^2
        excess = (unstable_loss(count, alpha, time) / base - 1.0) * count
        np.testing.assert_allclose(excess, 8.0 * alpha * (1.0 - alpha) * time**2, rtol=50.0 / count)


def test_refusals() -> None:
    for call in (
        lambda: mean_power_loss(0, 1.0), lambda: mean_power_loss(5, -0.5), lambda: sign_power_loss(2000, 1.0),
        lambda: unstable_loss(5, 0.5, 1.0), lambda: unstable_loss(5, 0.7, -1.0), lambda: stable_limit(1.1),
    ):
        with pytest.raises(BadInputError):
            call()
    assert stable_limit(1.0) == printed_stable_limit(1.0) == inf
