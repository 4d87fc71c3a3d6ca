"""Identities that the PLRF curve obeys at any parameters: scaling in gamma and B, limits, monotonicity."""

from __future__ import annotations

from fractions import Fraction as Fr
from math import inf

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel, stability_limit

ALPHAS = st.fractions(Fr(1, 5), Fr(2), max_denominator=50)
BETAS = st.fractions(Fr(2, 5), Fr(5, 2), max_denominator=50)


def model(alpha: Fr, beta: Fr, d: int, **more: object) -> PlrfModel:
    more.setdefault("gamma_fraction", Fr(2, 5))
    return PlrfModel.of(alpha, beta, d, v=4 * d, **more)  # type: ignore[arg-type]


@settings(max_examples=15)
@given(ALPHAS, BETAS, st.integers(2, 12), st.floats(0, 9))
def test_batch_only_rescales_continuous_time(alpha: Fr, beta: Fr, batch: int, log_r: float) -> None:
    # gamma B r enters F as one, and gamma alone enters 1 - K: the batch is a change of clock.
    one, many = (model(alpha, beta, 300, gamma_fraction=Fr(1, 3), B=b, dynamics="continuous") for b in (1, batch))
    r = Fr(10**log_r).limit_denominator(10**6)
    a = loss_curve(one, [r * batch], "continuous")
    b = loss_curve(many, [r], "continuous")
    assert abs(a.loss[0] - b.loss[0]) <= a.error[0] + b.error[0]


@settings(max_examples=15)
@given(ALPHAS, BETAS, st.fractions(Fr(1, 10), Fr(9, 10), max_denominator=20), st.integers(1, 6))
def test_forcing_depends_on_gamma_through_time_only(alpha: Fr, beta: Fr, fraction: Fr, exponent: int) -> None:
    slow, fast = (model(alpha, beta, 300, gamma_fraction=g, dynamics="continuous") for g in (fraction / 2, fraction))
    r = 10**exponent
    a, b = loss_curve(slow, [2 * r], "continuous"), loss_curve(fast, [r], "continuous")
    assert abs(a.forcing[0] / b.forcing[0] - 1) < 1e-8
    assert a.loss[0] < b.loss[0] * (1 + 1e-9)  # a larger step only adds noise at equal gamma r


@settings(max_examples=6)
@given(ALPHAS, BETAS)
def test_floor_falls_with_size(alpha: Fr, beta: Fr) -> None:
    late = [loss_curve(model(alpha, beta, d), [10**40]) for d in (100, 200, 400, 800)]
    losses = np.array([c.loss[0] for c in late])
    assert np.all(np.diff(losses) < 0)
    for c in late:
        # P(oo) = F_0 / (1 - ||K||).
        assert abs(c.loss[0] * (1 - c.kernel_norm) / c.pieces["F_0"][0] - 1) < 1e-9


@settings(max_examples=6)
@given(st.fractions(Fr(3, 5), Fr(2), max_denominator=50), BETAS)
def test_infinite_size_is_a_limit(alpha: Fr, beta: Fr) -> None:
    sizes = (10**4, 10**6, 10**8, 10**12)
    curves = [loss_curve(PlrfModel.of(alpha, beta, d, v=inf, gamma_fraction=Fr(1, 4)), [100]) for d in sizes]
    gaps = [abs(c.loss[0] - curves[-1].loss[0]) for c in curves[:-1]]
    # Corrections at fixed r are O(1/d).
    assert gaps[1] <= 0.02 * gaps[0] + 1e-12
    assert gaps[2] <= 0.02 * gaps[1] + 1e-12


@settings(max_examples=6)
@given(ALPHAS, BETAS)
def test_step_zero_is_the_power_of_the_target(alpha: Fr, beta: Fr) -> None:
    power = (np.arange(1.0, 401) ** (-2 * float(alpha + beta))).sum()
    point = model(alpha, beta, 100)
    assert abs(loss_curve(point, [0]).loss[0] / power - 1) < 1e-10
    assert abs(loss_curve(point, [0], "continuous").loss[0] / power - 1) < 1e-12
    assert abs(loss_curve(point, [Fr(1, 10**9)], "continuous").loss[0] / power - 1) < 1e-7


@settings(max_examples=6)
@given(ALPHAS, BETAS)
def test_discrete_becomes_continuous(alpha: Fr, beta: Fr) -> None:
    gaps = []
    for k in (3, 5):
        gamma = Fr(stability_limit(model(alpha, beta, 100))) / 10**k
        point = model(alpha, beta, 100, gamma=gamma, gamma_fraction=None)
        r = 20 * 10**k
        discrete, continuous = loss_curve(point, [r], "discrete"), loss_curve(point, [r], "continuous")
        gaps.append(abs(discrete.loss[0] / continuous.loss[0] - 1))
    # First order in gamma at fixed gamma r.
    assert gaps[1] <= 0.02 * gaps[0] + 1e-9
