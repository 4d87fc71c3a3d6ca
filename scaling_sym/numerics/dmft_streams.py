r"""Networks on one stream of fresh batches: what they share of the noise, without a grid in time.

Two networks with features of their own see the same batches (``dmft_online``; P = inf, one step a batch of B samples).  A
source of step s acts on the correlation of the two at equal times only, C(n) = sum lambda_k <v_k(n) v'_k(n)>, so that

    C(n) = b(n) + sum_{s<n} k(n-s) (C(s) + sigma^2),
    b(n) = sum_k lambda_k w_k^2 h_k(n)^2,      k(m) = (1/B) sum_k lambda_k^2 g_k(m)^2,

with the mean response of mode k to its start (h) and to the source u_2 of one step (g).  In the generating variable,

    h_k^ = ((z - beta)/eta) (kappa/D) / (kappa + lambda_k),   g_k^ = 1/(kappa + lambda_k),   D = (z-1)(z-beta)/(eta z),

kappa = D/R_3, and the shared part of the noise is C - b.

Products at equal times.  On one contour w = log zeta, good for all lags m from m_0 to n,

    g_k(m)^2 = sum_ij a_i a_j e^{m (w_i + w_j)} g_k^(w_i) g_k^(w_j),

hence sum_k is one matrix product, s_ij, and the transform of the lags m >= m_0 a geometric series,

    sum_{m >= m_0} k(m) z^-m = z^-m_0 sum_ij a_i a_j e^{m_0 (w_i + w_j)} s_ij / (B (1 - e^{w_i + w_j - log z})).

The first m_0 lags, in which alternating and oscillating modes die out, are read off a circle, all at once.  Up to 2 m_0 steps
the Volterra sum is carried out; later times are inverse transforms, at a cost that grows with log n only.

The inner contour has a larger angle and a lower crossing than the outer one, so that all products e^{w_i + w_j} lie inside the
latter.  Error: two pairs of contours, and rounding.

Source: bordelon2024 (one-pass SGD, ensembles) in mean-field theory; exact means for complex Gaussian features and data up to
second order in 1/N.  Not covered: real Gaussian data, for which the noise along the error couples the two networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, PrecisionError
from scaling_sym.numerics.dmft import DmftModel
from scaling_sym.numerics.dmft_contours import Clock, ContourShape, hyperbola
from scaling_sym.numerics.dmft_online import ARC_NODES, EPSILON, OnlineSgd, choose_rule
from scaling_sym.numerics.dmft_responses import Edges, anchor_kappa, follow_path
from scaling_sym.numerics.mode_sums import ModeRule

Array = NDArray[np.float64]
Complex = NDArray[Any]  # complex128
FEWEST_LAGS = 24
MOST_LAGS = 3000
DECADES = 37.0
OUTER = (ContourShape(0.70, 1.5, 34.5), ContourShape(0.66, 1.2, 34.5))
INNER = ((1.15, 0.30, 0.075), (1.12, 0.25, 0.08))  # angle, crossing height, step


def shared_noise(model: DmftModel, sgd: OnlineSgd, steps: Array, edges: Edges) -> tuple[Array, Array]:
    """Return C - b at the rising ``steps``, and its absolute error.

    Raises BadInputError where the momentum is so close to 1 that too many lags oscillate.
    """
    head = _Head(model, sgd, edges, float(steps.max()))
    known = head.solve(model.noise)
    shared = np.array([known[int(n)] if n < known.size else np.nan for n in steps])
    error = 8.0 * EPSILON * head.growth * np.maximum(shared, 0.0)
    for i in np.flatnonzero(steps >= known.size):
        first, second = (
            _invert(model, sgd, edges, head, float(steps[i]), outer, inner) for outer, inner in zip(OUTER, INNER, strict=True)
        )
        shared[i], error[i] = first[0], abs(first[0] - second[0]) + first[1]
    return shared, error


def count_lags(sgd: OnlineSgd, largest: float) -> int:
    """Return the lag after which no alternating or oscillating mode is left in double precision."""
    slowest = max(np.sqrt(sgd.momentum), Clock("steps", sgd.learning_rate, sgd.momentum).alternation(largest))
    count = FEWEST_LAGS if slowest == 0.0 else max(FEWEST_LAGS, int(np.ceil(DECADES / -np.log(slowest))))
    if count > MOST_LAGS:
        raise BadInputError(
            "the modes swing for too many steps to tell what networks on one stream share; less momentum, or a smaller learning "
            "rate, is allowed"
        )
    return count


@dataclass(frozen=True, slots=True)
class _Curves:
    """kappa and the factor of 1/(kappa + lambda_k) in h_k^ at the points zeta of a contour."""

    kappa: Complex
    start: Complex


def _respond(rule: ModeRule, model: DmftModel, sgd: OnlineSgd, edges: Edges, gap: Complex, crossing: float) -> _Curves:
    """Return the responses at zeta = 1 + gap, a path that starts next to the real 1 + crossing."""
    eta, beta, inverse = sgd.learning_rate, sgd.momentum, 1.0 / model.N

    def operator(x: Any) -> Any:
        """The operator of a step, at z = 1 + x."""
        return x * (1.0 + x - beta) / (eta * (1.0 + x))

    anchor = anchor_kappa(rule, inverse, 0.0, edges, np.array([operator(crossing)]))
    p = operator(gap)
    kappa = follow_path(rule, inverse, 0.0, p[None], anchor)[0]
    return _Curves(kappa, (1.0 + gap - beta) / eta * kappa / p)


class _Head:
    """b(m) and k(m) for the first lags, by a circle."""

    def __init__(self, model: DmftModel, sgd: OnlineSgd, edges: Edges, last: float) -> None:
        self.lags = count_lags(sgd, edges.largest)
        size = int(min(2.0 * self.lags, last + 1.0))
        rule = choose_rule(model, float(size), sgd)
        self.growth = np.exp(2.0)
        # aliases of a lag m lie at m + 2 count, where they are smaller by e^-DECADES
        count = int(np.ceil(0.5 * size * (1.0 + DECADES / 2.0)))
        log = 2.0 / size + 1j * np.pi * (np.arange(count) + 0.5) / count
        found = _respond(rule, model, sgd, edges, np.expm1(log), float(np.expm1(2.0 / size)))
        self.start, self.kernel = np.zeros(size), np.zeros(size)
        block = max(1, 1_000_000 // count)
        lag = np.arange(size)
        turn = np.exp((2.0 / size + 0.5j * np.pi / count) * lag) / count  # the half node of the midpoint rule
        for first in range(0, rule.nodes.size, block):
            k = slice(first, first + block)
            response = 1.0 / (found.kappa[:, None] + rule.nodes[k])
            for factor, weight, target in (
                (found.start[:, None], rule.task[k], self.start),
                (1.0, rule.capacity[k] * rule.nodes[k] / sgd.batch, self.kernel),
            ):
                values = np.fft.ifft(factor * response, 2 * count, axis=0)[:size] * (2 * count)
                target += (values * turn[:, None]).real ** 2 @ weight
        self.kernel[0] = 0.0

    def solve(self, noise: float) -> Array:
        """Return C - b for all of the first steps, by the Volterra sum: all its terms are positive."""
        shared = np.zeros(self.start.size)
        source = self.start + noise
        for n in range(1, shared.size):
            shared[n] = self.kernel[n:0:-1] @ (source[:n] + shared[:n])
        return shared


def _invert(
    model: DmftModel, sgd: OnlineSgd, edges: Edges, head: _Head, n: float, outer: ContourShape, inner: Sequence[float]
) -> tuple[float, float]:
    """Return C - b at a late step, and the size of its rounding errors."""
    s, ds = hyperbola(outer)
    z, weight = s / n, ds / n * np.exp(s)  # log z
    if head.lags > FEWEST_LAGS:  # on to the negative axis, with no weight, as in dmft_online
        arc = z[-1].real + 1j * np.geomspace(z[-1].imag, 0.999 * np.pi, ARC_NODES)
        z, weight = np.concatenate([z, arc]), np.concatenate([weight, np.zeros(ARC_NODES)])
    start, kernel = _transform(model, sgd, edges, head, n, inner, z)
    if head.lags > FEWEST_LAGS and not abs(np.unwrap(np.angle(1.0 - kernel))[-1]) < 0.5:
        raise PrecisionError("the batch noise that is shared resonates with swinging modes; a smaller learning rate is allowed")
    value = kernel * (start + model.noise / -np.expm1(-z)) / (1.0 - kernel)
    return float(2.0 * (weight * value).sum().real), float(40.0 * EPSILON * np.abs(weight * value).sum())


def _transform(
    model: DmftModel, sgd: OnlineSgd, edges: Edges, head: _Head, n: float, inner: Sequence[float], z: Complex
) -> tuple[Complex, Complex]:
    """Return the generating functions of b and k at the logarithms ``z``."""
    angle, growth, step = inner
    rule, lags = choose_rule(model, n, sgd), head.lags
    mu = growth / (1.0 - np.sin(angle))
    reach = np.arccosh((1.0 + DECADES * n / lags / mu) / np.sin(angle))
    u = (np.arange(int(np.ceil(reach / step))) + 0.5) * step
    w = mu * (1.0 - np.sin(angle - 1j * u)) / n
    factor = step * mu * np.cos(angle - 1j * u) / (2.0 * np.pi * n) * np.exp(lags * w)
    found = _respond(rule, model, sgd, edges, np.expm1(w), float(np.expm1(growth / n)))
    w, kappa, start = (np.concatenate([x, np.conj(x)]) for x in (w, found.kappa, factor * found.start))
    kick = np.concatenate([factor, np.conj(factor)])
    response = 1.0 / (kappa[:, None] + rule.nodes)
    first = start[:, None] * start * ((response * rule.task) @ response.T)
    second = kick[:, None] * kick * ((response * (rule.capacity * rule.nodes / sgd.batch)) @ response.T)
    total = w[:, None] + w
    lag = np.arange(lags)
    found_both: Complex = np.empty((2, z.size), dtype=complex)
    for i, point in enumerate(z):
        series = np.exp(-lags * point) / -np.expm1(total - point)
        early = np.exp(-lag * point)
        for j, (late, head_values) in enumerate(((first, head.start), (second, head.kernel))):
            found_both[j, i] = (late * series).sum() + head_values[:lags] @ early
    return found_both[0], found_both[1]
