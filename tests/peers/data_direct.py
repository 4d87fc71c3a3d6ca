"""Spectra, gradient flow and gradients of a network written out plainly, as references for `scaling_sym.data`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def spectrum_by_svd(features: Array, target: Array) -> tuple[Array, Array]:
    """Eigenvalues s^2/n, and the squared projections of the target on the left singular vectors over n."""
    left, singular, _ = np.linalg.svd(features, full_matrices=False)
    count = features.shape[0]
    return singular**2 / count, np.square(left.T @ target).sum(axis=1) / count


def flow_by_exponential(design: Array, target: Array, time: float) -> Array:
    """Weights of dw/dt = Z^T (y - Z w) / P from w = 0, by the matrix exponential of the flow with its source as a row."""
    from scipy.linalg import expm

    rows, size = design.shape
    outputs = target.shape[1]
    generator = np.zeros((size + outputs, size + outputs))
    generator[:size, :size] = -design.T @ design / rows
    generator[:size, size:] = design.T @ target / rows
    return np.asarray(expm(generator * time)[:size, size:])


def gradient_by_differences(inputs: Array, hidden: Array, outer: Array, step: float = 1e-6) -> list[Array]:
    """Central differences of f(x) = m^-1/2 sum_j a_j max(w_j . x, 0) in every w_j and a_j; one array a parameter."""

    def network(weights: Array, ends: Array) -> Array:
        return np.asarray(np.maximum(inputs @ weights, 0.0) @ ends / np.sqrt(ends.size))

    found = []
    for j in range(outer.size):
        for i in range(hidden.shape[0]):
            shift = np.zeros_like(hidden)
            shift[i, j] = step
            found.append((network(hidden + shift, outer) - network(hidden - shift, outer)) / (2.0 * step))
        nudge = np.zeros_like(outer)
        nudge[j] = step
        found.append((network(hidden, outer + nudge) - network(hidden, outer - nudge)) / (2.0 * step))
    return found


def random_task(a: float, b: float, shape: Sequence[int], noise: float, seed: int) -> tuple[Array, Array]:
    """Gaussian features with lambda_k = k^-b, rotated at random, and labels with lambda_k w_k^2 = k^-a plus noise."""
    stream = np.random.default_rng(seed)
    samples, modes = shape
    k = np.arange(1.0, modes + 1.0)
    psi = stream.standard_normal((samples, modes)) * k ** (-b / 2)
    labels = psi @ k ** ((b - a) / 2) + noise * stream.standard_normal(samples)
    rotation = np.linalg.qr(stream.standard_normal((modes, modes)))[0]
    return psi @ rotation, labels
