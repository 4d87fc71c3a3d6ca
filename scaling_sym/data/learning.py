r"""Learning curves of random features on real data: predicted from the measured spectrum, and trained.

The rows are split at random into a *pool* (three quarters) and a *test set*. Means over the pool are subtracted from
features and target of both.

**Prediction.** The covariance of the pool gives lambda_k (scaled so that lambda_1 = 1), and the target's projections give
w_k^2, summed over its outputs, less what noise adds to them (sigma^2/n each). The part of the target that no linear
function of the features reaches, the mean square sigma^2 of the residual of least squares, unbiased, is treated as label
noise. With these numbers the mean-field equations of bordelon2024 (`numerics.dmft`) predict the test loss at any time t,
width N and number of samples P. Nothing is fitted.

**Training.** The model itself: N Gaussian combinations A x / sqrt(N) of the features, P rows of the pool drawn without
replacement, gradient flow from zero on the mean squared error over those rows, solved exactly by the singular value
decomposition. The loss is the mean over the rows of the *test set* of the squared error summed over the outputs; no row
of it was seen by the spectrum or by training. Means and standard errors are over independent draws of A and of the rows.

**What is compared.** Three curves, whose sizes follow from the size of the data by fixed rules (`plan_curves`): loss
against t, against N and against P. The relative error is |predicted - trained| / trained at every point. As much of the
loss of a real task cannot be learnt linearly, the error relative to the *reducible* part, trained loss less sigma^2, is
given too, as a stricter measure.

What the prediction leaves out: that real data are not Gaussian; that the residual is no independent noise; that the
test set is finite (its own error, of some percent, is common to all points and is reported as `test_error`); the
terms that real Gaussian A adds at first order in 1/N (see `numerics.dmft`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaling_sym.data.spectra import Spectrum, measure_features
from scaling_sym.errors import BadInputError
from scaling_sym.numerics.simulate.sweep import single_thread

Array = NDArray[np.float64]

POOL_SHARE: Final = 0.75
LATE: Final = 1000.0
"""The time, in units of 1/lambda_1, of the curves against N and P."""
LARGEST_SIZE: Final = 512
FEWEST_ROWS: Final = 200
DRAWS: Final = 16
TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Point:
    """One trained model: time in units of 1/lambda_1, width, number of samples."""

    time: float
    width: int
    samples: int


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Predicted and trained test loss against `variable` (time, width or samples); `error`: standard error over draws."""

    variable: str
    points: tuple[Point, ...]
    predicted: Array
    trained: Array
    error: Array
    floor: float

    @property
    def x(self) -> list[float]:
        """The values of the variable."""
        return [float(getattr(point, self.variable)) for point in self.points]

    @property
    def relative_errors(self) -> Array:
        """|predicted - trained| / trained."""
        return np.asarray(np.abs(self.predicted - self.trained) / self.trained)

    @property
    def reducible_errors(self) -> Array:
        """|predicted - trained| over the part of the trained loss above sigma^2 (inf where nothing is above)."""
        above = self.trained - self.floor
        gap = np.abs(self.predicted - self.trained)
        return np.divide(gap, above, out=np.full_like(gap, np.inf), where=above > 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The three curves of one task. `spectrum` is the pool's; `floor`: sigma^2; `start`: the test loss of predicting zero.

    test_error: the relative standard error, over the rows of the test set, of the loss of least squares on the pool.
    """

    spectrum: Spectrum
    curves: tuple[Curve, ...]
    floor: float
    start: float
    test_error: float

    def median_error(self) -> float:
        """The median of the relative error over all points of all curves."""
        return float(np.median(np.concatenate([c.relative_errors for c in self.curves])))

    def median_reducible_error(self) -> float:
        """The median of the stricter measure over all points of all curves."""
        return float(np.median(np.concatenate([c.reducible_errors for c in self.curves])))


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Centred rows; features scaled so that the pool's largest eigenvalue is 1."""

    pool: Array
    pool_target: Array
    test: Array
    test_target: Array
    spectrum: Spectrum
    task: Array
    floor: float


def study_learning(features: Array, target: Array, name: str, seed: int = 0, draws: int = DRAWS) -> Study:
    """Predict and train; features (n, p), target (n, outputs). Raises `BadInputError` for fewer than `FEWEST_ROWS` rows."""
    if features.shape[0] < FEWEST_ROWS:
        raise BadInputError(f"{name} has {features.shape[0]} rows; at least {FEWEST_ROWS} are needed for learning curves")
    streams = np.random.default_rng(seed).spawn(draws + 1)
    split = _split_rows(features, target, name, streams[0])
    plan = plan_curves(split.spectrum.eigenvalues.size, split.pool.shape[0])
    curves = []
    with single_thread():  # the matrices are small: threads would cost more than they bring
        for variable, points in plan.items():
            losses = np.array([_train_points(split, points, stream) for stream in streams[1:]])
            error = losses.std(axis=0, ddof=1) / sqrt(draws)
            curves.append(Curve(variable, points, _predict(split, points), losses.mean(axis=0), error, split.floor))
    start = float(np.square(split.test_target).sum(axis=1).mean())
    return Study(split.spectrum, tuple(curves), split.floor, start, _measure_test_error(split))


def _measure_test_error(split: _Split) -> float:
    """How finite the test set is, seen by a predictor that no draw is part of."""
    weights = np.linalg.lstsq(split.pool, split.pool_target, rcond=1e-10)[0]
    squares = np.square(split.test_target - split.test @ weights).sum(axis=1)
    return float(squares.std() / sqrt(squares.size) / squares.mean())


def plan_curves(modes: int, rows: int) -> dict[str, tuple[Point, ...]]:
    """The points of the three curves, from the number of modes and the rows of the pool alone."""
    largest = min(LARGEST_SIZE, rows // 2)
    samples, width = largest // 2, max(largest // 4, 4)
    sizes = sorted({round(x) for x in np.geomspace(8, largest, 10)})
    times = np.geomspace(1.0, 1e4, 13)
    return {
        "time": tuple(Point(float(t), width, samples) for t in times),
        "width": tuple(Point(LATE, n, largest) for n in sizes),
        "samples": tuple(Point(LATE, min(largest, 4 * modes), p) for p in sizes),
    }


def _split_rows(features: Array, target: Array, name: str, stream: np.random.Generator) -> _Split:
    order = stream.permutation(features.shape[0])
    cut = int(POOL_SHARE * order.size)
    pool, test = features[order[:cut]], features[order[cut:]]
    known, asked = target[order[:cut]], target[order[cut:]]
    pool, test = pool - pool.mean(axis=0), test - pool.mean(axis=0)
    known, asked = known - known.mean(axis=0), asked - known.mean(axis=0)
    scale, height = float(np.abs(pool).max()), float(np.abs(known).max())
    if scale == 0.0 or height == 0.0:
        raise BadInputError(f"{name} is constant; features and labels that vary are needed")
    spectrum = measure_features(pool / scale, known, name)
    assert spectrum.power is not None
    # `measure_features` scales features and target by their largest entries, here 1 and `height`.
    entry = float(np.abs(pool / scale).max())
    root = scale * entry * sqrt(spectrum.eigenvalues[0])
    noise = spectrum.noise_floor or 0.0
    power = np.maximum(spectrum.power - noise, 0.0) * height**2
    lam = spectrum.eigenvalues / spectrum.eigenvalues[0]
    return _Split(pool / root, known, test / root, asked, spectrum, power / lam, spectrum.residual * height**2)


def _predict(split: _Split, points: Sequence[Point]) -> Array:
    """Mean-field test losses; points that share their sizes are solved together."""
    from scaling_sym.numerics.dmft import DmftModel, loss_curve

    lam = split.spectrum.eigenvalues / split.spectrum.eigenvalues[0]
    found = np.empty(len(points))
    for sizes in sorted({(p.width, p.samples) for p in points}):
        places = [i for i, p in enumerate(points) if (p.width, p.samples) == sizes]
        model = DmftModel.from_spectrum(lam, split.task, float(sizes[0]), float(sizes[1]), sqrt(split.floor))
        found[places] = loss_curve(model, [points[i].time for i in places], rtol=TOLERANCE).test
    return found


def _train_points(split: _Split, points: Sequence[Point], stream: np.random.Generator) -> list[float]:
    """Test losses of one draw; points of equal sizes are one model at several times."""
    found: dict[tuple[int, int], dict[float, float]] = {}
    for point in points:
        sizes = (point.width, point.samples)
        if sizes not in found:
            times = [p.time for p in points if (p.width, p.samples) == sizes]
            found[sizes] = dict(zip(times, train_model(split, sizes, times, stream), strict=True))
    return [found[p.width, p.samples][p.time] for p in points]


def train_model(split: _Split, sizes: tuple[int, int], times: Sequence[float], stream: np.random.Generator) -> list[float]:
    """Draw features and rows, follow gradient flow exactly, and return the test loss at each time."""
    width, samples = sizes
    mixing = stream.standard_normal((split.pool.shape[1], width)) / sqrt(width)
    rows = stream.choice(split.pool.shape[0], samples, replace=False)
    design = split.pool[rows] @ mixing / sqrt(samples)
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    along = left.T @ (split.pool_target[rows] / sqrt(samples))
    reached = split.test @ (mixing @ right.T)
    square = np.square(singular)
    losses = []
    for time in times:
        # (1 - exp(-s^2 t)) / s, which is s t for small s and never divides by a rounding error.
        gain = np.where(square * time > 1e-12, -np.expm1(-square * time) / np.maximum(singular, 1e-300), singular * time)
        residual = split.test_target - reached @ (gain[:, None] * along)
        losses.append(float(np.square(residual).sum(axis=1).mean()))
    return losses
