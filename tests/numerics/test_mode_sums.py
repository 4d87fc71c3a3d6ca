"""Sums over modes against mpmath's Hurwitz zeta function and against plain sums."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.mode_sums import array_rule, compress_measure, exact_rule, gauss_counting, power_law_rule


def sum_exactly(s: float, b: float, kappa: complex) -> complex:
    """sum_k k^-s/(kappa + k^-b): a plain head, then the geometric series in k^-b/kappa by Hurwitz zeta functions."""
    with mp.workdps(30):
        point, s, b = mp.mpmathify(kappa), mp.mpf(s), mp.mpf(b)
        start = int(3 * abs(kappa) ** (-1 / float(b))) + 20
        head = mp.fsum(mp.mpf(k) ** -s / (point + mp.mpf(k) ** -b) for k in range(1, start))
        tail = mp.fsum((-1) ** j * point ** (-j - 1) * mp.zeta(s + b * j, start) for j in range(60))
        return complex(head + tail)


@pytest.mark.parametrize(("a", "b"), [(1.9, 1.3), (1.01, 1.02), (3.0, 2.5), (5.0, 1.2)])
@pytest.mark.parametrize("kappa", [0.3, 3e-3 * np.exp(2.3j), 1e-4 * np.exp(2.4j)])
def test_infinite_power_law(a: float, b: float, kappa: complex) -> None:
    rule = power_law_rule(a, b, np.inf, min(abs(kappa), 1.0))
    inverse = 1.0 / (kappa + rule.nodes)
    # b = 1.02 has 1e5 cancelling phases, hence a few dozen units of rounding
    assert abs(inverse @ rule.capacity / sum_exactly(b, b, kappa) - 1.0) < 5e-14
    assert abs(inverse @ rule.task / sum_exactly(a, b, kappa) - 1.0) < 5e-14


@pytest.mark.parametrize("modes", [1, 2, 17, 19, 100, 5000])
def test_finite_power_law_is_the_plain_sum(modes: int) -> None:
    k = np.arange(1.0, modes + 1.0)
    rule, plain = power_law_rule(1.7, 0.8, modes, 1.0), exact_rule(k**-0.8, k**-0.9)
    for kappa in (2.0, 0.01, 1e-3j):
        left = (1.0 / (kappa + rule.nodes)) @ np.stack([rule.capacity, rule.task], axis=1)
        right = (1.0 / (kappa + plain.nodes)) @ np.stack([plain.capacity, plain.task], axis=1)
        np.testing.assert_allclose(left, right, rtol=1e-13)


def test_cost_does_not_grow_with_the_number_of_modes() -> None:
    sizes = [power_law_rule(1.9, 1.3, modes, 1e-9).nodes.size for modes in (1e6, 1e12, 1e18)]
    assert sizes[2] - sizes[1] <= sizes[1] - sizes[0] + 20
    assert sizes[2] < 1700


def test_counting_rule_is_exact_for_polynomials() -> None:
    k, weight = gauss_counting(50.0, 6)
    for degree in range(12):
        assert abs(weight @ k**degree / sum(float(i) ** degree for i in range(50)) - 1.0) < 1e-13


def test_large_arrays_are_compressed_without_loss() -> None:
    rng = np.random.default_rng(1)
    lam, w2 = rng.uniform(1e-4, 1.0, 30000), rng.exponential(size=30000)
    rule, plain = array_rule(lam, w2), exact_rule(lam, w2)
    assert rule.nodes.size < 1000
    for kappa in (0.5, 1e-3 * np.exp(2.2j)):
        np.testing.assert_allclose(
            (1 / (kappa + rule.nodes)) @ rule.capacity, (1 / (kappa + plain.nodes)) @ plain.capacity, rtol=1e-12
        )
        np.testing.assert_allclose(
            (1 / (kappa + rule.nodes)) @ rule.task, (1 / (kappa + plain.nodes)) @ plain.task, rtol=1e-12
        )
    node, mass = compress_measure(np.array([2.0, 2.0]), np.array([1.0, 3.0]), 5)
    assert (node[0], mass[0]) == (2.0, 4.0)


def test_divergent_sums_are_refused() -> None:
    for a, b in ((1.0, 2.0), (2.0, 1.0)):
        with pytest.raises(BadInputError):
            power_law_rule(a, b, np.inf, 1.0)
