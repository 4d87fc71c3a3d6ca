"""The intervals contain the truth, and are not wide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from scaling_sym.data.exponents import eigenvalue_bias, estimate_exponents, fit_power_law, power_bias
from scaling_sym.data.spectra import Spectrum, measure_features, measure_kernel, measure_spectrum
from scaling_sym.errors import BadInputError
from tests.peers.data_direct import random_task

K = np.arange(1.0, 301.0)


@pytest.mark.parametrize(("a", "b"), [(1.5, 1.2), (3.0, 2.0), (4.0, 1.1)])
def test_an_exact_law_is_found_exactly(a: float, b: float) -> None:
    found = estimate_exponents(measure_spectrum(K**-b, K[:, None] ** ((b - a) / 2), "s"))
    assert found.a is not None
    for exponent, truth in ((found.b, b), (found.a, a)):
        assert exponent.low <= truth <= exponent.high
        assert exponent.high - exponent.low < 1e-5  # rounding alone


def test_the_fit_is_unbiased_where_logarithms_are_not() -> None:
    stream = np.random.default_rng(0)
    k = np.arange(4.0, 201.0)
    rows = k**-2.0 * stream.standard_normal((400, k.size)) ** 2
    slopes = fit_power_law(rows, k, np.ones(k.size), 0.0, np.ones(k.size))[1]
    # The standard error of one slope is about 0.13, of the mean of 400 of them 0.007: four of these.
    assert slopes.mean() == pytest.approx(2.0, abs=0.03)


def test_the_bias_of_sampled_spectra() -> None:
    """Formula (2) against means over 100 drawn samples; what is left is second order, here about 0.15 of the bias."""
    a, b, samples, modes = 2.0, 1.5, 300, 120
    k = np.arange(1.0, modes + 1.0)
    stream = np.random.default_rng(5)
    values, power = np.zeros(modes), np.zeros(modes)
    for _ in range(100):
        psi = stream.standard_normal((samples, modes)) * k ** (-b / 2)
        found = measure_features(psi, (psi @ k ** ((b - a) / 2))[:, None], "x")
        assert found.power is not None
        values += found.eigenvalues / found.eigenvalues.sum() * (k**-b).sum() / 100
        power += found.power / found.power.sum() * (k**-a).sum() / 100
    delta = eigenvalue_bias(k**-b, b, samples, modes)
    rho = power_bias(k**-b, k**-a, (1.0, a), b, samples, modes)
    part = slice(60, 80)  # of 120 modes from 300 samples: a large bias, still of first order
    assert (values / k**-b - 1.0)[part].mean() == pytest.approx(delta[part].mean(), abs=0.04)
    # Power scatters like a squared Gaussian: 20 modes, 100 draws, so a standard error of 0.03; between two and three of them.
    assert (power / k**-a - 1.0)[part].mean() == pytest.approx(rho[part].mean(), abs=0.08)
    assert delta[part].mean() < -0.1
    assert rho[part].mean() < -0.1


def _features(a: float, b: float, seed: int) -> Spectrum:
    x, y = random_task(a, b, (1500, 150), 0.05, seed)
    return measure_features(x, y[:, None], "x")


def _wide(a: float, b: float, seed: int) -> Spectrum:
    x, y = random_task(a, b, (600, 900), 0.0, seed)
    return measure_features(x, y[:, None], "x")


def _kernel(a: float, b: float, seed: int) -> Spectrum:
    """A kernel made from its own eigenvectors, with labels along them: no finite-sample bias at all."""
    stream = np.random.default_rng(seed)
    count = 400
    k = np.arange(1.0, count + 1.0)
    basis = np.linalg.qr(stream.standard_normal((count, count)))[0]
    matrix = (basis * k**-b) @ basis.T
    labels = basis @ (k ** (-a / 2) * np.sqrt(count)) + 0.02 * stream.standard_normal(count)
    return measure_kernel((matrix + matrix.T) / 2.0, labels[:, None], "k")


@pytest.mark.parametrize(
    ("make", "widths"), [(_features, (0.1, 0.8)), (_wide, (0.15, 1.2)), (_kernel, (0.15, 0.7))]
)
@pytest.mark.parametrize(("a", "b"), [(2.0, 1.5), (1.6, 1.9)])
def test_intervals_contain_the_truth(
    make: Callable[[float, float, int], Spectrum], widths: tuple[float, float], a: float, b: float
) -> None:
    found = [estimate_exponents(make(a, b, seed)) for seed in range(5)]
    # The coverage is about 95 %: two misses in five come up in 2 % of draws, and these seeds are fixed.
    assert sum(e.b.low <= b <= e.b.high for e in found) >= 4
    assert sum(e.a is not None and e.a.low <= a <= e.a.high for e in found) >= 4
    assert np.mean([e.b.high - e.b.low for e in found]) < widths[0]
    assert np.mean([e.a.high - e.a.low for e in found if e.a]) < widths[1]


@pytest.mark.deep
@pytest.mark.parametrize("make", [_features, _wide, _kernel])
def test_coverage(make: Callable[[float, float, int], Spectrum]) -> None:
    laws = [(2.0, 1.5), (1.5, 1.2), (3.0, 1.5), (1.8, 2.0), (2.5, 1.1)]
    found = [(a, b, estimate_exponents(make(a, b, seed))) for a, b in laws for seed in range(40)]
    # 200 draws: at a coverage of 0.95 fewer than 180 successes have a probability of 0.1 %.
    assert sum(e.b.low <= b <= e.b.high for _, b, e in found) >= 180
    assert sum(e.a is not None and e.a.low <= a <= e.a.high for a, _, e in found) >= 180


def test_a_floor_under_a_kernel_is_recognised() -> None:
    stream = np.random.default_rng(6)
    count, b = 500, 1.6
    basis = np.linalg.qr(stream.standard_normal((count, count)))[0]
    matrix = (basis * (np.arange(1.0, count + 1.0) ** -b + 1e-3)) @ basis.T
    found = estimate_exponents(measure_kernel((matrix + matrix.T) / 2.0, None, "k"))
    assert found.b.floor > 0.0
    assert found.b.low <= b <= found.b.high
    assert found.b.high - found.b.low < 0.3


def test_what_is_no_power_law_gets_a_wide_interval() -> None:
    """exp(-sqrt k) has the local slope sqrt(k)/2: 1 at k = 4, 8.7 at the end; the interval must show the drift."""
    found = estimate_exponents(measure_spectrum(np.exp(-np.sqrt(K)), None, "s"))
    assert found.b.high - found.b.low > 2.5
    assert found.a is None


def test_too_few_eigenvalues() -> None:
    with pytest.raises(BadInputError, match="rank-deficient or too small: it has 10 positive eigenvalues"):
        estimate_exponents(measure_spectrum(np.arange(1.0, 11.0), None, "s"))
    with pytest.raises(BadInputError, match="constant"):
        estimate_exponents(measure_spectrum(np.ones(50), None, "s"))


def test_equal_seeds_give_equal_answers() -> None:
    assert estimate_exponents(_wide(2.0, 1.5, 0), seed=3) == estimate_exponents(_wide(2.0, 1.5, 0), seed=3)
