"""The simulated power-law random features against literal descent, the dense Volterra equation, and planted faults.

Seeds are fixed, so a test that passes always passes; "3 standard errors" is the tolerance of the comparisons between
means, as the standard error is the only scale that they have.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest

from scaling_sym.errors import BadInputError, NoConvergenceError, OutsideDomainError, PrecisionError
from scaling_sym.numerics.simulate import PLRFModel, expect_plrf, simulate_plrf, sweep_plrf
from scaling_sym.numerics.simulate.plrf import find_stability_limit, run_members
from scaling_sym.numerics.simulate.sgd import (
    StepRule,
    descend_reduced,
    diagonalise_features,
    evaluate_forcing,
    evaluate_kernel,
    expect_risk,
    measure_kernel_norm,
)
from tests.peers.random_models import descend_by_samples, volterra_risk

SMALL = PLRFModel(alpha=0.6, beta=0.4, d=3, v=5, gamma=0.15, batch=2)


def draw_weights(seed: int, model: PLRFModel) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((model.v, model.d)) / math.sqrt(model.d)


def reduce(weights: np.ndarray, model: PLRFModel):
    scales = np.sqrt(model.eigenvalues)
    return diagonalise_features(scales[:, None] * weights, scales * model.teacher)


def p_printed(gamma: float, batch: int):
    return lambda u: 1 - 2 * gamma * batch * u + gamma**2 * batch * (batch + 1) * u**2


@pytest.mark.parametrize("model", [SMALL, PLRFModel(0.9, 1.3, 6, 4, 0.3, 1), PLRFModel(0.3, 0.7, 1, 9, 0.05, 7)])
def test_exact_expectation_solves_the_volterra_equation(model: PLRFModel) -> None:
    weights = draw_weights(1, model)
    dense = volterra_risk(
        weights, model.alpha, model.beta, p_printed(model.gamma, model.batch), model.gamma**2 * model.batch, 40
    )
    fast = expect_risk(reduce(weights, model), model.rule, range(41))
    # 40 steps of a stable recurrence of positive terms: some tens of rounding units.
    np.testing.assert_allclose(fast, dense, rtol=1e-12)


def test_forcing_and_kernel_solve_for_the_same_risk() -> None:
    problem = reduce(draw_weights(2, SMALL), SMALL)
    steps = list(range(31))
    forcing, kernel = evaluate_forcing(problem, SMALL.rule, steps), evaluate_kernel(problem, SMALL.rule, steps)
    risk = np.zeros(31)
    for r in steps:
        risk[r] = forcing[r] + kernel[:r][::-1] @ risk[:r]
    np.testing.assert_allclose(risk, expect_risk(problem, SMALL.rule, steps), rtol=1e-12)
    # The atom at zero is what remains of the forcing.
    assert evaluate_forcing(problem, SMALL.rule, [10**7])[0] == pytest.approx(problem.floor, rel=1e-12)
    total = float(np.sum(evaluate_kernel(problem, SMALL.rule, range(4000))))
    assert total == pytest.approx(measure_kernel_norm(problem.eigenvalues, SMALL.gamma, SMALL.batch), rel=1e-10)


def test_long_gaps_agree_with_single_steps() -> None:
    problem = reduce(draw_weights(1, SMALL), SMALL)
    assert measure_kernel_norm(problem.eigenvalues, SMALL.gamma, SMALL.batch) < 1
    stepped = expect_risk(problem, SMALL.rule, range(0, 20001, 500))[-1]
    # Repeated squaring multiplies the relative rounding by the number of steps, 20000, at worst.
    assert expect_risk(problem, SMALL.rule, [20000])[0] == pytest.approx(stepped, rel=1e-11)


def test_last_step_reaches_the_limit_of_the_risk() -> None:
    """At late steps `P = floor / (1 - |K|)`, by summing the Volterra equation."""
    problem = reduce(draw_weights(1, SMALL), SMALL)
    limit = problem.floor / (1 - measure_kernel_norm(problem.eigenvalues, SMALL.gamma, SMALL.batch))
    # A contraction forgets its roundings, so that only those of the last few squarings are left.
    assert expect_risk(problem, SMALL.rule, [10**8])[0] == pytest.approx(limit, rel=1e-11)
    with pytest.raises(PrecisionError, match="largest step allowed"):
        expect_risk(problem, SMALL.rule, [10**8 + 1])


def z_scores(sample: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Distance of the sample's mean from `exact` in standard errors; sample (runs, n)."""
    return (sample.mean(axis=0) - exact) / (sample.std(axis=0, ddof=1) / math.sqrt(len(sample)))


@pytest.fixture(scope="module")
def brute() -> tuple[np.ndarray, np.ndarray]:
    """Weights of the small model and 20000 literal runs of 12 steps on them."""
    weights = draw_weights(4, SMALL)
    return weights, descend_by_samples(
        weights, SMALL.alpha, SMALL.beta, SMALL.gamma, SMALL.batch, 12, runs=20000, seed=5
    )


def test_exact_expectation_is_the_mean_of_literal_descent(brute: tuple[np.ndarray, np.ndarray]) -> None:
    weights, risk = brute
    exact = expect_risk(reduce(weights, SMALL), SMALL.rule, range(13))
    assert risk[0, 0] == pytest.approx(exact[0], rel=1e-13)
    assert np.all(np.abs(z_scores(risk[:, 1:], exact[1:])) < 3)


G, B = SMALL.gamma, SMALL.batch


@pytest.mark.parametrize(
    ("fault", "p", "size"),
    [
        ("mean over the batch", p_printed(G / B, B), G**2 / B),
        ("half in the loss", p_printed(G / 2, B), G**2 * B / 4),
        ("B for B + 1", lambda u: 1 - 2 * G * B * u + G**2 * B * B * u**2, G**2 * B),
        ("no batch in the kernel", p_printed(G, B), G**2),
        ("no kernel", p_printed(G, B), 0.0),
    ],
)
def test_planted_faults_are_seen(brute: tuple[np.ndarray, np.ndarray], fault: str, p, size: float) -> None:
    weights, risk = brute
    wrong = volterra_risk(weights, SMALL.alpha, SMALL.beta, p, size, 12)
    assert np.max(np.abs(z_scores(risk[:, 1:], wrong[1:]))) > 6, fault


@pytest.mark.parametrize("batch", [1, 3])
def test_p_of_the_volterra_claim_by_direct_sampling(batch: int) -> None:
    """`p(u) = 1 - 2 gamma B u + gamma^2 B (B+1) u^2`, one step, mode by mode, data drawn in R^v."""
    v, d, gamma, runs = 4, 3, 0.25, 200_000
    model = PLRFModel(0.5, 0.5, d, v, gamma, batch)
    generator = np.random.default_rng(6)
    weights = draw_weights(7, model)
    root = np.diag(np.sqrt(model.eigenvalues))
    values, vectors = np.linalg.eigh(root @ weights @ weights.T @ root)
    start = root @ (weights @ generator.standard_normal(d) - model.teacher)
    x = generator.standard_normal((runs, batch, v)) @ root
    error = x @ np.linalg.solve(root, start)
    residual = start - gamma * np.einsum("rb,rbd->rd", error, x @ weights) @ (root @ weights).T
    squares = (residual @ vectors) ** 2
    before = (vectors.T @ start) ** 2
    noise = gamma**2 * batch * values**2 * np.sum(before)
    active = values > 1e-12
    assert np.all(np.abs(z_scores(squares, p_printed(gamma, batch)(values) * before + noise))[active] < 3)
    # One mode at zero never moves.
    np.testing.assert_allclose(squares[:, ~active], np.tile(before[~active], (runs, 1)), rtol=1e-9)
    # B^2 in place of B (B + 1) would be seen.
    faulty = (1 - gamma * batch * values) ** 2 * before + noise
    assert np.max(np.abs(z_scores(squares, faulty))[active]) > 6


def test_reduced_and_literal_sampling_agree_in_law() -> None:
    model = PLRFModel(0.7, 0.6, 6, 15, 0.15, 2)
    steps = [1, 3, 10, 30]
    exact = None
    for sampling in ("reduced", "literal"):
        found = simulate_plrf(model, steps, runs=1500, weights=1, seed=8, sampling=sampling)
        if exact is None:
            stream_weights = simulate_plrf(model, [0], runs=2, weights=1, seed=8).mean[0]
            assert stream_weights == pytest.approx(float(model.eigenvalues @ model.teacher**2), rel=1e-13)
            exact = _expected_on_first_draw(model, steps, seed=8)
        assert np.all(np.abs(found.mean - exact) < 3 * found.standard_error)
        assert np.all(found.standard_error < 0.05 * found.mean)


def _expected_on_first_draw(model: PLRFModel, steps: list[int], seed: int) -> np.ndarray:
    from scaling_sym.numerics.simulate.ensemble import member_streams

    of_weights, _ = member_streams(seed, repr(model), 0, 2)
    return expect_risk(model.draw_problem(of_weights), model.rule, steps)


def test_mean_over_weights_agrees_with_the_exact_data_average() -> None:
    # A batch of 4 and a small step: at batch 1 the risk after ten steps is so skew that 600 runs may miss by 4 errors.
    model = PLRFModel(0.8, 1.1, 10, 40, 0.05, 4)
    steps = [1, 10, 100, 400]
    drawn = simulate_plrf(model, steps, runs=600, seed=9)
    exact = expect_plrf(model, steps, weights=600, seed=10)
    error = np.hypot(drawn.standard_error, exact.standard_error)
    assert np.all(np.abs(drawn.mean - exact.mean) < 3 * error)
    assert np.all(error < 0.1 * exact.mean)


def test_standard_errors_are_honest() -> None:
    """Over many small ensembles the squared z-scores average to their expectation under Student's law."""
    model = PLRFModel(alpha=0.6, beta=0.4, d=3, v=5, gamma=0.05, batch=2)
    scores = []
    for seed in range(300):
        found = simulate_plrf(model, [8], runs=64, weights=1, seed=seed)
        exact = _expected_on_first_draw(model, [8], seed)
        scores.append(float((found.mean - exact)[0] / found.standard_error[0]))
    # Student with 63 degrees of freedom has variance 63/61; the mean of 300 squares has a standard deviation of about
    # sqrt(2/300) = 0.08, and skewness adds a little. A forgotten factor 2 or sqrt(runs) would be far outside.
    assert 0.75 < float(np.mean(np.square(scores))) < 1.35
    assert np.mean(np.abs(scores) > 3) < 0.02


def test_the_learning_rate_multiplies_the_sum_over_the_batch() -> None:
    """In one step at d = v = 1 the risk is (1 - gamma l sum z^2)^2; E = 1 - 2 gamma B l + gamma^2 l^2 B (B + 2)."""
    model = PLRFModel(1.0, 1.0, 1, 1, 0.1, 4)
    found = simulate_plrf(model, [1], runs=40_000, weights=1, seed=13)
    from scaling_sym.numerics.simulate.ensemble import member_streams

    l = model.draw_problem(member_streams(13, repr(model), 0, 2)[0]).eigenvalues[0]
    assert abs(found.mean[0] - (1 - 0.8 * l + 0.01 * l**2 * 4 * 6)) < 3 * found.standard_error[0]


def test_label_noise_enters_the_expectation() -> None:
    problem = reduce(draw_weights(14, SMALL), SMALL)
    rule = StepRule(gamma=0.15, batch=2, sigma=0.8)
    steps = [1, 4, 16]
    risk = descend_reduced([problem], [np.random.default_rng(15)], rule, 20_000, steps)[0]
    assert np.all(np.abs(z_scores(risk, expect_risk(problem, rule, steps))) < 3)
    assert np.max(np.abs(z_scores(risk, expect_risk(problem, SMALL.rule, steps)))) > 6


def test_seeds_reproduce_and_differ() -> None:
    steps = [20, 5, 5, 0]
    first = simulate_plrf(SMALL, steps, runs=8, seed=1)
    again = simulate_plrf(SMALL, steps, runs=8, seed=1)
    other = simulate_plrf(SMALL, steps, runs=8, seed=2)
    np.testing.assert_array_equal(first.mean, again.mean)
    assert first.as_dict() == again.as_dict()
    assert np.all(first.mean[:3] != other.mean[:3])
    assert first.mean[1] == first.mean[2]
    assert first.mean[3] == pytest.approx(float(SMALL.eigenvalues @ SMALL.teacher**2), rel=1e-13)


def test_asked_steps_do_not_change_the_numbers() -> None:
    few = simulate_plrf(SMALL, [300], runs=4, seed=1)
    many = simulate_plrf(SMALL, [300, *range(50)], runs=4, seed=1)
    assert few.mean[0] == many.mean[0]


def test_members_do_not_depend_on_their_group() -> None:
    """So that an ensemble that is made larger keeps the members that it had, whatever the grouping."""
    task = {
        "stream": 1,
        "model": asdict(SMALL),
        "steps": [7],
        "shared": 2,
        "seed": 5,
        "data": "reduced",
        "draws": "all",
    }
    together = run_members({**task, "members": [0, 5]})
    alone = run_members({**task, "members": [3, 4]})
    # Only the order of summation inside a vectorised product could differ.
    np.testing.assert_allclose(together["risk"][3], alone["risk"][0], rtol=1e-12)
    assert len({str(row) for row in together["risk"]}) == 5


def test_models_of_a_sweep_are_independent_of_their_neighbours() -> None:
    other = PLRFModel(0.8, 0.9, 4, 8, 0.1, 1)
    pair = sweep_plrf([other, SMALL], [5], runs=6, seed=3)
    assert pair[1].mean[0] == simulate_plrf(SMALL, [5], runs=6, seed=3).mean[0]
    assert pair[0].model == other


def test_stability_limit_is_named() -> None:
    limit = find_stability_limit(SMALL.eigenvalues, SMALL.batch)
    assert measure_kernel_norm(SMALL.eigenvalues, limit, SMALL.batch) < 1
    assert measure_kernel_norm(SMALL.eigenvalues, limit * (1 + 1e-12), SMALL.batch) >= 1
    with pytest.raises(OutsideDomainError, match=f"below {limit:.10g}"):
        simulate_plrf(PLRFModel(0.6, 0.4, 3, 5, limit * 1.01, 2), [1])


def test_unstable_draws_are_counted_and_left_out() -> None:
    """At d = 1 the eigenvalue of a draw scatters widely, so some draws are unstable although the model is not."""
    model = PLRFModel(0.6, 0.4, 1, 5, 0.25, 2)
    stable, full = (expect_plrf(model, [1, 40], weights=200, seed=4, draws=draws) for draws in ("stable", "all"))
    assert 0 < stable.unstable == full.unstable < 100
    assert stable.kernel_norm < 1 < full.kernel_norm
    assert stable.mean[1] < 10 < 1e10 < full.mean[1]
    assert full.largest_share[1] > 0.9
    with pytest.raises(NoConvergenceError, match="overflowed"):
        expect_plrf(model, [100_000], weights=200, seed=4, draws="all")


def test_an_unstable_only_draw_is_refused() -> None:
    model = PLRFModel(0.6, 0.4, 1, 5, 0.25, 2)
    unstable = [simulate_plrf(model, [1], runs=2, weights=1, seed=seed, draws="all").unstable for seed in range(20)]
    assert 0 < sum(unstable) < 20
    simulate_plrf(model, [1], runs=2, weights=1, seed=unstable.index(0))
    with pytest.raises(OutsideDomainError, match=r"^1 of 1 drawn W are unstable"):
        simulate_plrf(model, [1], runs=2, weights=1, seed=unstable.index(1))


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"alpha": 0}, {}),
        ({"beta": float("nan")}, {}),
        ({"d": 0}, {}),
        ({"v": 2.5}, {}),
        ({"v": float("inf")}, {}),
        ({"gamma": -1}, {}),
        ({"batch": 0}, {}),
        ({"d": 10**30}, {}),
        ({}, {"steps": []}),
        ({}, {"steps": [-1]}),
        ({}, {"steps": [10**40]}),
        ({}, {"runs": 1}),
        ({}, {"weights": 5}),
        ({}, {"seed": -1}),
        ({}, {"sampling": "guess"}),
        ({}, {"draws": "some"}),
    ],
)
def test_bad_input_gets_one_sentence(changes: dict, options: dict) -> None:
    arguments = {"alpha": 0.6, "beta": 0.4, "d": 3, "v": 5, "gamma": 0.1, "batch": 2, **changes}
    with pytest.raises(BadInputError) as caught:
        simulate_plrf(PLRFModel(**arguments), **{"steps": [1], "runs": 4, **options})
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_exact_numbers_are_read() -> None:
    assert PLRFModel(Fraction(4, 5), Fraction(11, 10), 3, 5, Fraction(1, 10)).alpha == 0.8


def test_more_features_than_dimensions_leave_no_floor() -> None:
    problem = reduce(draw_weights(16, PLRFModel(1, 1, 9, 5, 0.1)), PLRFModel(1, 1, 9, 5, 0.1))
    assert problem.floor < 1e-28
    assert problem.eigenvalues.shape == (5,)


@pytest.mark.deep
def test_large_model_agrees_with_the_exact_data_average() -> None:
    model = PLRFModel(0.8, 1.1, 200, 800, 0.3, 4)
    steps = [1, 10, 100, 1000, 5000]
    drawn = simulate_plrf(model, steps, runs=48, seed=17)
    exact = expect_plrf(model, steps, weights=48, seed=18)
    assert np.all(np.abs(drawn.mean - exact.mean) < 3 * np.hypot(drawn.standard_error, exact.standard_error))
