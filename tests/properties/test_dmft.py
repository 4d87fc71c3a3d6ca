"""Symmetries, scalings and limits that hold for every mean-field model."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_static import static_limit

sizes = st.one_of(st.integers(1, 50).map(float), st.floats(1.0, 1e8), st.just(float("inf")))
slopes = st.floats(1.05, 4.0)
tasks = st.floats(1.05, 8.0)
moments = st.floats(1e-3, 1e6)
noises = st.sampled_from([0.0, 0.1, 1.0])


@given(tasks, slopes, sizes, sizes, noises, moments)
def test_losses_are_ordered(a: float, b: float, n: float, p: float, sigma: float, t: float) -> None:
    curve = loss_curve(DmftModel(a, b, n, p, None, sigma), [t, 2.0 * t])
    slack = 1e-11 * curve.test
    assert np.all(curve.error <= 1e-9 * curve.test)
    for piece in (curve.bias, curve.features, curve.data, curve.interaction):
        assert np.all(piece >= -slack)
    assert np.all(curve.correction >= -slack)
    total = sigma**2 + curve.bias + curve.features + curve.data + curve.interaction
    np.testing.assert_allclose(curve.test, total, rtol=1e-13)
    assert curve.train[1] <= curve.train[0] * (1.0 + 1e-11)  # gradient flow descends its own loss
    assert np.all(curve.train_shared <= curve.train * (1.0 + 1e-11) + 1e-18)
    assert np.all(curve.bagged(3.0) <= curve.average(3.0, 1.0) + slack)
    np.testing.assert_allclose(curve.average(), curve.test, rtol=1e-13)
    np.testing.assert_allclose(curve.average(np.inf, np.inf), sigma**2 + curve.bias, rtol=1e-13)


@given(tasks, slopes, sizes, sizes, moments)
def test_bias_is_symmetric_in_model_and_data(a: float, b: float, n: float, p: float, t: float) -> None:
    one, two = (loss_curve(DmftModel(a, b, *pair), [t]) for pair in ((n, p), (p, n)))
    np.testing.assert_allclose(one.bias, two.bias, rtol=1e-11)


@given(tasks, slopes, sizes, noises, moments)
def test_infinite_data_leaves_no_gap(a: float, b: float, n: float, sigma: float, t: float) -> None:
    curve = loss_curve(DmftModel(a, b, n, np.inf, None, sigma), [t])
    np.testing.assert_allclose(curve.train, curve.test, rtol=1e-11)
    assert curve.data[0] == curve.interaction[0] == 0.0


@given(tasks, slopes, sizes, sizes, moments)
def test_noise_enters_linearly(a: float, b: float, n: float, p: float, t: float) -> None:
    clean, one, two = (loss_curve(DmftModel(a, b, n, p, None, s), [t]) for s in (0.0, 1.0, np.sqrt(2.0)))
    np.testing.assert_allclose(two.test - clean.test, 2.0 * (one.test - clean.test), rtol=1e-9)
    np.testing.assert_allclose(two.train - clean.train, 2.0 * (one.train - clean.train), rtol=1e-9, atol=1e-12)


@given(
    st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=12),
    st.floats(0.1, 10.0),
    st.sampled_from([1.0, 3.0, 12.0, 40.0, float("inf")]),
    st.sampled_from([1.0, 4.0, 30.0, float("inf")]),
    st.floats(0.01, 100.0),
)
def test_eigenvalues_and_time_scale_together(lam: list[float], c: float, n: float, p: float, t: float) -> None:
    spectrum = np.array(lam)
    w2 = 1.0 / (1.0 + np.arange(spectrum.size))
    plain = loss_curve(DmftModel.from_spectrum(spectrum, w2, n, p, 0.5), [t])
    scaled = loss_curve(DmftModel.from_spectrum(c * spectrum, w2 / c, n, p, 0.5), [t / c])
    np.testing.assert_allclose(scaled.test, plain.test, rtol=1e-10)
    np.testing.assert_allclose(scaled.train, plain.train, rtol=1e-9, atol=1e-16)


@given(tasks, slopes, sizes, sizes, noises)
def test_late_losses_are_the_static_limit(a: float, b: float, n: float, p: float, sigma: float) -> None:
    model = DmftModel(a, b, n, p, None, sigma)
    limit = static_limit(model)
    if limit.power or min(n, p) == np.inf or abs(n - p) < 1e-6 * n:
        return
    late = loss_curve(model, [1e80], rtol=1e-8)
    np.testing.assert_allclose(late.test, limit.test, rtol=1e-8)
    np.testing.assert_allclose(late.train, limit.train, rtol=1e-8, atol=1e-20)


@given(tasks, slopes, sizes, sizes, noises)
def test_early_losses_start_along_the_gradient(a: float, b: float, n: float, p: float, sigma: float) -> None:
    model = DmftModel(a, b, n, p, None, sigma)
    start, early = loss_curve(model, [0.0, 1e-9]).test
    k = np.arange(1.0, 2e5)
    slope = 2.0 * float((k ** (-a - b)).sum())  # d/dt of sum lambda w^2 e^{-2 lambda t}; finite sizes enter at t^2
    assert abs((start - early) / 1e-9 - slope) < 1e-4 * slope
