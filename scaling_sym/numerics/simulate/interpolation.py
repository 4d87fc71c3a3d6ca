r"""Real interpolators on random points, the judge of `numerics.interpolation`.

On the torus (``domain="torus"``) the points are continued periodically, and so is the *error*: a polynomial target is
lifted to the plane, where it is not periodic but its interpolation error is, since both interpolators reproduce what
distinguishes the copies.  So constants of affine and quadratic targets are measured without boundary and without
higher orders.  On the unit cube (``domain="cube"``) nothing is continued, and what lies outside the convex hull of the
points takes the value of the nearest one: boundary effects show.

Interpolators: nearest neighbour (`scipy.spatial.cKDTree`), piecewise linear on the Delaunay triangulation
(`scipy.interpolate.LinearNDInterpolator`; in four and more dimensions the whole triangulation is too large, and
``lower-hull`` finds the one simplex around a place as the vertex of a linear programme, `scipy.optimize.linprog`: the
weights of the points that represent the place with the least mean of |v|^2), radial basis functions
(`scipy.interpolate.RBFInterpolator`).

A member is one independent set of points with its own places to be tested; standard errors are over members.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, NoConvergenceError
from scaling_sym.numerics.simulate.arguments import read_choice, read_count, read_real
from scaling_sym.numerics.simulate.ensemble import Estimate, average_members, member_streams
from scaling_sym.numerics.simulate.sweep import single_thread

Array = NDArray[np.float64]
Target = Callable[[Array], Array]
"""Values (n,) of a function at places (n, d)."""
Domain = Literal["torus", "cube"]

MOST_POINTS = 2_000_000
STREAM = 1


@dataclass(frozen=True, slots=True)
class Interpolation:
    """What is measured: E|error|^power of ``method`` (nearest, linear, or an RBF kernel of scipy) on D points.

    ``tests`` places a member; for ``inner`` > 0 (cube only) they keep that distance from the faces.
    """

    points: int
    d: int
    method: str = "nearest"
    power: float = 2.0
    domain: Domain = "torus"
    tests: int = 2000
    inner: float = 0.0

    def __post_init__(self) -> None:
        for name in ("points", "d", "tests"):
            object.__setattr__(self, name, read_count(name, getattr(self, name), least=1))
        object.__setattr__(self, "power", read_real("power", self.power, above=0.0))
        object.__setattr__(self, "inner", read_real("inner", self.inner, least=0.0))
        read_choice("domain", self.domain, ("torus", "cube"))
        read_choice("method", self.method, ("nearest", "linear", "lower-hull", "rbf-linear", "rbf-cubic", "rbf-quintic"))
        if self.inner >= 0.5 or (self.inner > 0.0 and self.domain == "torus"):
            raise BadInputError("an inner distance is below 1/2 and belongs to the cube")
        if self.method == "lower-hull" and self.domain != "torus":
            raise BadInputError("the lower hull is available on the torus only, where every place lies inside")
        if self.method in ("linear", "lower-hull") and self.points < self.d + 2:
            raise BadInputError(f"{self.points} points are too few for a triangulation; at least {self.d + 2} are needed")
        if self.method.startswith("rbf") and self.domain == "torus":
            raise BadInputError("radial basis functions are available on the cube only")
        if self.points * 3**self.d > MOST_POINTS and self.domain == "torus":
            raise BadInputError(f"at most {MOST_POINTS} points are allowed, their copies around the torus counted")


def simulate_interpolation(experiment: Interpolation, target: Target, *, members: int = 16, seed: int = 0) -> Estimate:
    """E|error|^power over ``members`` sets of points (at least 2), one entry.

    ``target`` must be a polynomial of degree 1 (nearest) or 2 (linear) on the torus, or periodic; anything on the cube.
    """
    members, seed = read_count("members", members, least=2), read_count("seed", seed, least=0)
    label = repr(("interpolation", STREAM, experiment))
    with single_thread():  # scipy inverts one small matrix a simplex, for which threads cost far more than they bring
        losses = [_measure_once(experiment, target, member_streams(seed, label, k, 1)[0]) for k in range(members)]
    return average_members(np.array(losses)[:, None])


def _measure_once(experiment: Interpolation, target: Target, stream: np.random.Generator) -> float:
    points = stream.random((experiment.points, experiment.d))
    margin = experiment.inner
    tests = margin + (1.0 - 2.0 * margin) * stream.random((experiment.tests, experiment.d))
    if experiment.domain == "torus":
        points = continue_periodically(points, _reach(experiment))
    found = _predict(experiment, points, target(points), tests)
    return float(np.mean(np.abs(found - target(tests)) ** experiment.power))


def _reach(experiment: Interpolation) -> float:
    """How far copies are kept around the cube: beyond it an empty ball has a chance of about 1e-6."""
    from scaling_sym.numerics.interpolation import ball_volume

    count, d = experiment.points, experiment.d
    radius = ((14.0 + np.log(count)) / (ball_volume(d) * count)) ** (1.0 / d)
    return float(min(radius if experiment.method == "nearest" else 2.0 * radius, 1.0))


def continue_periodically(points: Array, reach: float) -> Array:
    """The points and their copies within ``reach`` <= 1 of the unit cube, shape (n, d)."""
    copies = points
    for axis in range(points.shape[1]):
        shift = np.zeros(points.shape[1])
        shift[axis] = 1.0
        above = copies[copies[:, axis] < reach] + shift
        below = copies[copies[:, axis] > 1.0 - reach] - shift
        copies = np.concatenate([copies, above, below])
    return copies


def _predict(experiment: Interpolation, points: Array, values: Array, tests: Array) -> Array:
    if experiment.method == "nearest":
        return _predict_nearest(points, values, tests)
    if experiment.method == "linear":
        return _predict_linear(experiment, points, values, tests)
    if experiment.method == "lower-hull":
        return _predict_by_programme(points, values, tests, _reach(experiment))
    from scipy.interpolate import RBFInterpolator

    kernel: Literal["linear", "cubic", "quintic"] = "linear"
    if experiment.method != "rbf-linear":
        kernel = "cubic" if experiment.method == "rbf-cubic" else "quintic"
    return np.asarray(RBFInterpolator(points, values, kernel=kernel)(tests), dtype=np.float64)


def _predict_nearest(points: Array, values: Array, tests: Array) -> Array:
    from scipy.spatial import cKDTree

    _, index = cKDTree(points).query(tests)
    return np.asarray(values[index])


def _predict_linear(experiment: Interpolation, points: Array, values: Array, tests: Array) -> Array:
    if experiment.d == 1:
        order = np.argsort(points[:, 0])
        found = np.interp(tests[:, 0], points[order, 0], values[order])
        outside = (tests[:, 0] < points[order[0], 0]) | (tests[:, 0] > points[order[-1], 0])
    else:
        from scipy.interpolate import LinearNDInterpolator

        found = np.asarray(LinearNDInterpolator(points, values)(tests))
        outside = np.isnan(found)
    if np.any(outside):
        if experiment.domain == "torus":
            raise NoConvergenceError("a place on the torus lies outside the triangulation; take more points")
        found[outside] = _predict_nearest(points, values, tests[outside])
    return found


def _predict_by_programme(points: Array, values: Array, tests: Array, reach: float) -> Array:
    from scipy.optimize import linprog
    from scipy.spatial import cKDTree

    found = np.empty(tests.shape[0])
    tree = cKDTree(points)
    for i, place in enumerate(tests):
        near = np.array(tree.query_ball_point(place, reach), dtype=np.intp)
        moved = (points[near] - place) / reach
        conditions = np.vstack([moved.T, np.ones(near.size)])
        solved = linprog(np.sum(moved**2, axis=1), A_eq=conditions, b_eq=np.eye(tests.shape[1] + 1)[-1], method="highs")
        if not solved.success:
            raise NoConvergenceError("a place on the torus lies outside the hull of the points near it; take more points")
        found[i] = np.asarray(solved.x) @ values[near]
    return found


def quadratic_target(hessian: Array) -> Target:
    """x -> x^T H x / 2 for a symmetric matrix (d, d)."""

    def value(places: Array) -> Array:
        """The target at places, shape (n, d)."""
        return np.asarray(0.5 * np.einsum("ni,ij,nj->n", places, hessian, places))

    return value


def linear_target(gradient: Array) -> Target:
    """x -> g . x for a vector (d,)."""

    def value(places: Array) -> Array:
        """The target at places, shape (n, d)."""
        return np.asarray(places @ gradient)

    return value


def measured_exponent(sizes: tuple[float, float], losses: tuple[Estimate, Estimate]) -> tuple[float, float]:
    """The exponent of a power law through two independent estimates, and its standard error."""
    first, second = (float(x.mean[0]) for x in losses)
    spread = [float(x.standard_error[0] / x.mean[0]) for x in losses]
    length = float(np.log(sizes[1] / sizes[0]))
    return float(np.log(first / second)) / length, float(np.hypot(spread[0], spread[1])) / length
