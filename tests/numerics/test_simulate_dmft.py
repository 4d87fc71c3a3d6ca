"""The drawn dynamical model against an integrator, single steps, exact ensemble means, and planted faults.

Seeds are fixed; "3 standard errors" is the tolerance where means are compared, the standard error being their scale.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from scaling_sym.errors import BadInputError, OutsideDomainError, PrecisionError
from scaling_sym.numerics.simulate import (
    DMFTModel,
    DMFTSimulation,
    Estimate,
    Execution,
    ModeArrays,
    PowerLawModes,
    Training,
    simulate_dmft,
    sweep_dmft,
)
from scaling_sym.numerics.simulate.dmft import fit_network
from scaling_sym.numerics.simulate.sgd import StepRule, descend_reduced, diagonalise_features, expect_risk
from tests.peers.random_models import descend_by_steps, integrate_flow

MODES = PowerLawModes(a=1.9, b=1.3, modes=12)
INF = math.inf


class Draw:
    """One literal draw: A (N, M) of unit variance, Psi (P, M), noise (P,)."""

    def __init__(self, model: DMFTModel, seed: int) -> None:
        generator = np.random.default_rng(seed)
        self.eigenvalues, self.teacher = model.modes.lay_out()
        self.A = generator.standard_normal((model.N, self.teacher.size))
        self.Psi = generator.standard_normal((model.P, self.teacher.size)) * np.sqrt(self.eigenvalues)
        self.noise = model.sigma * generator.standard_normal(model.P)
        self.labels = self.Psi @ self.teacher + self.noise

    def fit(self, training: Training, times: list[float]) -> tuple[np.ndarray, np.ndarray]:
        """Weights and train loss by the code under test."""
        n, p = math.sqrt(len(self.A)), math.sqrt(len(self.Psi))
        return fit_network(training, self.A / n, self.Psi / p, self.labels / p, np.array(times))

    def residual(self, weights: np.ndarray) -> np.ndarray:
        return self.teacher - weights @ self.A / math.sqrt(len(self.A))

    def train_loss(self, residual: np.ndarray) -> np.ndarray:
        return np.mean((residual @ self.Psi.T + self.noise) ** 2, axis=1)


@pytest.mark.parametrize(("N", "P", "sigma"), [(5, 8, 0.0), (8, 5, 0.7), (20, 7, 0.3), (7, 20, 0.3), (25, 30, 0.4)])
def test_flow_solves_its_differential_equation(N: int, P: int, sigma: float) -> None:
    """Fewer, equally many and more samples and features than the 12 modes."""
    draw = Draw(DMFTModel(MODES, N, P, sigma), seed=N)
    times = [0.0, 0.3, 2.0, 15.0, 120.0]
    weights, train = draw.fit(Training(), times)
    integrated = integrate_flow(draw.A, draw.Psi, draw.teacher, draw.noise, np.array(times))
    # The integrator's tolerance is 1e-11 relative a step; over its some hundred steps 1e-8 is safe.
    np.testing.assert_allclose(draw.residual(weights), integrated, atol=1e-8)
    np.testing.assert_allclose(train, draw.train_loss(integrated), atol=1e-8)


def test_a_planted_fault_in_the_flow_is_seen() -> None:
    """Dividing the gradient by P - 1, or forgetting the noise, moves the residual far beyond the tolerance above."""
    draw = Draw(DMFTModel(MODES, 8, 9, 0.4), seed=1)
    times = np.array([0.5, 5.0])
    found = draw.residual(draw.fit(Training(), list(times))[0])
    scaled = math.sqrt(9 / 8)
    for Psi, noise in ((draw.Psi * scaled, draw.noise * scaled), (draw.Psi, 0 * draw.noise)):
        wrong = integrate_flow(draw.A, Psi, draw.teacher, noise, times)
        assert np.max(np.abs(found - wrong)) > 1e-3


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_descent_is_the_product_of_its_steps(momentum: float) -> None:
    draw = Draw(DMFTModel(MODES, 6, 9, 0.5), seed=2)
    training = Training("descent", 0.4, momentum)
    steps = [0, 1, 2, 7, 60, 400]
    weights, train = draw.fit(training, steps)
    single = [descend_by_steps(draw.A, draw.Psi, draw.labels, 0.4, momentum, step) for step in steps]
    # 400 steps, each with a few roundings.
    np.testing.assert_allclose(weights, single, atol=1e-11)
    np.testing.assert_allclose(train, draw.train_loss(draw.residual(np.array(single))), rtol=1e-9, atol=1e-12)


def test_descent_with_small_steps_tends_to_flow() -> None:
    draw = Draw(DMFTModel(MODES, 6, 9, 0.5), seed=3)
    flow = draw.fit(Training(), [3.0])[0]
    errors = [np.max(np.abs(draw.fit(Training("descent", eta), [3 / eta])[0] - flow)) for eta in (0.01, 0.005)]
    # First order in the learning rate.
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.02)
    heavy = Training("descent", 0.0001, 0.9)
    # Momentum speeds up by 1 / (1 - momentum), up to the learning rate times a constant.
    assert np.max(np.abs(draw.fit(heavy, [3000])[0] - flow)) < 0.01 * np.max(np.abs(flow))


def within(found: Estimate, exact: float | np.ndarray, tolerance: float = 3.0) -> bool:
    return bool(np.all(np.abs(found.mean - exact) <= tolerance * found.standard_error + 1e-12))


WHITE = ModeArrays((1.0,) * 30, tuple(np.linspace(0.2, 1.0, 30)))
POWER = float(np.sum(np.linspace(0.2, 1.0, 30) ** 2))
LATE = 1e6


def test_white_spectrum_late_times_have_their_exact_means() -> None:
    """Projection on P Gaussian rows keeps P/M of the power on average; the noise adds sigma^2 P / (M - P - 1)."""
    model = DMFTModel(WHITE, N=INF, P=10, sigma=0.5)
    found = simulate_dmft(model, [LATE], runs=800, datasets=2, seed=1)
    noise = 0.25 * 10 / (30 - 10 - 1)
    assert within(found.single, POWER * 20 / 30 + noise + 0.25)
    assert found.train is not None
    # The flow interpolates: P < M and no noise is left at late time.
    assert np.all(found.train.mean < 1e-20)
    assert found.parts is not None
    # E v = (1 - P/M) w*, so that the bias is its square and the rest is the variance over data.
    assert within(found.parts.bias, POWER * (20 / 30) ** 2)
    assert within(found.parts.data, POWER * (20 / 30) * (10 / 30) + noise)
    assert np.all(found.parts.features.mean == 0)
    assert np.all(np.abs(found.parts.joint.mean) < 1e-12)


def test_white_spectrum_with_infinite_data() -> None:
    """The roles exchanged: N features of M, no data randomness, noise only in the floor."""
    found = simulate_dmft(DMFTModel(WHITE, N=12, P=INF, sigma=0.5), [LATE], runs=600, networks=2, seed=2)
    assert within(found.single, POWER * 18 / 30 + 0.25)
    assert found.train is not None
    np.testing.assert_allclose(found.train.mean, found.single.mean, rtol=1e-9)
    assert found.parts is not None
    assert within(found.parts.bias, POWER * (18 / 30) ** 2)
    assert within(found.parts.features, POWER * (18 / 30) * (12 / 30))
    assert np.all(found.parts.data.mean == 0)


@pytest.mark.parametrize("sizes", [(12, INF), (INF, 12)])
def test_early_loss_has_its_exact_mean(sizes: tuple[float, float]) -> None:
    """On a white spectrum E L = |w|^2 (1 - 2 t + 2 t^2 E G^2 - ...), where `G`, the drawn matrix over its number of
    rows n, has E G = 1 and E G^2 = 1 + (M + 1) / n."""
    t = 0.02
    found = simulate_dmft(DMFTModel(WHITE, *sizes), [t], runs=600, seed=11)
    # E G^3 = ((n^2 + 3n + 4) M + 3 (n + 1) M^2 + M^3) / (n^2 M) = 15.65; the next term is below 1e-5, far in the error.
    exact = POWER * (1 - 2 * t + 2 * t**2 * (1 + 31 / 12) - 4 / 3 * t**3 * 15.65)
    assert within(found.single, exact)
    assert found.single.standard_error[0] < 0.002 * exact


def test_both_infinite_is_the_deterministic_flow() -> None:
    times = [0.0, 1.0, 30.0]
    found = simulate_dmft(DMFTModel(MODES, INF, INF, 0.1), times, runs=2)
    eigenvalues, teacher = MODES.lay_out()
    exact = [float(np.sum(eigenvalues * teacher**2 * np.exp(-2 * eigenvalues * t))) + 0.01 for t in times]
    np.testing.assert_allclose(found.mean, exact, rtol=1e-12)
    assert np.all(found.standard_error < 1e-15)


def total(found: DMFTSimulation, networks: int, datasets: int) -> np.ndarray:
    parts = found.parts
    assert parts is not None
    mean = parts.bias.mean + parts.features.mean / networks + parts.data.mean / datasets
    return mean + parts.joint.mean / (networks * datasets) + found.model.sigma**2


def test_parts_add_up_and_predict_other_ensembles() -> None:
    model = DMFTModel(PowerLawModes(1.9, 1.3, 40), 8, 15, 0.3)
    times = [1.0, 10.0, 300.0]
    found = simulate_dmft(model, times, networks=2, datasets=3, runs=400, seed=3)
    # Identities of every single run, so of the means as well.
    np.testing.assert_allclose(found.single.mean, total(found, 1, 1), rtol=1e-12)
    np.testing.assert_allclose(found.test.mean, total(found, 2, 3), rtol=1e-12)
    other = simulate_dmft(model, times, networks=5, datasets=1, runs=400, seed=4)
    assert other.parts is None
    gap = np.abs(other.test.mean - total(found, 5, 1))
    # The prediction's error is below that of the single loss, its largest ingredient.
    assert np.all(gap < 3 * np.hypot(other.test.standard_error, found.single.standard_error))
    assert np.all(other.test.mean < other.single.mean)


def test_features_and_data_are_not_exchanged() -> None:
    """Many features and few data: the variance over data must exceed that over features, and the other way round."""
    modes = PowerLawModes(1.9, 1.3, 60)
    few_data, few_features = sweep_dmft(
        [DMFTModel(modes, 50, 6), DMFTModel(modes, 6, 50)], [1000.0], networks=2, datasets=2, runs=60, seed=5
    )
    for found, larger, smaller in ((few_data, "data", "features"), (few_features, "features", "data")):
        gap = getattr(found.parts, larger).mean - getattr(found.parts, smaller).mean
        assert gap[0] > 5 * getattr(found.parts, larger).standard_error[0]


def test_one_pass_descent_has_its_exact_mean() -> None:
    """The learning rate is on the mean over the batch: in the expectation given the features gamma = eta / batch."""
    eigenvalues, teacher = MODES.lay_out()
    scales = np.sqrt(eigenvalues)
    training = Training("sgd", 0.2, 0.0, batch=4)
    model = DMFTModel(MODES, INF, INF, 0.5)
    steps = [0, 1, 5, 40]
    problem = diagonalise_features(np.diag(scales), scales * teacher)
    exact = expect_risk(problem, StepRule(0.05, 4, sigma=0.5), steps) + 0.25
    for streams in (1, 3):
        found = simulate_dmft(model, steps, training=training, datasets=streams, runs=500, seed=6)
        assert within(found.single, exact)
        assert found.train is None
        # The faulty convention, the rate on the sum, is far away.
        wrong = expect_risk(problem, StepRule(0.2, 4, sigma=0.5), steps) + 0.25
        assert np.max(np.abs(found.single.mean - wrong)[1:] / found.single.standard_error[1:]) > 6


def test_one_pass_descent_routes_agree_with_momentum() -> None:
    """A single network runs in reduced coordinates, two run literally: their single losses have the same mean."""
    model, steps = DMFTModel(MODES, 6, INF, 0.4), [1, 4, 20]
    # A batch so large that momentum gains more than its noise loses.
    training = Training("sgd", 0.2, 0.5, batch=30)
    alone = simulate_dmft(model, steps, training=training, runs=600, seed=7)
    pair = simulate_dmft(model, steps, training=training, runs=300, networks=2, datasets=2, seed=8)
    error = np.hypot(alone.single.standard_error, pair.single.standard_error)
    assert np.all(np.abs(alone.single.mean - pair.single.mean) < 3 * error)
    np.testing.assert_allclose(pair.single.mean, total(pair, 1, 1), rtol=1e-12)
    still = simulate_dmft(model, steps, training=Training("sgd", 0.2, 0.0, 30), runs=600, seed=7)
    assert np.max(np.abs(still.single.mean - alone.single.mean) / error) > 4


def test_momentum_step_of_reduced_descent() -> None:
    """With one mode and no floor: two steps by hand from the same normals."""
    problem = diagonalise_features(np.array([[0.8]]), np.array([1.0]))
    g = np.random.default_rng(9).standard_normal((2, 1, 1, 2))[:, 0, 0, 0]
    rule = StepRule(gamma=0.3, batch=1, momentum=0.5)
    risk = descend_reduced([problem], [np.random.default_rng(9)], rule, 1, [2])[0, 0, 0]
    first = -0.3 * 0.64 * g[0] ** 2
    second = 0.5 * first - 0.3 * 0.64 * g[1] ** 2 * (1 + first)
    assert risk == pytest.approx((1 + first + second) ** 2, rel=1e-13)


def test_zero_eigenvalues_change_nothing() -> None:
    """Dead modes leave singular values at rounding level, which must not be seen in the loss however late."""
    eigenvalues = (1.0, 0.5, 0.25) + (0.0,) * 7
    found = simulate_dmft(DMFTModel(ModeArrays(eigenvalues, (1.0,) * 10), 8, 9, 0.5), [1e14], runs=200, seed=10)
    # Least squares with 3 active modes and 9 samples: sigma^2 (1 + 3 / (9 - 3 - 1)).
    assert within(found.test, 0.25 * (1 + 3 / 5))


def test_seeds_workers_and_order() -> None:
    model = DMFTModel(PowerLawModes(1.9, 1.3, 60), 30, 50, 0.2)
    times = [5.0, 1.0, 5.0]
    first = simulate_dmft(model, times, networks=2, datasets=2, runs=130, seed=1)
    assert first.mean[0] == first.mean[2] < first.mean[1]
    again = simulate_dmft(model, times, networks=2, datasets=2, runs=130, seed=1, execution=Execution(workers=2))
    assert first.as_dict() == again.as_dict()
    assert first.mean[0] != simulate_dmft(model, times, networks=2, datasets=2, runs=130, seed=2).mean[0]


def test_refusals_name_what_is_allowed() -> None:
    model = DMFTModel(MODES, 5, 8)
    one_pass = Training("sgd", 0.1)
    cases = [
        lambda: DMFTModel(MODES, 0, 5),
        lambda: DMFTModel(MODES, 5, 2.5),
        lambda: DMFTModel(MODES, 5, float("nan")),
        lambda: DMFTModel(MODES, 5, 5, sigma=-1),
        lambda: DMFTModel(MODES, 10**9, 5),
        lambda: PowerLawModes(2, 1, 0),
        lambda: PowerLawModes(2, -1, 5),
        lambda: ModeArrays((1.0,), (1.0, 2.0)),
        lambda: ModeArrays((0.0,), (1.0,)),
        lambda: ModeArrays((), ()),
        lambda: Training("walk"),
        lambda: Training("flow", 0.5),
        lambda: Training("descent", 0.5, 1.0),
        lambda: Training("descent", 0.5, batch=2),
        lambda: simulate_dmft(model, []),
        lambda: simulate_dmft(model, [-1.0]),
        lambda: simulate_dmft(model, [0.5], training=Training("descent", 0.1)),
        lambda: simulate_dmft(model, [1], training=one_pass),
        lambda: simulate_dmft(model, [1], runs=1),
        lambda: simulate_dmft(DMFTModel(MODES, INF, 5), [1], networks=2),
        lambda: simulate_dmft(DMFTModel(MODES, 5, INF), [1], datasets=2),
    ]
    for case in cases:
        with pytest.raises(BadInputError) as caught:
            case()
        assert str(caught.value).endswith(".")


def test_limits_of_stability_and_precision() -> None:
    with pytest.raises(OutsideDomainError, match="must be below"):
        simulate_dmft(DMFTModel(MODES, 5, 8), [10], training=Training("descent", 50.0))
    with pytest.raises(OutsideDomainError, match="stability limit of one-pass"):
        simulate_dmft(DMFTModel(MODES, 5, INF), [10], training=Training("sgd", 1.9))
    with pytest.raises(PrecisionError, match="latest allowed"):
        simulate_dmft(DMFTModel(MODES, 5, 8), [1e30])


def test_result_reads_as_json_values() -> None:
    import json

    found = simulate_dmft(DMFTModel(MODES, INF, 8), [1.0], runs=2).as_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["model"]["N"] is None
    assert set(found) >= {"test", "train", "single", "times", "runs", "seed"}
