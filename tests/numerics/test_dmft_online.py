"""One-pass SGD: the Volterra sum stepped plainly, dense matrices, and the two-time solution at P = inf."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_contours import Clock
from scaling_sym.numerics.dmft_online import OnlineSgd, online_curve
from scaling_sym.numerics.simulate import DMFTModel, PowerLawModes, Training, simulate_dmft
from tests.peers.dmft_direct import gaussian, step_batches

INF = float("inf")


def step_second_moments(
    eigenvalues: np.ndarray, squares: np.ndarray, steps: int, sgd: OnlineSgd, sigma2: float
) -> np.ndarray:
    """Test loss after 0..steps steps from the recursion of <x_n^2>, <x_n x_{n-1}> and <x_{n-1}^2> in the eigenbasis."""
    losses, eta, beta = [], sgd.learning_rate, sgd.momentum
    now, mixed, before, along = squares, squares, squares, 1.0 if sgd.gaussian else 0.0
    s, kick = 1.0 + beta - eta * eigenvalues, (eta * eigenvalues) ** 2 / sgd.batch
    for _ in range(steps + 1):
        losses.append(now.sum() + sigma2)
        new = s * s * now - 2.0 * s * beta * mixed + beta**2 * before + kick * (along * now + losses[-1])
        now, mixed, before = new, s * now - beta * mixed, now
    return np.array(losses)


@pytest.mark.parametrize("sgd", [
    OnlineSgd(3, 0.3), OnlineSgd(3, 0.3, False), OnlineSgd(3, 0.3, True, 0.5), OnlineSgd(10, 0.1, True, 0.9),
    OnlineSgd(30, 1.4, False, 0.2), OnlineSgd(5, 0.4, True, 0.05),
])
def test_infinite_width_is_the_plain_recursion(sgd: OnlineSgd) -> None:
    k = np.arange(1.0, 201.0)
    steps = np.array([0, 1, 2, 10, 23, 24, 100, 360, 3000])
    expected = step_second_moments(k**-1.3, k**-1.9, 3000, sgd, 0.04)[steps]
    curve = online_curve(DmftModel(1.9, 1.3, INF, INF, 200, 0.2), steps, sgd)
    # 3000 rounded steps, and on the circles of momentum a growth of e^3.75
    np.testing.assert_allclose(curve.test, expected, rtol=2e-12)
    assert np.all(curve.error < 1e-11 * curve.test)
    # the mean over infinitely many streams is descent on the whole distribution
    clock = Clock("steps", sgd.learning_rate, sgd.momentum)
    descent = loss_curve(DmftModel(1.9, 1.3, INF, INF, 200, 0.2), [0, 10, 24, 100, 3000], clock, rtol=1e-7)
    np.testing.assert_allclose(curve.average(1, INF)[[0, 3, 5, 6, 8]], descent.test, rtol=1e-9)
    np.testing.assert_allclose(curve.bagged(INF), curve.average(1, INF), rtol=1e-11)


@pytest.mark.parametrize(("n", "sgd"), [
    (5, OnlineSgd(3, 0.3, False)), (3, OnlineSgd(8, 0.6, False, 0.1)), (7, OnlineSgd(10, 0.2, False, 0.6)),
])
def test_agrees_with_the_two_time_equations_on_a_grid(n: float, sgd: OnlineSgd) -> None:
    """One network, infinitely many on one stream, infinitely many streams; beyond 48 steps the contours of `dmft_streams`."""
    lam, w2 = np.arange(1.0, 6.0) ** -1.3, np.arange(1.0, 6.0) ** -0.6
    one, stream, free = step_batches(lam, w2, n, sgd.batch, 0.09, 52, sgd.learning_rate, sgd.momentum)
    steps = np.array([0, 1, 2, 17, 24, 47, 48, 52])
    curve = online_curve(DmftModel(1.9, 1.3, n, INF, 5, 0.3), steps, sgd, share=True)
    # the grid is exact; circles lose e^4
    for found, expected in ((curve.test, one), (curve.average(INF), stream), (curve.average(1, INF), free)):
        np.testing.assert_allclose(found, expected[steps], rtol=1e-11)
    both = curve.average(INF, INF)
    mixed = both + (free[steps] - both) / 3 + (stream[steps] - both) / 4 + (one[steps] - stream[steps] - free[steps] + both) / 12
    np.testing.assert_allclose(curve.average(3, 4), mixed, rtol=1e-11)
    np.testing.assert_allclose(curve.bagged(5), both + (one[steps] - both) / 5, rtol=1e-11)


def test_streams_of_real_data_share_descent_on_the_mean() -> None:
    """Drawn with real Gaussian data and batches of one, where the noise along the error counts most."""
    drawn, steps = DMFTModel(PowerLawModes(1.9, 1.3, 12), None, None, sigma=0.5), [3, 20]
    found = simulate_dmft(drawn, steps, training=Training("sgd", 0.25, 0.3, 1), datasets=3, runs=1500, seed=4)
    curve = online_curve(DmftModel(1.9, 1.3, INF, INF, 12, 0.5), steps, OnlineSgd(1, 0.25, True, 0.3))
    for measured, expected in ((found.test, curve.average(1, 3)), (found.single, curve.test)):
        assert np.all(np.abs(measured.mean - expected) < 3.0 * measured.standard_error)
    assert np.all(np.abs(found.test.mean - curve.test) > 10.0 * found.test.standard_error)
    assert np.all(np.abs(curve.features) < 1e-11)  # there are none


@pytest.mark.parametrize("sgd", [OnlineSgd(3, 0.3, False), OnlineSgd(4, 0.3, False, 0.5)])
def test_wide_networks_share_all_of_a_stream(sgd: OnlineSgd) -> None:
    curve = online_curve(DmftModel(1.9, 1.3, 1e14, INF, 200, 0.2), [40, 1e6], sgd, share=True)
    assert curve.data is not None
    # what they do not share is of the order sum(lambda)/N times 200 modes
    np.testing.assert_allclose(curve.data, curve.batches, rtol=1e-10)


def test_agrees_with_complex_networks_on_one_stream() -> None:
    """Two networks of 16 on the same batches of complex Gaussian samples, with momentum."""
    sgd, rng, steps = OnlineSgd(4, 0.25, False, 0.5), np.random.default_rng(11), [3, 12, 60]
    lam, teacher = np.arange(1.0, 31.0) ** -1.3, np.arange(1.0, 31.0) ** -0.3
    rows = []
    for _ in range(250):
        features = np.stack([gaussian(rng, 16, 30, False) / 4.0 for _ in range(2)])
        weights, change, row = np.zeros((2, 16), dtype=complex), np.zeros((2, 16), dtype=complex), []
        for n in range(1, 61):
            data = gaussian(rng, 4, 30, False) * np.sqrt(lam)
            labels = data @ teacher + 0.3 * gaussian(rng, 4, 1, False)[:, 0]
            design = data @ features.conj().transpose(0, 2, 1)
            pull = np.einsum("ebn,eb->en", design.conj(), np.einsum("ebn,en->eb", design, weights) - labels) / 4
            change = sgd.momentum * change - sgd.learning_rate * pull
            weights = weights + change
            if n in steps:
                v = teacher - np.einsum("en,enk->ek", weights, features.conj())
                row += [float(lam @ np.abs(v[0]) ** 2) + 0.09, float(lam @ np.abs(v.mean(axis=0)) ** 2) + 0.09]
        rows.append(row)
    sample = np.array(rows)
    mean, error = sample.mean(axis=0), sample.std(axis=0, ddof=1) / np.sqrt(len(rows))
    curve = online_curve(DmftModel(1.9, 1.3, 16, INF, 30, 0.3), steps, sgd, share=True)
    expected = np.stack([curve.test, curve.average(2)], axis=1).ravel()
    # three standard errors and second-order terms of relative size 1/16^2
    assert np.all(np.abs(mean - expected) < 3.0 * error + expected / 16**2)
    assert np.all(error < 0.04 * expected)


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
        lambda: OnlineSgd(1, 0.1, True, 1.0),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [1], OnlineSgd(4, 0.1), share=True),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [1], OnlineSgd(4, 0.1)).average(2),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [1], OnlineSgd(4, 0.1)).bagged(0.5),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [5000], OnlineSgd(900, 0.001, True, 0.999)),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [9], OnlineSgd(900, 0.001, False, 0.999), share=True),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, 20), [1], OnlineSgd(1, 0.1)),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [1.5], OnlineSgd(1, 0.1)),
        lambda: online_curve(DmftModel(1.9, 1.3, 10, INF), [10], OnlineSgd(1, 0.9)),
        lambda: online_curve(DmftModel(1.9, 1.3, 1e6, INF), [10], OnlineSgd(1, 0.6)),
    ],
)
def test_bad_input_is_refused(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInputError):
        build()
