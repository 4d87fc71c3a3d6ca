"""One-pass SGD: the Volterra sum stepped plainly, dense matrices, and the two-time solution at P = inf."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_contours import Clock
from scaling_sym.numerics.dmft_online import OnlineSgd, online_curve
from tests.peers.dmft_direct import gaussian

INF = float("inf")


def step_second_moments(
    eigenvalues: np.ndarray, squares: np.ndarray, steps: int, sgd: OnlineSgd, sigma2: float
) -> np.ndarray:
    """Test loss after 0..steps steps from the recursion of the squared components in the eigenbasis."""
    losses, eta = [], sgd.learning_rate
    for _ in range(steps + 1):
        losses.append(squares.sum() + sigma2)
        quadratic = 1.0 - 2.0 * eta * eigenvalues + eta**2 * sgd.curvature * eigenvalues**2
        squares = quadratic * squares + eta**2 / sgd.batch * eigenvalues**2 * losses[-1]
    return np.array(losses)


@pytest.mark.parametrize("gaussian_data", [True, False])
def test_infinite_width_is_the_plain_recursion(gaussian_data: bool) -> None:
    k = np.arange(1.0, 201.0)
    sgd = OnlineSgd(3, 0.3, gaussian_data)
    steps = np.array([0, 1, 2, 10, 23, 24, 100, 3000])
    expected = step_second_moments(k**-1.3, k**-1.9, 3000, sgd, 0.04)[steps]
    curve = online_curve(DmftModel(1.9, 1.3, INF, INF, 200, 0.2), steps, sgd)
    np.testing.assert_allclose(curve.test, expected, rtol=1e-12)  # 3000 rounded steps
    assert np.all(curve.error < 1e-12 * curve.test)


def test_without_batch_noise_it_is_the_two_time_solution_at_infinite_data() -> None:
    model = DmftModel(1.9, 1.3, 30, INF, None, 0.3)
    steps = [0, 1, 5, 30, 1000, 10**8]
    forcing = online_curve(model, steps, OnlineSgd(INF, 0.4))
    flow = loss_curve(model, steps, Clock("steps", 0.4))
    # one integral against a double one: they share the responses, not the correlations
    np.testing.assert_allclose(forcing.test, flow.test, rtol=1e-12)
    np.testing.assert_allclose(forcing.forcing, flow.train, rtol=1e-12)


def test_agrees_with_complex_random_features() -> None:
    sgd, rng = OnlineSgd(5, 0.4), np.random.default_rng(7)
    lam, task = np.arange(1.0, 61.0) ** -1.3, np.arange(1.0, 61.0) ** -1.9
    rows = []
    for _ in range(250):
        features = gaussian(rng, 24, 60, False)
        kernel = np.sqrt(lam)[:, None] * (features.conj().T @ features / 24) * np.sqrt(lam)
        value, vector = np.linalg.eigh(kernel)
        squares = np.abs(vector.conj().T @ np.sqrt(task)) ** 2
        rows.append(step_second_moments(value, squares, 300, sgd, 0.09)[[1, 10, 300]])
    sample = np.array(rows)
    mean, error = sample.mean(axis=0), sample.std(axis=0, ddof=1) / np.sqrt(len(rows))
    expected = online_curve(DmftModel(1.9, 1.3, 24, INF, 60, 0.3), [1, 10, 300], sgd).test
    # three standard errors and second-order terms of relative size 1/24^2
    assert np.all(np.abs(mean - expected) < 3.0 * error + expected / 24**2)
    assert np.all(error < 0.03 * expected)


def test_noise_of_batches_sets_the_time_exponent_beyond_a_wall() -> None:
    times = np.array([1e9, 1e11])
    for a, b, exponent in ((2.0, 1.25, 0.8), (5.0, 2.0, 1.5), (6.0, 1.5, 2.0 - 1.0 / 1.5)):
        test = online_curve(DmftModel(a, b, 1e30, INF), times, OnlineSgd(1, 0.1), rtol=1e-5).test
        # the next term is smaller by a power of at least t^-0.4 (2, 1.25) in these three points
        assert abs(-np.diff(np.log(test))[0] / np.log(100.0) - exponent) < 1e-3


@pytest.mark.parametrize(
    "build",
    [
        lambda: OnlineSgd(0.0),
        lambda: OnlineSgd(1, -0.1),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, 20), [1], OnlineSgd(1, 0.1)),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [1.5], OnlineSgd(1, 0.1)),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [10], OnlineSgd(1, 0.9)),
        lambda: online_curve(DmftModel(1.9, 1.3, 1e6, INF), [10], OnlineSgd(1, 0.6)),
    ],
)
def test_bad_input_is_refused(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInputError):
        build()
