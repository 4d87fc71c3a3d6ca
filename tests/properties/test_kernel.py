"""Symmetries, orders and limits of the static losses at any parameters."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scaling_sym.numerics.kernel import KernelModel, kernel_loss, loss_digits, variance_excess

sizes = st.one_of(st.integers(1, 50).map(float), st.floats(1.0, 1e12), st.just(float("inf")))
slopes = st.floats(1.05, 4.0)
tasks = st.floats(1.05, 8.0)
ridges = st.sampled_from([0.0, 1e-12, 1e-4, 0.3])
noises = st.sampled_from([0.0, 0.1, 1.0])
fewer = settings(max_examples=settings.default.max_examples // 3)  # type: ignore[union-attr]


@given(tasks, slopes, sizes, sizes, ridges, noises)
def test_pieces_are_positive_and_add_up(a: float, b: float, D: float, P: float, ridge: float, sigma: float) -> None:
    found = kernel_loss(KernelModel(a, b, D, P, ridge, sigma))
    assert found.error <= 1e-10 * found.test
    pieces = (found.bias, found.features, found.data, found.interaction)
    assert min(pieces) >= 0.0
    assert found.train <= found.test * (1.0 + 1e-12)
    if np.isfinite(found.test):
        np.testing.assert_allclose(found.test, sigma**2 + sum(pieces), rtol=1e-12)
        assert found.bias <= 1.0 / (1.0 - 2.0 ** (1.0 - a))  # a bound of sum k^-a, the loss of the zero predictor


@given(slopes, sizes, sizes, ridges)
def test_the_isotropic_teacher_sees_no_difference(b: float, D: float, P: float, ridge: float) -> None:
    here, there = kernel_loss(KernelModel(b, b, D, P, ridge)), kernel_loss(KernelModel(b, b, P, D, ridge))
    np.testing.assert_allclose(here.test, there.test, rtol=1e-11)


@fewer
@given(tasks, slopes, st.floats(1.0, 1e6), st.floats(1.0, 1e6), noises)
def test_excess_closes_the_gap(a: float, b: float, D: float, P: float, sigma: float) -> None:
    assume(D != P)
    model = KernelModel(a, b, D, P, 0.0, sigma)
    excess = variance_excess(model)
    assert excess.value > 0.0
    np.testing.assert_allclose(kernel_loss(model).test, excess.limit + excess.value, rtol=1e-11)


@fewer
@given(tasks, slopes, st.floats(1.0, 1e9), st.floats(1.0, 1e9), ridges, noises)
def test_two_routes(a: float, b: float, D: float, P: float, ridge: float, sigma: float) -> None:
    assume(ridge > 0.0 or D != P)
    model = KernelModel(a, b, D, P, ridge, sigma)
    found = kernel_loss(model)
    assert abs(found.test - float(loss_digits(model, 14).test)) <= found.error + 1e-13 * found.test


@fewer
@given(tasks, slopes, st.floats(2.0, 1e9), noises)
def test_noise_enters_linearly(a: float, b: float, D: float, sigma: float) -> None:
    clean, one, here = (kernel_loss(KernelModel(a, b, D, np.inf, 0.0, s)) for s in (0.0, 1.0, sigma))
    np.testing.assert_allclose(here.test, clean.test + sigma**2 * (one.test - clean.test), rtol=1e-11)
    np.testing.assert_allclose(one.test - clean.test, 1.0 / (1.0 - clean.gamma), rtol=1e-11)
