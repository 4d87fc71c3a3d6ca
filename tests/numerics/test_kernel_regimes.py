"""The leading terms of the phase diagram against the solver."""

from __future__ import annotations

from math import exp, inf, log

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.kernel import KernelModel, kernel_loss, local_exponents
from scaling_sym.numerics.kernel_regimes import (
    aspect_exponent,
    crossover,
    data_constant,
    feature_constant,
    leading_term,
    regime_terms,
)

POINTS = [(1.5, 1.5), (2.0, 1.5), (3.5, 1.5), (5.5, 1.5), (1.2, 1.1), (1.1, 3.0), (6.0, 3.0)]


@pytest.mark.parametrize(("a", "b"), POINTS)
def test_constants(a: float, b: float) -> None:
    size = 1e14
    for (constant, exponent, _), model in (
        (feature_constant(a, b), KernelModel(a, b, inf, size)),
        (data_constant(a, b), KernelModel(a, b, size, inf)),
    ):
        # the next term is smaller by size^-1 or by the distance to the wall, at least 1/2 here
        np.testing.assert_allclose(kernel_loss(model).test, constant * size**-exponent, rtol=2e-6)


def test_constants_on_the_walls() -> None:
    """The slope of m^exponent loss against log m is the constant; the rest is a constant and what decays."""
    b = 1.5
    for (constant, exponent, power), make in (
        (feature_constant(b + 1.0, b), lambda m: KernelModel(b + 1.0, b, inf, m)),
        (data_constant(2.0 * b + 1.0, b), lambda m: KernelModel(2.0 * b + 1.0, b, m, inf)),
    ):
        assert power == 1
        scaled = [kernel_loss(make(m)).test * m**exponent for m in (1e8, 1e12)]
        np.testing.assert_allclose((scaled[1] - scaled[0]) / log(1e4), constant, rtol=1e-5)


@pytest.mark.parametrize(
    ("a", "b", "sigma", "D", "P", "name"),
    [
        (1.5, 1.5, 0.0, 1e12, 1e6, "features"),
        (1.5, 1.5, 0.0, 1e6, 1e12, "data"),
        (4.0, 1.3, 0.0, 1e7, 1e12, "feature variance"),
        (4.0, 1.3, 0.0, 1e7, 1e26, "data"),
        (4.0, 1.3, 0.1, 1e12, 1e10, "data variance of noise"),
        (4.0, 1.3, 0.1, 1e8, 1e16, "noise"),
    ],
)
def test_cells(a: float, b: float, sigma: float, D: float, P: float, name: str) -> None:
    term = leading_term(a, b, log(D), log(P), sigma)
    assert term.name == name
    found = kernel_loss(KernelModel(a, b, D, P, 0.0, sigma))
    excess = found.bias + found.features + found.data + found.interaction
    # 3 %: the runner-up at these points, and 1/(1 - P/D)
    np.testing.assert_allclose(excess, exp(term.log_value(log(D), log(P))), rtol=0.03)
    np.testing.assert_allclose(local_exponents(KernelModel(a, b, D, P, 0.0, sigma)), (term.of_data, term.of_features), atol=0.03)


def test_crossover_balances_two_terms() -> None:
    a, b, D = 4.0, 1.3, 1e8
    P = exp(crossover(a, b, log(D)))
    limit, both = kernel_loss(KernelModel(a, b, D, inf)).test, kernel_loss(KernelModel(a, b, D, P)).test
    np.testing.assert_allclose(both / limit, 2.0, rtol=2e-2)
    np.testing.assert_allclose(log(P) / log(D), 1.0 + 2.6 - 1.3, atol=0.2)  # the constants enter as 1/log D
    assert crossover(2.0, 1.5, 10.0) == 10.0


@pytest.mark.parametrize(("a", "b"), [(1.5, 1.5), (4.0, 1.3)])
@pytest.mark.parametrize("s", [0.5, 1.5, 2.0, 3.0])
def test_aspect(a: float, b: float, s: float) -> None:
    sizes = (1e10, 1e12)
    losses = [kernel_loss(KernelModel(a, b, D, D**s)).test for D in sizes]
    np.testing.assert_allclose(log(losses[0] / losses[1]) / log(100.0), aspect_exponent(a, b, s), atol=0.02)


def test_terms_add_up_in_each_side() -> None:
    for D, P in ((1e8, 1e6), (1e6, 1e8)):
        found = kernel_loss(KernelModel(1.8, 1.4, D, P, 0.0, 0.02))
        excess = found.bias + found.features + found.data + found.interaction
        side = "P<D" if P < D else "P>D"
        total = sum(exp(t.log_value(log(D), log(P))) for t in regime_terms(1.8, 1.4, 0.02) if t.side == side)
        np.testing.assert_allclose(excess, total, rtol=0.02)  # 1/(1 - P/D) and corrections in 1/m


def test_refusals() -> None:
    for call in (
        lambda: regime_terms(1.0, 2.0), lambda: data_constant(2.0, 0.5), lambda: leading_term(2.0, 2.0, 1.0, 1.0),
        lambda: aspect_exponent(2.0, 2.0, 1.0), lambda: leading_term(2.0, 2.0, -1.0, 1.0),
    ):
        with pytest.raises(BadInputError):
            call()
