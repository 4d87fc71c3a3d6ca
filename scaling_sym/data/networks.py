r"""The neural tangent kernel of a network with one hidden layer: of infinite width in closed form, of a small one as features.

Network of width m on inputs x in R^d: f(x) = m^(-1/2) sum_j a_j max(w_j . x, 0), a_j and w_j standard Gaussian at the start.
The tangent kernel is the inner product of gradients with respect to all a_j and w_j (Jacot, Gabriel, Hongler 2018).
As m -> inf it becomes, with u the cosine of the angle between x and y (Cho, Saul 2009),

    Theta(x, y) = |x||y| [sqrt(1-u^2) + u (pi - arccos u)] / (2 pi) + x.y (pi - arccos u) / (2 pi).

The gradient itself, m(d+1) numbers a sample, is a feature vector whose Gram matrix is the kernel of the finite network; it
tends to Theta like m^(-1/2).

Not covered: biases (append a constant to the input), more layers, other nonlinearities.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError

Array = NDArray[np.float64]


def tangent_kernel(inputs: Array, others: Array | None = None) -> Array:
    """Theta between the rows of `inputs` (n, d) and of `others` (m, d; the same rows if None), shape (n, m)."""
    others = inputs if others is None else others
    product = inputs @ others.T
    norms = np.outer(np.linalg.norm(inputs, axis=1), np.linalg.norm(others, axis=1))
    cosine = np.clip(np.divide(product, norms, out=np.zeros_like(product), where=norms > 0.0), -1.0, 1.0)
    angle = np.pi - np.arccos(cosine)
    kernel = (norms * (np.sqrt(1.0 - cosine**2) + cosine * angle) + product * angle) / (2.0 * np.pi)
    return np.asarray((kernel + kernel.T) / 2.0 if others is inputs else kernel)


def tangent_features(inputs: Array, width: int, seed: int) -> Array:
    """Gradients of a network of `width` hidden units drawn from `seed`, shape (n, width (d + 1))."""
    if width < 1:
        raise BadInputError(f"a network of width {width} is not allowed; at least 1 hidden unit is needed")
    stream = np.random.default_rng(seed)
    count, size = inputs.shape
    hidden = inputs @ stream.standard_normal((size, width))
    outer = stream.standard_normal(width)
    found = np.empty((count, width, size + 1))
    found[:, :, size] = np.maximum(hidden, 0.0)
    found[:, :, :size] = ((hidden > 0.0) * outer)[:, :, None] * inputs[:, None, :]
    return np.asarray(found.reshape(count, -1) / np.sqrt(width))
