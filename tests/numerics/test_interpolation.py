"""Exact constants of interpolation against scipy's interpolators, and against direct integrals."""

from __future__ import annotations

from fractions import Fraction
from math import gamma, pi

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.interpolation import (
    ball_volume,
    delaunay_constant,
    falling_power,
    linear_loss,
    nearest_distance,
    nearest_loss,
)
from scaling_sym.numerics.simulate.interpolation import (
    Interpolation,
    linear_target,
    measured_exponent,
    quadratic_target,
    simulate_interpolation,
)

STANDARD_ERRORS = 4.0
"""Squared errors of linear interpolation are skewed, so their means over few members are not quite normal."""


def _gradient(d: int) -> np.ndarray:
    return np.linspace(1.0, 0.3, d)


def _hessian(d: int) -> np.ndarray:
    return np.diag(np.arange(d) - 0.3) + 0.2


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
def test_nearest_neighbour(d: int, power: float) -> None:
    g, sizes = _gradient(d), (200.0, 1600.0)
    found = [simulate_interpolation(Interpolation(int(n), d, "nearest", power), linear_target(g), members=20) for n in sizes]
    for n, estimate in zip(sizes, found, strict=True):
        exact = nearest_loss(n, d, power, float(np.linalg.norm(g)))
        assert abs(estimate.mean[0] - exact) <= STANDARD_ERRORS * estimate.standard_error[0]
    exponent, error = measured_exponent(sizes, (found[0], found[1]))
    # 1/200: Gamma(D+1)/Gamma(D+1+p/d) is D^-(p/d) up to that
    assert abs(exponent - power / d) <= STANDARD_ERRORS * error + power / d / 200.0


@pytest.mark.parametrize(("d", "sizes", "members"), [(1, (100, 800), 200), (2, (100, 1600), 40), (3, (150, 1200), 12)])
def test_piecewise_linear(d: int, sizes: tuple[int, int], members: int) -> None:
    h = _hessian(d)
    found = [simulate_interpolation(Interpolation(n, d, "linear"), quadratic_target(h), members=members) for n in sizes]
    for n, estimate in zip(sizes, found, strict=True):
        exact = linear_loss(n, d, np.trace(h), np.trace(h @ h))
        assert abs(estimate.mean[0] - exact) <= STANDARD_ERRORS * estimate.standard_error[0]
    exponent, error = measured_exponent((sizes[0], sizes[1]), (found[0], found[1]))
    assert abs(exponent - 4.0 / d) <= STANDARD_ERRORS * error + 10.0 / sizes[0]


@pytest.mark.parametrize(("d", "count"), [(4, 800), (5, 1600)])
def test_piecewise_linear_by_the_lower_hull(d: int, count: int) -> None:
    h = _hessian(d)
    estimate = simulate_interpolation(Interpolation(count, d, "lower-hull", tests=30), quadratic_target(h), members=8)
    exact = linear_loss(count, d, np.trace(h), np.trace(h @ h))
    assert abs(estimate.mean[0] - exact) <= STANDARD_ERRORS * estimate.standard_error[0]
    assert estimate.standard_error[0] < 0.12 * exact


@pytest.mark.deep
@pytest.mark.parametrize(("d", "sizes"), [(4, (200, 3200)), (5, (400, 6400))])
def test_exponents_in_four_and_five_dimensions(d: int, sizes: tuple[int, int]) -> None:
    target = quadratic_target(_hessian(d))
    found = [simulate_interpolation(Interpolation(n, d, "lower-hull", tests=200), target, members=12) for n in sizes]
    exponent, error = measured_exponent((sizes[0], sizes[1]), (found[0], found[1]))
    assert error < 0.02
    assert abs(exponent - 4.0 / d) <= STANDARD_ERRORS * error


def test_the_two_triangulations_agree() -> None:
    h = _hessian(2)
    points = np.random.default_rng(1).random((60, 2))
    from scaling_sym.numerics.simulate.interpolation import _predict_by_programme, _predict_linear, continue_periodically

    copies = continue_periodically(points, 0.6)
    tests = np.random.default_rng(2).random((40, 2))
    values = quadratic_target(h)(copies)
    one = _predict_linear(Interpolation(60, 2, "linear"), copies, values, tests)
    two = _predict_by_programme(copies, values, tests, 0.6)
    np.testing.assert_allclose(one, two, atol=1e-7)  # the feasibility tolerance of the linear programme


def test_one_dimension_in_closed_form() -> None:
    for n in (2, 10, 1000):
        np.testing.assert_allclose(nearest_distance(n, 1, 1.0), 0.5 / (n + 1), rtol=1e-13)
        np.testing.assert_allclose(nearest_distance(n, 1, 2.0), 0.5 / ((n + 1) * (n + 2)), rtol=1e-13)
        np.testing.assert_allclose(linear_loss(n, 1, 1.0, 1.0), 1.0 / ((n + 1) * (n + 2) * (n + 3) * (n + 4)), rtol=1e-12)
    assert delaunay_constant(1).of_trace + delaunay_constant(1).of_square == Fraction(2, 15)


def test_constant_in_two_dimensions_by_quadrature() -> None:
    """The angular integral of |x|^2/2 over triangles in the unit circle, by the midpoint rule on a grid of angles."""
    grid = 2.0 * pi * (np.arange(24) + 0.5) / 24
    x, y = np.meshgrid(grid, grid)
    v = np.stack([np.stack([np.cos(t), np.sin(t)]) for t in (np.zeros_like(x), x, y)])
    area = 0.5 * np.abs((v[1, 0] - 1) * v[2, 1] - v[1, 1] * (v[2, 0] - 1))
    q = np.stack([np.sum((v[i] - v[j]) ** 2, axis=0) for i, j in ((0, 1), (0, 2), (1, 2))])
    # Dirichlet moments over a triangle: E (sum_{i<j} l_i l_j q_ij)^2
    square = (4.0 * np.sum(q**2, axis=0) + 4.0 * (q[0] * q[1] + q[0] * q[2] + q[1] * q[2])) * 2.0 / 720.0
    mean = np.mean(area * area * square) / 4.0  # trigonometric polynomials of degree 6: the grid is exact
    scale = gamma(5.0) * pi**-5.0 * (2.0 * pi) ** 3 / 6.0
    constant = delaunay_constant(2)
    bracket = 4 * constant.of_trace + 2 * constant.of_square
    np.testing.assert_allclose(scale * mean, float(bracket) * constant.scale(), rtol=1e-12)


def test_waves_on_the_circle_follow_the_leading_term() -> None:
    """For a target that is only smooth the constant holds with f'' squared averaged, up to relative (2 pi/D)^2."""
    wave = Interpolation(400, 1, "linear", tests=1000)
    found = simulate_interpolation(wave, lambda x: np.sqrt(2.0) * np.cos(2 * pi * x[:, 0] + 0.3), members=200)
    exact = linear_loss(400, 1, (2 * pi) ** 2, (2 * pi) ** 4)
    assert abs(found.mean[0] - exact) <= STANDARD_ERRORS * found.standard_error[0] + 1e-3 * exact


def test_where_the_hypotheses_fail() -> None:
    """On an interval with constant extrapolation the two ends win: 3 in place of 4; a kink has 3; inside it is 4."""
    def measure(target, inner: float) -> float:  # type: ignore[no-untyped-def]
        losses = [
            simulate_interpolation(Interpolation(n, 1, "linear", domain="cube", inner=inner, tests=4000), target, members=150)
            for n in (50, 1600)
        ]
        return measured_exponent((50.0, 1600.0), (losses[0], losses[1]))[0]

    square = quadratic_target(np.eye(1))
    assert abs(measure(square, 0.0) - 3.0) < 0.25
    assert abs(measure(square, 0.2) - 4.0) < 0.15
    assert abs(measure(lambda x: np.abs(x[:, 0] - 0.5), 0.2) - 3.0) < 0.25


def test_radial_functions_do_better_than_four_over_d() -> None:
    """The kernel |x| has b = 1 + 1/d, and a smooth target the exponent 2b = 2(d+1)/d, above 4/d for d >= 2."""
    target = lambda x: np.cos(pi * x.sum(axis=1) + 0.7)  # noqa: E731
    cases = [Interpolation(n, 2, "rbf-linear", domain="cube", inner=0.25) for n in (250, 1000)]
    losses = [simulate_interpolation(case, target, members=4) for case in cases]
    exponent, _ = measured_exponent((250.0, 1000.0), (losses[0], losses[1]))
    assert abs(exponent - 3.0) < 0.4


def test_falling_powers() -> None:
    np.testing.assert_allclose(falling_power(100.0, 4.0), 1.0 / (101 * 102 * 103 * 104), rtol=1e-13)
    np.testing.assert_allclose(falling_power(1e9, 2.0), 1.0 / ((1e9 + 1) * (1e9 + 2)), rtol=1e-13)
    np.testing.assert_allclose(falling_power(5.0, 0.5), gamma(6.0) / gamma(6.5), rtol=1e-13)
    np.testing.assert_allclose([ball_volume(d) for d in (1, 2, 3)], [2.0, pi, 4.0 * pi / 3.0], rtol=1e-14)


def test_refusals() -> None:
    for call in (
        lambda: nearest_distance(0, 2, 1.0), lambda: nearest_distance(10, 0, 1.0), lambda: nearest_distance(10, 2, 0.0),
        lambda: linear_loss(2, 3, 1.0, 1.0), lambda: delaunay_constant(61), lambda: Interpolation(10, 2, "spline"),
        lambda: Interpolation(10, 2, "rbf-cubic"), lambda: Interpolation(3, 5, "linear"), lambda: Interpolation(10, 2, inner=0.1),
        lambda: Interpolation(10**6, 5, "nearest"), lambda: Interpolation(100, 4, "lower-hull", domain="cube"),
    ):
        with pytest.raises(BadInputError):
            call()
