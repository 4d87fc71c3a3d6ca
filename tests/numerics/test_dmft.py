"""The mean-field solver against three references that share no code with it, and at its corners."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from flint import acb, ctx

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics import dmft_precise
from scaling_sym.numerics.dmft import DmftModel, loss_curve, loss_digits
from scaling_sym.numerics.dmft_contours import Clock
from scaling_sym.numerics.dmft_responses import locate_edges
from scaling_sym.numerics.dmft_static import static_limit
from tests.peers.dmft_direct import invert_twice, simulate_residuals, solve_responses, step_correlations, talbot_nodes

INF = float("inf")


def power_law(a: float, b: float, modes: int) -> tuple[np.ndarray, np.ndarray]:
    k = np.arange(1.0, modes + 1.0)
    return k**-b, k ** (b - a)


POINTS = [
    (DmftModel(1.9, 1.3, 5, 9, 8, 0.5), 1.0),
    (DmftModel(1.9, 1.3, 9, 5, 8, 0.5), 30.0),
    (DmftModel(3.0, 1.5, 6, 6, 9, 0.0), 300.0),
    (DmftModel(1.5, 2.0, 1, 4, 7, 0.1), 3.0),
    (DmftModel(2.5, 0.6, 12, 30, 8, 0.0), 20.0),
]


@pytest.mark.parametrize(("model", "time"), POINTS)
def test_agrees_with_printed_equations_inverted_by_talbot(model: DmftModel, time: float) -> None:
    lam, w2 = power_law(model.a, model.b, int(model.count))
    with mp.workdps(25):
        test, train = invert_twice(lam, w2, model.N, model.P, model.noise, time, 20)
    curve = loss_curve(model, [time])
    # 20 Talbot nodes give 12 digits
    assert abs(curve.test[0] / float(test) - 1.0) < 1e-11
    assert abs(curve.train[0] - float(train)) < 1e-11 * max(float(train), 1e-8) + 1e-13
    assert curve.error[0] < 1e-11 * curve.test[0]


def test_agrees_with_talbot_under_momentum() -> None:
    model = DmftModel(1.9, 1.3, 5, 9, 6, 0.5)
    lam, w2 = power_law(1.9, 1.3, 6)
    with mp.workdps(25):
        test, train = invert_twice(lam, w2, 5, 9, 0.25, 2.0, 22, beta=0.5)
    curve = loss_curve(model, [2.0], Clock(momentum=0.5))
    assert abs(curve.test[0] / float(test) - 1.0) < 1e-10
    assert abs(curve.train[0] / float(train) - 1.0) < 1e-10


@pytest.mark.parametrize("clock", [Clock("steps", 0.3), Clock("steps", 0.88), Clock("steps", 0.4, 0.5)])
def test_agrees_with_the_time_domain_grid(clock: Clock) -> None:
    lam, w2 = power_law(1.9, 1.3, 7)
    steps = 30
    test, train = step_correlations(lam, w2, 11, 16, 0.09, steps, clock.learning_rate, clock.momentum)
    curve = loss_curve(DmftModel(1.9, 1.3, 11, 16, 7, 0.3), np.arange(steps + 1), clock)
    # the grid is exact; what is lost is rounding on the circle contours (growth e^7 in both variables)
    np.testing.assert_allclose(curve.test, test, rtol=1e-11)
    np.testing.assert_allclose(curve.train, train, rtol=1e-11)


@pytest.mark.parametrize(("share", "beta"), [(0.97, 0.05), (0.97, 0.2), (0.9, 0.0), (0.5, 0.3)])
def test_modes_that_alternate_are_kept(share: float, beta: float) -> None:
    """Close to the stability limit the fast modes are negative at every other step: like (-0.9)^n and slower."""
    model, (lam, w2) = DmftModel(1.9, 1.3, 11, 16, 4, 0.3), power_law(1.9, 1.3, 4)
    largest = locate_edges(model.rule(0.1), 1 / 11, 1 / 16).largest
    eta = share * 2.0 * (1.0 + beta) / largest
    test, train = step_correlations(lam, w2, 11, 16, 0.09, 48, eta, beta)
    curve = loss_curve(model, [23, 24, 31, 48], Clock("steps", eta, beta))
    np.testing.assert_allclose(curve.test, test[[23, 24, 31, 48]], rtol=1e-11)
    np.testing.assert_allclose(curve.train, train[[23, 24, 31, 48]], rtol=1e-11)


@pytest.mark.parametrize(("eta", "beta"), [(0.3, 0.5), (0.1, 0.6), (1.5, 0.3)])
def test_swinging_modes_are_surrounded(eta: float, beta: float) -> None:
    """N = P = inf: every mode is a heavy ball by itself. At 60 steps the arcs |z| = sqrt(beta) are not lost in rounding."""
    lam, w2 = power_law(1.9, 1.3, 50)
    before = now = np.ones(50)
    losses = [float(lam @ w2)]
    for _ in range(100):
        before, now = now, now - eta * lam * now + beta * (now - before)
        losses.append(float((lam * w2) @ now**2))
    steps = [1, 23, 24, 60, 100]
    curve = loss_curve(DmftModel(1.9, 1.3, INF, INF, 50), steps, Clock("steps", eta, beta))
    assert np.all(np.abs(curve.test - np.array(losses)[steps]) <= curve.error + 1e-13 * curve.test)
    assert np.all(curve.error <= 1e-9 * curve.test)


@pytest.mark.parametrize("clock", [Clock("steps", 0.3), Clock("steps", 0.2, 0.5)])
def test_averages_agree_with_the_time_domain_grid(clock: Clock) -> None:
    """Ensembles, data sets and bagging: the grid without the sources that two networks do not share."""
    lam, w2 = power_law(1.9, 1.3, 5)
    curve = loss_curve(DmftModel(1.9, 1.3, 6, 9, 5, 0.3), np.arange(31), clock)
    grid = {
        (f, d): step_correlations(lam, w2, 6, 9, 0.09, 30, clock.learning_rate, clock.momentum, f, d)
        for f in (0.0, 1.0) for d in (0.0, 1.0)
    }
    one, data, feature, none = (grid[key][0] for key in ((1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0)))
    np.testing.assert_allclose(curve.average(INF, 1), data, rtol=1e-11)
    np.testing.assert_allclose(curve.average(1, INF), feature, rtol=1e-11)
    np.testing.assert_allclose(curve.bagged(INF), none, rtol=1e-11)
    np.testing.assert_allclose(curve.bagged(4), none + (one - none) / 4, rtol=1e-11)
    np.testing.assert_allclose(curve.average(3, 5), none + (feature - none) / 3 + (data - none) / 5
                               + (one - feature - data + none) / 15, rtol=1e-11)
    # the train loss of the mean network keeps the noise, and the data, that all networks share
    np.testing.assert_allclose(curve.average_train(INF), grid[0.0, 1.0][1], rtol=1e-11)


def test_agrees_with_complex_random_matrices_and_their_replicas() -> None:
    model = DmftModel(1.9, 1.3, 24, 36, 60, 0.3)
    lam, w2 = power_law(1.9, 1.3, 60)
    times = np.array([1.0, 30.0, 3000.0])
    rng = np.random.default_rng(20240201)
    rows = []
    for _ in range(350):
        v, train = simulate_residuals(lam, np.sqrt(w2), 24, 36, 0.3, times, rng)
        same = np.einsum("fdtk,fdtk,k->t", v, v.conj(), lam).real / 4 + 0.09
        data = np.einsum("dtk,dtk,k->t", v[0], v[1].conj(), lam).real / 2
        feature = np.einsum("ftk,ftk,k->t", v[:, 0], v[:, 1].conj(), lam).real / 2
        crossed = np.einsum("tk,tk,k->t", v[0, 0], v[1, 1].conj(), lam).real
        rows.append([same, train.mean(axis=(0, 1)), data, feature, crossed])
    sample = np.array(rows)
    mean, error = sample.mean(axis=0), sample.std(axis=0, ddof=1) / np.sqrt(len(rows))
    curve = loss_curve(model, times)
    expected = np.array([curve.test, curve.train, curve.bias + curve.data, curve.bias + curve.features, curve.bias])
    # three standard errors, and the equations' own error of second order in 1/N (1/24^2 of the value)
    assert np.all(np.abs(mean - expected) < 3.0 * error + expected / 24**2)
    assert np.all(error < 0.08 * expected)  # so that the test can fail


@pytest.mark.deep
def test_real_matrices_differ_at_first_order() -> None:
    """A fact about the equations, kept so that nobody mistakes it for an error of the solver."""
    model = DmftModel(3.0, 1.5, 30, 30, 60, 0.2)
    lam, w2 = power_law(3.0, 1.5, 60)
    rng = np.random.default_rng(5)
    losses = {True: [], False: []}
    for real, values in losses.items():
        for _ in range(1500):
            v, _ = simulate_residuals(lam, np.sqrt(w2), 30, 30, 0.2, np.array([10.0]), rng, real)
            values.append(float(np.einsum("fdk,fdk,k->", v[:, :, 0], v[:, :, 0].conj(), lam).real) / 4 + 0.04)
    expected = loss_curve(model, [10.0]).test[0]
    ratios = {real: np.mean(values) / expected - 1.0 for real, values in losses.items()}
    assert ratios[True] > 0.02 > 0.012 > abs(ratios[False])


def test_infinite_spectrum_is_the_limit_of_finite_ones() -> None:
    times = [1.0, 1e3, 1e6]
    full = loss_curve(DmftModel(3.0, 1.5, 50, 80, None, 0.1), times)
    cut = loss_curve(DmftModel(3.0, 1.5, 50, 80, 10**7, 0.1), times)
    # what lies above k = 1e7: sum k^-3 of the task, and a trace of 2 * 10^(-3.5), which the kernel adds to kappa
    np.testing.assert_allclose(cut.test, full.test, rtol=5e-3)
    further = loss_curve(DmftModel(3.0, 1.5, 50, 80, 10**13, 0.1), times)
    np.testing.assert_allclose(further.test, full.test, rtol=1e-5)
    arrays = loss_curve(DmftModel.from_spectrum(*power_law(3.0, 1.5, 20000), 50, 80, 0.1), times)
    rule = loss_curve(DmftModel(3.0, 1.5, 50, 80, 20000, 0.1), times)
    np.testing.assert_allclose(arrays.test, rule.test, rtol=1e-12)
    np.testing.assert_allclose(arrays.train, rule.train, rtol=1e-11, atol=1e-18)


@pytest.mark.parametrize(
    "model",
    [
        DmftModel(1.9, 1.3, 100, 200, 1500, 0.5),
        DmftModel(1.9, 1.3, 200, 100, None, 0.5),
        DmftModel(3.0, 1.3, 1e12, 3e12, None, 0.1),
        DmftModel(1.9, 1.3, 70, INF),
        DmftModel(1.9, 1.3, INF, 70, None, 0.2),
        DmftModel(2.0, 2.0, 100, 200, 50, 0.5),
        DmftModel(2.0, 2.0, 100, 200, 100, 0.5),
    ],
)
def test_late_times_reach_the_static_limit(model: DmftModel) -> None:
    limit, late = static_limit(model), loss_curve(model, [1e60])
    np.testing.assert_allclose(late.test[0], limit.test, rtol=1e-12)
    np.testing.assert_allclose(late.train[0], limit.train, rtol=1e-12, atol=1e-20)
    for name in ("bias", "features", "data", "interaction"):
        np.testing.assert_allclose(getattr(late, name)[0], getattr(limit, name), rtol=1e-11, atol=1e-25)


@pytest.mark.parametrize("model", [DmftModel(1.9, 1.3, 100, 100, None, 0.5), DmftModel(1.5, 1.5, 1, 1)])
def test_interpolation_peak_grows_like_the_root_of_time(model: DmftModel) -> None:
    limit, times = static_limit(model), np.array([1e20, 1e24])
    assert limit.test == INF
    assert limit.power == 0.5
    excess = loss_curve(model, times).test / (limit.growth * np.sqrt(times)) - 1.0
    # the next term is a constant, hence an excess of order t^(-1/2)
    assert np.all(np.abs(excess) < 30.0 / np.sqrt(times) / limit.growth)


def test_known_closed_form_of_a_white_spectrum() -> None:
    """White spectrum, N = inf: eigenvalues of a Wishart matrix, whose density is that of Marchenko and Pastur."""
    modes, samples = 400, 1000
    q, time = modes / samples, 3.0
    low, high = (1 - np.sqrt(q)) ** 2, (1 + np.sqrt(q)) ** 2
    x, weight = np.polynomial.legendre.leggauss(200)
    angle = 0.5 * np.pi * (x + 1.0)
    u = 0.5 * (low + high) + 0.5 * (high - low) * np.cos(angle)
    density = np.sqrt((high - u) * (u - low)) / (2 * np.pi * q * u) * 0.5 * (high - low) * np.sin(angle)
    test = float(0.5 * np.pi * weight @ (density * np.exp(-2 * u * time)))
    train = float(0.5 * np.pi * weight @ (density * u * np.exp(-2 * u * time)))
    model = DmftModel.from_spectrum(np.ones(modes), np.full(modes, 1.0 / modes), INF, samples)
    curve = loss_curve(model, [time])
    np.testing.assert_allclose([curve.test[0], curve.train[0]], [test, train], rtol=1e-12)


def test_start_and_order_of_times() -> None:
    model = DmftModel(1.9, 1.3, 10, 20, None, 0.5)
    curve = loss_curve(model, [5.0, 0.0, 1.0, 0.0, 1e-12])
    assert curve.test[1] == curve.test[3] == curve.train[1]
    assert abs(curve.test[1] - float(mp.zeta(1.9)) - 0.25) < 1e-14
    np.testing.assert_allclose(curve.test[4], curve.test[1], rtol=1e-11)
    assert abs(curve.test[0] / loss_curve(model, [5.0]).test[0] - 1.0) < 1e-13


def test_corrections_keep_their_digits_at_extreme_sizes() -> None:
    times = [1e3, 1e6]
    small = loss_curve(DmftModel(1.9, 1.3, 1e20, INF), times).correction * 1e20
    smaller = loss_curve(DmftModel(1.9, 1.3, 1e40, INF), times).correction * 1e40
    # the next order in 1/N is t^(1/b)/N, about 1e-15 of the first
    np.testing.assert_allclose(small, smaller, rtol=1e-11)
    np.testing.assert_allclose(np.diff(np.log(small)) / np.log(1e3), 0.1 / 1.3, atol=0.01)


def test_train_loss_keeps_relative_accuracy_when_exponentially_small() -> None:
    curve = loss_curve(DmftModel(1.9, 1.3, 200, 100), [1e4, 3e4])
    assert np.all(curve.train_error < 1e-9 * curve.train)
    assert curve.train[1] < 1e-30


@pytest.mark.parametrize(
    "build",
    [
        lambda: DmftModel(1.9, 1.3, 0.5, 10),
        lambda: DmftModel(1.9, 1.3, 10, float("nan")),
        lambda: DmftModel(1.9, 1.0, 10, 10),
        lambda: DmftModel(1.0, 1.3, 10, 10),
        lambda: DmftModel(1.9, -1.0, 10, 10, 5),
        lambda: DmftModel(1.9, 1.3, 10, 10, 2.5),
        lambda: DmftModel(1.9, 1.3, 10, 10, 0),
        lambda: DmftModel(1.9, 1.3, 10, 10, None, -0.5),
        lambda: DmftModel.from_spectrum([0.0, 0.0], [1.0, 1.0], 10, 10),
        lambda: DmftModel.from_spectrum([1.0, -0.1], [1.0, 1.0], 10, 10),
        lambda: DmftModel.from_spectrum([1.0, np.nan], [1.0, 1.0], 10, 10),
        lambda: DmftModel.from_spectrum([1.0, 0.5], [1.0, -1.0], 10, 10),
        lambda: DmftModel.from_spectrum([1.0], [1.0, 1.0], 10, 10),
        lambda: DmftModel.from_spectrum([], [], 10, 10),
        lambda: loss_curve(DmftModel(1.9, 1.3, 10, 10), [-1.0]),
        lambda: loss_curve(DmftModel(1.9, 1.3, 10, 10), []),
        lambda: loss_curve(DmftModel(1.9, 1.3, 10, 10), [INF]),
        lambda: loss_curve(DmftModel(1.9, 1.3, 10, 10), [1.5], Clock("steps", 0.1)),
        lambda: loss_curve(DmftModel(1.9, 1.3, 10, 10), [10], Clock("steps", 1.5)),
        lambda: loss_curve(DmftModel(1.9, 1.3, 10, 20), [1.0]).average(0.5),
    ],
)
def test_bad_input_is_refused_in_one_sentence(build) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadInputError) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_impossible_accuracy_is_refused() -> None:
    with pytest.raises(PrecisionError):
        loss_curve(DmftModel(1.9, 1.3, 10, 20, 50), [30.0], Clock("steps", 0.3), rtol=1e-17)
    with pytest.raises(PrecisionError):
        loss_digits(DmftModel(1.9, 1.3, 10, 20, 5), 30.0, 159)


@pytest.mark.parametrize(
    ("model", "time"),
    [
        (DmftModel(1.9, 1.3, 100, 200, 1500, 0.5), 100.0),
        (DmftModel(1.9, 1.3, 200, 100), 3000.0),
        (DmftModel(3.0, 2.0, 100, 100, None, 0.1), 1e5),
        (DmftModel(3.0, 2.0, 1e12, INF), 1e9),
        (DmftModel(1.5, 0.7, 10, 20, 200, 0.1), 5.0),
        (DmftModel.from_spectrum([1.0, 0.3, 0.3, 0.1], [1.0, 2.0, 0.5, 3.0], 3, 6, 0.2), 40.0),
    ],
)
def test_double_precision_agrees_with_twenty_digits(model: DmftModel, time: float) -> None:
    curve, precise = loss_curve(model, [time]), loss_digits(model, time, 20)
    # other sums, other pairing, no pieces: two routes; double precision keeps 14 digits
    assert abs(curve.test[0] / float(precise.test) - 1.0) < 1e-13
    assert abs(curve.train[0] / float(precise.train) - 1.0) < 1e-12
    assert precise.error < 1e-20 * float(precise.test)


def test_thirty_digits_against_the_forcing_function_at_infinite_data() -> None:
    """At P = inf two times reduce to one: the loss is the inverse transform of sum lambda w^2 H_k at time 2t."""
    a, b, n, modes, time = Fraction(19, 10), Fraction(13, 10), 5, 8, 3
    model = DmftModel(1.9, 1.3, n, INF, modes)
    precise = loss_digits(model, time, 32, {"a": a, "b": b})
    with mp.workdps(60):
        lam = [mp.mpf(k) ** -(mp.mpf(13) / 10) for k in range(1, modes + 1)]
        task = [mp.mpf(k) ** -(mp.mpf(19) / 10) for k in range(1, modes + 1)]
        nodes, weights = talbot_nodes(mp.mpf(2 * time), 64)
        total = mp.mpf(0)
        for p, weight in zip(nodes, weights, strict=True):
            if p.imag >= 0:
                r1, r3 = solve_responses(lam, 1 / mp.mpf(n), mp.mpf(0), p)
                value = mp.fsum(w / (p + x * r1 * r3) for x, w in zip(lam, task, strict=True))
                total += (weight * value).real * (1 if p.imag == 0 else 2)
        # 64 Talbot nodes give 38 digits
        assert abs(mp.mpf(precise.test) / total - 1) < mp.mpf(10) ** -30
        assert abs(mp.mpf(precise.train) / total - 1) < mp.mpf(10) ** -30


def test_precision_is_raised_when_double_does_not_suffice() -> None:
    curve = loss_curve(DmftModel(1.9, 1.3, 200, 100), [30.0], rtol=1e-15)
    assert curve.digits[0] > 16
    assert curve.error[0] < 1e-15 * curve.test[0]


@pytest.mark.parametrize(("b", "kappa"), [(1.5, 0.01 * (-0.75 + 0.7j)), (3.0, 4.0 - 2.0j)])
def test_sums_over_infinite_spectra_keep_39_digits(b: float, kappa: complex) -> None:
    """Hurwitz zeta functions against the hypergeometric tail and its end terms."""
    with ctx.workdps(44), dmft_precise.series_length(100):
        sums = dmft_precise.ModeSums(dmft_precise.Spectrum(Fraction(2), Fraction(b), None), 44)
        found = sums.evaluate(acb(kappa.real, kappa.imag), False)
        digits = [part.mid().str(42, radius=False) for part in (found.real, found.imag)]
    with mp.workdps(80):
        point, start = mp.mpc(kappa), 400
        head = mp.fsum(mp.mpf(k) ** -b / (point + mp.mpf(k) ** -b) for k in range(1, start))
        tail = mp.fsum((-1) ** j * point ** (-j - 1) * mp.zeta(mp.mpf(b) * (j + 1), start) for j in range(60))
        expected = head + tail
        # the geometric series has the ratio 400^-1.5/0.01 < 1/79, hence 110 digits after 60 terms
        assert abs(mp.mpc(*digits) - expected) < mp.mpf(10) ** -39 * abs(expected)


def test_digits_are_stable_when_more_are_asked_for() -> None:
    for model, time in ((DmftModel(1.9, 1.3, 100, 200, None, 0.5), 100.0), (DmftModel(6.9, 1.5, INF, INF), 900.0)):
        fewer, more = loss_digits(model, time, 13), loss_digits(model, time, 22)
        with mp.workdps(40):
            for one, two in ((fewer.test, more.test), (fewer.train, more.train)):
                assert abs(mp.mpf(one) / mp.mpf(two) - 1) < mp.mpf(10) ** -12
