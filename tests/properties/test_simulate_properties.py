"""Properties of the simulations that hold at every point: identities, not statistics."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scaling_sym.numerics.simulate import DMFTModel, PLRFModel, PowerLawModes, simulate_dmft
from scaling_sym.numerics.simulate.plrf import find_stability_limit
from scaling_sym.numerics.simulate.sgd import StepRule, contract_modes, expect_risk, measure_kernel_norm
from tests.peers.random_models import volterra_risk

exponents = st.floats(0.1, 2.0)
seeds = st.integers(0, 2**32)


@given(exponents, exponents, st.integers(1, 6), st.integers(1, 8), st.integers(1, 9), st.floats(0.01, 0.9), seeds)
def test_exact_expectation_solves_the_volterra_equation(
    alpha: float, beta: float, d: int, v: int, batch: int, share: float, seed: int
) -> None:
    spectrum = np.arange(1, v + 1) ** (-2 * alpha)
    gamma = share * find_stability_limit(spectrum, batch)
    model = PLRFModel(alpha, beta, d, v, gamma, batch)
    weights = model.draw_weights(np.random.default_rng(seed))
    problem = model.draw_problem(np.random.default_rng(seed))
    dense = volterra_risk(
        weights,
        alpha,
        beta,
        lambda u: 1 - 2 * gamma * batch * u + gamma**2 * batch * (batch + 1) * u**2,
        gamma**2 * batch,
        15,
    )
    # All terms are positive: the relative error is some rounding units a step, also where the draw is unstable.
    np.testing.assert_allclose(expect_risk(problem, model.rule, range(16)), dense, rtol=1e-11)


@given(st.floats(1e-12, 1e3), st.floats(1e-6, 1e3), st.integers(1, 10**6))
def test_p_is_positive(u: float, gamma: float, batch: int) -> None:
    """`p = (1 - gamma B u)^2 + gamma^2 B u^2`, so that no step cancels."""
    scaled = gamma * batch * u
    exact = (1 - scaled) ** 2 + scaled**2 / batch
    found = float(contract_modes(np.array([u]), StepRule(gamma, batch))[0])
    # Terms up to 1 + 2 scaled + scaled^2 are added with one rounding each.
    assert abs(found - exact) <= 8e-16 * (1 + scaled) ** 2
    assert exact > 0


@given(exponents, st.integers(1, 30), st.integers(1, 1000), st.floats(0.01, 0.99))
def test_kernel_norm_is_below_one_below_the_limit(alpha: float, v: int, batch: int, share: float) -> None:
    spectrum = np.arange(1, v + 1) ** (-2 * alpha)
    limit = find_stability_limit(spectrum, batch)
    assert (
        measure_kernel_norm(spectrum, share * limit, batch) < 1 <= measure_kernel_norm(spectrum, 1.001 * limit, batch)
    )


@given(
    st.floats(1.1, 3.0),
    st.floats(0.5, 2.5),
    st.integers(1, 9),
    st.integers(1, 9),
    st.floats(0.0, 2.0),
    st.integers(0, 99),
)
def test_parts_add_up_and_training_descends(a: float, b: float, N: int, P: int, sigma: float, seed: int) -> None:
    model = DMFTModel(PowerLawModes(a, b, 7), N, P, sigma)
    found = simulate_dmft(model, [0.0, 0.5, 4.0, 100.0], networks=2, datasets=2, runs=2, seed=seed)
    parts = found.parts
    assert parts is not None
    assert found.train is not None
    whole = parts.bias.mean + parts.features.mean + parts.data.mean + parts.joint.mean + sigma**2
    np.testing.assert_allclose(found.single.mean, whole, rtol=1e-11)
    # Gradient flow never raises the train loss, and the average of predictors is never worse than their mean loss.
    assert np.all(np.diff(found.train.mean) <= 1e-12)
    assert np.all(found.test.mean <= found.single.mean * (1 + 1e-12))
