r"""Eigenvalues and task power of features, of a kernel matrix, or of a spectrum.

Vocabulary. n *samples*, p features. The *kernel* is K = X X^T / n for features X (n by p), or K = (the matrix given) / n;
its non-zero eigenvalues lambda_1 >= lambda_2 >= ... are those of the uncentred covariance X^T X / n, with eigenvectors u_k
(unit length). The *task power* of a target y (n by outputs) is

    p_k = sum over outputs of (u_k . y)^2 / n  =  lambda_k w_k^2,

the mean square of the part of the target along mode k. *Centring* subtracts means over the samples: of features and target,
or of the kernel on both sides. A *spectrum* given as such has w_k as its labels.

Algorithm. The smaller of the two Gram matrices, X^T X or X X^T, and its symmetric eigenproblem; entries are scaled by the
largest first, so that no square leaves the range of doubles. Eigenvalues below the rounding of the input's own precision
are not positive and are dropped; more than that below zero, a matrix is no kernel.

*Means.* Where the features' means are not zero, one eigenvalue belongs to the means and to no power law, and the others are
those of the covariance with one direction bent away: `mean_share` says how large it is.

Classes: labels that are whole numbers with few different values stand for classes and become one column a class, 1 for
its members and 0 for others, less its mean: what a number that stands for no class is called has no meaning.

Not covered: sparse input; kernels that do not fit into memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError

Array = NDArray[np.float64]

MOST_CLASSES: Final = 100
ROUNDING: Final = 2.3e-16


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Positive eigenvalues, falling, shape (rank,), and the task power along them (None without labels).

    samples: n of the page above, None for a spectrum given as such. noise_floor: what noise of the labels adds to every
    entry of the power, None where it cannot be had from a residual. residual: the mean square of the target outside all
    modes (unbiased where n > rank). name: for messages.
    """

    name: str
    eigenvalues: Array
    power: Array | None = None
    samples: int | None = None
    noise_floor: float | None = 0.0
    residual: float = 0.0


def measure_features(
    features: Array, target: Array | None, name: str, center: bool = False, precision: float = ROUNDING
) -> Spectrum:
    """The spectrum of features (n, p) and target (n, outputs); raises `BadInputError` for constant input."""
    if features.size and np.ptp(features) == 0.0:
        raise BadInputError(f"{name} is constant: every entry is {features.flat[0]:g}, and features that vary are needed")
    count = features.shape[0]
    x = features / np.abs(features).max()
    if center:
        x = x - x.mean(axis=0)
        target = None if target is None else target - target.mean(axis=0)
    wide = x.shape[1] > count
    gram = (x @ x.T if wide else x.T @ x) / count
    values, vectors = _diagonalise(gram, precision, name)
    if target is None:
        return Spectrum(name, values, None, count)
    y = _scale_target(target)
    along = vectors.T @ y / np.sqrt(count) if wide else (vectors.T @ (x.T @ y / count)) / np.sqrt(values)[:, None]
    return _attach_power(name, values, along, y, count - int(center))


def mean_share(values: Array, kernel: bool = False) -> float:
    """The share of the means over the samples in the mean square of features, or in the trace of a kernel; about 1/n for none."""
    if kernel:
        return float(values.mean() / np.diagonal(values).mean())
    x = values / np.abs(values).max()
    return float(np.square(x.mean(axis=0)).sum() / np.square(x).sum() * x.shape[0])


def measure_kernel(
    kernel: Array, target: Array | None, name: str, center: bool = False, precision: float = ROUNDING
) -> Spectrum:
    """The spectrum of a kernel matrix (n, n); raises `BadInputError` if it is not square, symmetric, and positive."""
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1]:
        raise BadInputError(f"{name} is no kernel matrix: its shape is {kernel.shape}, and a square one is needed")
    largest = float(np.abs(kernel).max())
    if np.ptp(kernel) == 0.0:
        raise BadInputError(f"{name} is constant: every entry is {kernel.flat[0]:g}, and a kernel that varies is needed")
    count = kernel.shape[0]
    k = kernel / largest
    asymmetry = float(np.abs(k - k.T).max())
    if asymmetry > max(1e-8, 100.0 * precision):
        raise BadInputError(
            f"{name} is not symmetric: entries differ from their mirror images by up to {asymmetry:.1e} of the largest, "
            "and a kernel matrix is symmetric"
        )
    if center:
        k = k - k.mean(axis=0)
        k = k - k.mean(axis=1)[:, None]
        target = None if target is None else target - target.mean(axis=0)
    values, vectors = _diagonalise((k + k.T) / (2.0 * count), precision, name)
    if target is None:
        return Spectrum(name, values, None, count)
    y = _scale_target(target)
    return _attach_power(name, values, vectors.T @ y / np.sqrt(count), y, count - int(center))


def measure_spectrum(eigenvalues: Array, coefficients: Array | None, name: str) -> Spectrum:
    """A spectrum given as such; `coefficients` (modes, outputs) are w_k. Raises `BadInputError` for negative values."""
    largest = float(np.abs(eigenvalues).max())
    if float(eigenvalues.min()) < -1e-10 * largest:
        raise BadInputError(f"{name} has a negative eigenvalue, {eigenvalues.min():.3g}; a spectrum has none")
    if largest == 0.0:
        raise BadInputError(f"{name} is constant: every eigenvalue is 0, and a decaying spectrum is needed")
    if coefficients is not None and not coefficients.any():
        raise BadInputError(f"the labels of {name} are constant: every one is 0, and coefficients of a target are needed")
    scaled = eigenvalues / largest
    order = np.argsort(-scaled, kind="stable")
    order = order[scaled[order] > 1e-300]
    values = scaled[order]
    if coefficients is None:
        return Spectrum(name, values)
    return Spectrum(name, values, values * np.square(_scale_target(coefficients)[order]).sum(axis=1))


def encode_target(labels: Array, name: str) -> tuple[Array, int]:
    """Labels (n,) or (n, outputs) as a target (n, outputs), and the number of classes (0: a number, not a class)."""
    if np.ptp(labels) == 0.0:
        raise BadInputError(f"{name} is constant: every label is {labels.flat[0]:g}, and labels that vary are needed")
    if labels.ndim == 2 and labels.shape[1] > 1:
        return labels, 0
    flat = labels.reshape(-1)
    if not np.array_equal(flat, np.round(flat)):
        return flat[:, None], 0
    classes, which = np.unique(flat, return_inverse=True)
    if classes.size > min(MOST_CLASSES, flat.size // 5):
        return flat[:, None], 0
    columns = np.eye(classes.size)[which]
    return columns - columns.mean(axis=0), int(classes.size)


def _scale_target(target: Array) -> Array:
    return np.asarray(target / np.abs(target).max())


def _diagonalise(gram: Array, precision: float, name: str) -> tuple[Array, Array]:
    """Positive eigenvalues, falling, with their eigenvectors as columns."""
    from scipy.linalg import eigh

    values, vectors = eigh(gram, overwrite_a=True, check_finite=False)
    largest = float(values[-1])
    rounding = max(precision, ROUNDING) * gram.shape[0] * largest
    if values[0] < -max(rounding, 1e-8 * largest):
        raise BadInputError(
            f"{name} is no kernel matrix: it has a negative eigenvalue, {values[0] / largest:.1e} times the largest, and a "
            "kernel has none"
        )
    kept = int(np.count_nonzero(values > rounding))
    return np.ascontiguousarray(values[::-1][:kept]), np.ascontiguousarray(vectors[:, ::-1][:, :kept])


def _attach_power(name: str, values: Array, along: Array, target: Array, freedom: int) -> Spectrum:
    """The task power, and what least squares on all modes leaves of the target."""
    power = np.square(along).sum(axis=1)
    left = max(float(np.square(target).sum()) / target.shape[0] - float(power.sum()), 0.0)
    free = freedom - values.size
    # With few degrees of freedom the residual says little of the noise: the fit has to find the floor.
    if free < 0.1 * freedom:
        return Spectrum(name, values, power, target.shape[0], None, left)
    noise = left * freedom / free
    return Spectrum(name, values, power, target.shape[0], noise / freedom, noise)
