"""Static losses against mpmath, dense matrices, drawn ensembles, and the closed forms."""

from __future__ import annotations

from math import inf, pi, sin

import numpy as np
import pytest

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_static import static_limit
from scaling_sym.numerics.kernel import (
    KernelModel,
    kernel_loss,
    learning_curve,
    local_exponents,
    loss_digits,
    sum_task_tail,
    variance_excess,
)
from scaling_sym.numerics.simulate.dmft import ModeArrays, PowerLawModes
from scaling_sym.numerics.simulate.kernel import KernelExperiment, simulate_kernel
from tests.peers.kernel_direct import dense_loss, feature_loss, interpolate_loss, replica_loss, section_two

SIZES = [(10, 20), (20, 10), (1e3, 1e5), (1e12, 1e6), (1e6, 1e12), (1e12, inf), (inf, 1e12), (1e12, 1e12 + 1)]


@pytest.mark.parametrize(("a", "b", "size", "sigma"), [(1.5, 1.5, 7, 0.0), (4.0, 1.2, 20, 0.3), (1.2, 3.0, 12, 0.0)])
def test_data_curve_is_the_printed_replica_formula(a: float, b: float, size: int, sigma: float) -> None:
    loss, kappa, gamma = replica_loss(a, b, size, sigma)
    found = kernel_loss(KernelModel(a, b, size, inf, sigma=sigma))
    # 1e-12: double precision, times the few digits by which kappa's error enters
    expected = [float(x) for x in (loss, kappa, gamma)]
    np.testing.assert_allclose([found.test, found.replica_kappa, found.gamma], expected, rtol=1e-12)


@pytest.mark.parametrize(("a", "b", "size"), [(1.5, 1.5, 7), (4.0, 1.2, 20), (1.2, 3.0, 12)])
def test_feature_curve(a: float, b: float, size: int) -> None:
    found = kernel_loss(KernelModel(a, b, inf, size))
    np.testing.assert_allclose(found.test, float(feature_loss(a, b, size)), rtol=1e-12)


@pytest.mark.parametrize(
    ("D", "P", "ridge", "sigma"), [(6, 9, 0.01, 0.5), (9, 6, 1e-4, 0.0), (8, 8, 1e-3, 0.2), (30, 5, 0.3, 1.0)]
)
def test_ridge_satisfies_the_equations_of_section_two(D: float, P: float, ridge: float, sigma: float) -> None:
    lam = np.geomspace(1.0, 0.01, 15)
    w2 = np.linspace(2.0, 0.1, 15)
    found = kernel_loss(KernelModel.from_spectrum(lam, w2, D, P, ridge, sigma))
    np.testing.assert_allclose(found.test, section_two(lam, w2, D, P, ridge, sigma), rtol=1e-12)


@pytest.mark.parametrize(("D", "P"), SIZES)
@pytest.mark.parametrize(("a", "b", "ridge", "sigma"), [(1.5, 1.2, 0.0, 0.0), (3.3, 1.4, 1e-3, 0.5), (9.0, 3.0, 1e-9, 0.1)])
def test_double_precision_agrees_with_balls(a: float, b: float, ridge: float, sigma: float, D: float, P: float) -> None:
    model = KernelModel(a, b, D, P, ridge, sigma)
    found, precise = kernel_loss(model), float(loss_digits(model, 15).test)
    assert abs(found.test - precise) <= found.error + 1e-15 * precise
    assert found.error <= 1e-10 * precise


def test_without_ridge_it_is_the_end_of_training() -> None:
    for a, b, D, P, sigma in ((2.0, 1.5, 20.0, 50.0, 0.3), (5.0, 1.3, 50.0, 20.0, 0.0)):
        found, limit = kernel_loss(KernelModel(a, b, D, P, 0.0, sigma)), static_limit(DmftModel(a, b, P, D, None, sigma))
        for name in ("test", "train", "bias", "features", "data", "interaction"):
            np.testing.assert_allclose(getattr(found, name), getattr(limit, name), rtol=1e-12)
    # and the flow itself, late, reaches it like a power of 1/t below its spectral gap
    late = loss_curve(DmftModel(2.0, 1.5, 20.0, 50.0), [1e7]).test[0]
    np.testing.assert_allclose(late, kernel_loss(KernelModel(2.0, 1.5, 50.0, 20.0)).test, rtol=1e-9)


def test_huge_sizes() -> None:
    model = KernelModel(1.8, 1.3, 1e100, 1e101)
    np.testing.assert_allclose(kernel_loss(model).test, float(loss_digits(model, 15).test), rtol=1e-12)
    far = KernelModel(1.8, 1.3, 1e200, 1e201)
    with pytest.raises(PrecisionError):
        kernel_loss(far)
    # L ~ D^-(a-1) with relative corrections of order 1/D
    ratio = float(loss_digits(far, 20).test) / kernel_loss(model).test
    np.testing.assert_allclose(np.log10(ratio), -80.0, rtol=1e-13)


@pytest.mark.parametrize("entries", ["real", "complex"])
@pytest.mark.parametrize(
    ("D", "P", "ridge", "sigma"), [(60, 30, 0.0, 0.3), (30, 60, 0.0, 0.3), (30, 30, 0.01, 0.2), (40, inf, 0.0, 0.0)]
)
def test_drawn_models_meet_the_equivalent(entries: str, D: float, P: float, ridge: float, sigma: float) -> None:
    drawn = simulate_kernel(KernelExperiment(PowerLawModes(2.0, 1.5, 150), D, P, ridge, sigma, entries), members=80)
    found = kernel_loss(KernelModel(2.0, 1.5, D, P, ridge, sigma, 150))
    # real matrices have corrections of relative order 1/D + 1/P, here up to 5 %; complex ones of their squares
    slack = 0.05 if entries == "real" else 0.005
    for got, expected in ((drawn.test, found.test), (drawn.train, found.train)):
        assert got is not None
        # 1e-20: what interpolation leaves of the train loss is rounding
        assert abs(got.mean[0] - expected) <= 3.5 * got.standard_error[0] + slack * expected + 1e-20


def test_leading_features_are_a_shorter_spectrum_with_noise() -> None:
    modes = PowerLawModes(1.8, 1.3, 120)
    for D, P in ((20, 60), (60, 20), (inf, 20)):
        drawn = simulate_kernel(KernelExperiment(modes, D, P, 0.0, 0.1, "complex", "top"), members=80)
        found = kernel_loss(KernelModel(1.8, 1.3, D, P, 0.0, 0.1, 120, "top"))
        assert abs(drawn.test.mean[0] - found.test) <= 3.5 * drawn.test.standard_error[0] + 0.005 * found.test
    lam, w = modes.lay_out()
    arrays = kernel_loss(KernelModel.from_spectrum(lam, w**2, 20, 60, features="top"))
    powers = kernel_loss(KernelModel(1.8, 1.3, 20, 60, modes=120, features="top"))
    np.testing.assert_allclose(arrays.test, powers.test, rtol=1e-12)


def test_real_matrices_given_the_smaller_side() -> None:
    """With P < D fixed features the loss over real data is exactly (D-1)/(D-P-1) times the population's."""
    modes = ModeArrays(tuple(np.arange(1.0, 13.0) ** -1.5), (1.0,) * 12)
    drawn = simulate_kernel(KernelExperiment(modes, 20, 4, projection="top"), members=4000)
    lam = np.array(modes.eigenvalues)
    exact = lam[4:].sum() * 19.0 / 15.0
    assert abs(drawn.test.mean[0] - exact) <= 3.5 * drawn.test.standard_error[0]


def test_real_random_features_given_the_data() -> None:
    """With D < P and fixed data the mean over real features is L(data) + Tr(C Q) y.(X X^T)^-1.y/(P - D - 1), exactly."""
    rng = np.random.default_rng(3)
    root = np.arange(1.0, 13.0) ** -0.75
    data, teacher = rng.standard_normal((4, 12)) * root, np.ones((12, 1))
    inverse = np.linalg.inv(data @ data.T)
    off = np.eye(12) - data.T @ inverse @ data
    alone = float(np.sum((root[:, None] * (off @ teacher)) ** 2))
    labels = data @ teacher
    exact = alone + float(np.trace(np.diag(root**2) @ off) * (labels.T @ inverse @ labels)[0, 0]) / (14 - 4 - 1)
    losses = [interpolate_loss(root, data, rng.standard_normal((14, 12)), teacher) for _ in range(3000)]
    assert abs(np.mean(losses) - exact) <= 3.5 * np.std(losses) / np.sqrt(3000)


def test_the_replica_formula_is_not_exact_at_one_sample() -> None:
    """Two modes 1 and 1/4, one complex sample, isotropic teacher: the mean is log(4)/3, the formula 1/2."""
    np.testing.assert_allclose(kernel_loss(KernelModel.from_spectrum([1.0, 0.25], [1.0, 1.0], 1, inf)).test, 0.5, rtol=1e-13)
    modes = ModeArrays((1.0, 0.25), (1.0, 1.0))
    drawn = simulate_kernel(KernelExperiment(modes, 1, inf, entries="complex", teacher="isotropic"), members=4000)
    assert abs(drawn.test.mean[0] - np.log(4.0) / 3.0) <= 3.5 * drawn.test.standard_error[0] < 0.02


@pytest.mark.parametrize("ridge", [1e-10, 0.05])
def test_duality_holds_draw_by_draw_for_the_isotropic_teacher(ridge: float) -> None:
    rng = np.random.default_rng(0)
    root = np.arange(1.0, 41.0) ** -0.75
    one, two = rng.standard_normal((12, 40)), rng.standard_normal((17, 40))
    first = dense_loss(root, one * root, two, np.eye(40), ridge)
    second = dense_loss(root, two * root, one, np.eye(40), ridge)
    np.testing.assert_allclose(first, second, rtol=1e-6)
    structured = np.diag(np.arange(1.0, 41.0) ** -1.0)
    first = dense_loss(root, one * root, two, structured, ridge)
    assert abs(dense_loss(root, two * root, one, structured, ridge) / first - 1.0) > 0.05


def test_duality_of_the_equivalents() -> None:
    for D, P, ridge in ((10.0, 30.0, 0.0), (10.0, 30.0, 0.01), (7.0, inf, 0.0), (5.0, 5.0, 1e-3)):
        here, there = kernel_loss(KernelModel(1.4, 1.4, D, P, ridge)).test, kernel_loss(KernelModel(1.4, 1.4, P, D, ridge)).test
        np.testing.assert_allclose(here, there, rtol=1e-12)
    # elsewhere the ratio of L(D) and L(P) at D = P tends to b + 1 - a
    for a, b in ((1.3, 2.0), (2.0, 1.5)):
        ratio = kernel_loss(KernelModel(a, b, 1e12, inf)).test / kernel_loss(KernelModel(a, b, inf, 1e12)).test
        np.testing.assert_allclose(ratio, b + 1.0 - a, rtol=1e-5)


@pytest.mark.parametrize(
    ("a", "b", "D", "P", "expected"),
    [
        (1.5, 1.5, 1e12, inf, (0.5, 0.0)),
        (5.0, 1.5, 1e12, inf, (3.0, 0.0)),
        (5.0, 1.5, inf, 1e12, (0.0, 1.5)),
        (4.0, 1.3, 1e10, 1e6, (0.0, 1.3)),  # P < D: the features limit
        (4.0, 1.3, 1e7, 1e12, (0.3, 1.0)),  # D < P < D^2.3: the variance over features limits
        (4.0, 1.3, 1e7, 1e24, (2.6, 0.0)),  # beyond: the data limit
    ],
)
def test_local_exponents_of_the_cells(a: float, b: float, D: float, P: float, expected: tuple[float, float]) -> None:
    # 2e-2: the next term of each cell, a power of the distance to its walls
    np.testing.assert_allclose(local_exponents(KernelModel(a, b, D, P)), expected, atol=2e-2)


@pytest.mark.parametrize(("a", "b", "sigma"), [(1.5, 1.5, 0.0), (4.0, 1.3, 0.0), (1.2, 1.1, 0.3)])
@pytest.mark.parametrize(("D", "P"), [(10.0, 1e4), (1e4, 10.0), (100.0, 101.0)])
def test_excess_without_cancellation(a: float, b: float, sigma: float, D: float, P: float) -> None:
    model = KernelModel(a, b, D, P, 0.0, sigma)
    excess = variance_excess(model)
    # the difference of the two losses loses log10(1e4) digits of 13
    np.testing.assert_allclose(kernel_loss(model).test, excess.limit + excess.value, rtol=1e-11)
    np.testing.assert_allclose(kernel_loss(model).test - excess.limit, excess.value, rtol=1e-7)
    far = variance_excess(KernelModel(a, b, *((D, 1e30) if D < P else (1e30, P)), 0.0, sigma))
    np.testing.assert_allclose(far.value * 1e30, excess.coefficient, rtol=1e-12)


def test_kappa_and_gamma_of_the_printed_normalisation() -> None:
    for b in (1.1, 2.0, 4.0):
        found = kernel_loss(KernelModel(b, b, 1e12, inf))
        np.testing.assert_allclose(found.replica_kappa * 1e12 ** (b - 1.0), ((pi / b) / sin(pi / b)) ** b, rtol=1e-9)
        np.testing.assert_allclose(found.gamma, 1.0 - 1.0 / b, rtol=1e-9)


def test_the_peak_and_full_rank() -> None:
    assert kernel_loss(KernelModel(2.0, 1.5, 10.0, 10.0)).test == inf
    lam = np.ones(5)
    assert kernel_loss(KernelModel.from_spectrum(lam, lam, 8, 9)).test == 0.0
    np.testing.assert_allclose(kernel_loss(KernelModel.from_spectrum(lam, lam, 8, 9, sigma=1.0)).test, 1.0 + 5.0 / 3.0)
    assert kernel_loss(KernelModel.from_spectrum(lam, lam, 5, 9, sigma=1.0)).test == inf
    assert kernel_loss(KernelModel(2.0, 1.5, inf, inf)).test == 0.0


def test_tails_of_the_task() -> None:
    import mpmath

    for a in (0.5, 1.0, 1.5, 3.0):
        for start, stop in ((5.0, 1e7), (1e5, 1.01e5), (1e6, 1e12)):
            with mpmath.workdps(40):
                ends = [mpmath.mpf(x) + 1 for x in (start, stop)]
                at = [mpmath.zeta(a, x) if a != 1 else -mpmath.psi(0, x) for x in ends]
                exact = at[0] - at[1]
            np.testing.assert_allclose(sum_task_tail(a, start, stop), float(exact), rtol=2e-14)


def test_a_curve_is_its_points() -> None:
    model = KernelModel(2.0, 1.5, 10, inf)
    assert [x.test for x in learning_curve(model, [(10, inf), (20, 5)])] == [
        kernel_loss(KernelModel(2.0, 1.5, D, P)).test for D, P in ((10, inf), (20, 5))
    ]


def test_refusals() -> None:
    for bad in (
        {"D": 0.5}, {"P": -1.0}, {"ridge": -1.0}, {"ridge": inf}, {"sigma": -1.0}, {"a": 1.0}, {"b": 0.9},
        {"features": "best"}, {"features": "top", "P": 1.5}, {"D": np.nan},
    ):
        with pytest.raises(BadInputError):
            KernelModel(**({"a": 2.0, "b": 1.5, "D": 10.0, "P": 20.0} | bad))
    with pytest.raises(BadInputError):
        variance_excess(KernelModel(2.0, 1.5, 10.0, 10.0))
    with pytest.raises(BadInputError):
        local_exponents(KernelModel(2.0, 1.5, 10.0, 10.05))
    with pytest.raises(BadInputError):
        loss_digits(KernelModel(2.0, 1.5, 10.0, 10.0), 20)
    with pytest.raises(BadInputError):
        KernelExperiment(PowerLawModes(2.0, 1.5, 10), 5, 20, projection="top")


def test_errors_count_the_rounding_of_kappa() -> None:
    """At b = 30 one mode fills D = 1 up to 3e-5: kappa loses five digits, and more are taken by themselves."""
    for ridge, rtol in ((0.0, 1e-10), (0.0, 1e-13), (1e-8, 1e-13)):
        model = KernelModel(30.0, 30.0, 1.0, 1.5, ridge)
        found = kernel_loss(model, rtol)
        assert abs(found.test - float(loss_digits(model, 16).test)) <= found.error <= rtol * found.test


def test_a_ridge_beyond_doubles_is_refused() -> None:
    with pytest.raises(PrecisionError):
        kernel_loss(KernelModel(2.0, 1.5, 1e9, 1e12, 1e-300, 0.0, 1000))
    with pytest.raises(PrecisionError):
        loss_digits(KernelModel(2.0, 1.5, 3.0, 3.0, 1e-300), 13)
