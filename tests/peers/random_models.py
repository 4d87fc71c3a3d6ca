"""Slow, literal references for the random models: dense matrices, loops over steps, an integrator.

They share no code with `scaling_sym.numerics.simulate`; each follows the lines of `mathematics.md` word by word.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def volterra_risk(
    weights: Array, alpha: float, beta: float, p: Callable[[Array], Array], kernel_size: float, last: int
) -> Array:
    """The Volterra equation given W (v, d), by the dense v by v matrix and the explicit convolution; steps 0 to last.

    p: the function of the eigenvalue; kernel_size: the factor before `int u^2 p^r`, gamma^2 B in the paper.
    """
    v = weights.shape[0]
    j = np.arange(1, v + 1)
    root = np.diag(j**-alpha)
    values, vectors = np.linalg.eigh(root @ weights @ weights.T @ root)
    values = np.clip(values, 0.0, None)
    on_target = (vectors.T @ (root @ (j**-beta))) ** 2
    forcing = np.array([np.sum(on_target * p(values) ** r) for r in range(last + 1)])
    kernel = np.array([kernel_size * np.sum(values**2 * p(values) ** r) for r in range(last + 1)])
    risk = np.zeros(last + 1)
    for r in range(last + 1):
        risk[r] = forcing[r] + sum(kernel[r - 1 - s] * risk[s] for s in range(r))
    return risk


def descend_by_samples(
    weights: Array,
    alpha: float,
    beta: float,
    gamma: float,
    batch: int,
    last: int,
    runs: int,
    seed: int,
) -> Array:
    """One-pass descent sample by sample, x drawn in all v dimensions; risk of shape (runs, last + 1)."""
    generator = np.random.default_rng(seed)
    v, d = weights.shape
    j = np.arange(1, v + 1)
    spectrum, target = j ** (-2.0 * alpha), j**-beta
    theta = np.zeros((runs, d))
    risk = np.zeros((runs, last + 1))
    for r in range(last + 1):
        risk[:, r] = ((theta @ weights.T - target) ** 2) @ spectrum
        gradient = np.zeros_like(theta)
        for _ in range(batch):
            x = j**-alpha * generator.standard_normal((runs, v))
            seen = x @ weights
            gradient += seen * (np.sum(seen * theta, axis=1) - x @ target)[:, None]
        theta = theta - gamma * gradient
    return risk


def integrate_flow(features: Array, data: Array, teacher: Array, noise: Array, times: Array) -> Array:
    """Residuals v(t) of gradient flow, shape (times, M), by an adaptive integrator of the equation for v itself.

    features: A (N, M); data: Psi (P, M); noise: the label noise (P,), its size included.
    """
    from scipy.integrate import solve_ivp

    left = features.T @ features / features.shape[0]
    count = data.shape[0]

    def slope(_: float, v: Array) -> Array:
        return -left @ (data.T @ (data @ v + noise)) / count

    solved = solve_ivp(slope, (0.0, times[-1]), teacher, method="DOP853", t_eval=times, rtol=1e-11, atol=1e-13)
    return np.asarray(solved.y.T)


def descend_by_steps(features: Array, data: Array, labels: Array, eta: float, momentum: float, steps: int) -> Array:
    """Weights after `steps` full-batch steps with momentum, one by one; shape (N,)."""
    width, count = features.shape[0], data.shape[0]
    design = data @ features.T / np.sqrt(width)
    now, before = np.zeros(width), np.zeros(width)
    for _ in range(steps):
        gradient = design.T @ (design @ now - labels) / count
        now, before = now - eta * gradient + momentum * (now - before), now
    return now
