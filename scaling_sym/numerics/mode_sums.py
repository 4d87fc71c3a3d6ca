r"""Sums over modes as quadrature rules, at a cost that does not grow with the number of modes.

The mean-field equations need nothing of a spectrum but sums of two kinds,

    sum_k lambda_k g(lambda_k)   (the *capacity* measure)   and   sum_k lambda_k w_k^2 g(lambda_k)   (the *task*
    measure),

for functions g that are analytic off the negative axis, such as 1/(kappa + lambda).  A ``ModeRule`` is a list of
nodes lambda_i with two weights each, which replaces both sums by short ones:

* the *head*: the first ``nodes`` modes, one by one;
* *blocks* k = K, ..., K+m-1 over which lambda falls by at most a factor two: the Gauss rule of the *counting* measure
  (its orthogonal polynomials are those of Gram, with recurrence j^2 (m^2-j^2) / (4 (4 j^2-1))).  It is the sum, not an
  integral: exact for polynomials in k of degree below twice the number of nodes, and no end terms are needed;
* the *tail* k >= K of an infinite spectrum, once lambda_K is below half the smallest |kappa| asked for: the midpoint
  Euler-Maclaurin formula, an integral from K-1/2 plus f'(K-1/2)/24, with the integral by Gauss-Jacobi in
  lambda/lambda_K, whose weight carries the power at which the sum converges (so b close to 1 costs no more than b = 3).

A block's rule converges like rho^(-2 nodes) with rho > 3.2 as long as kappa keeps an angle above 0.7 from the negative
axis; 18 nodes then give double precision.  Nearer to the axis use ``exact_rule``, which keeps all the modes.

Source: Gauss quadrature of a discrete measure, W. Gautschi, *Orthogonal Polynomials* (2004), section 1.4; Golub and
Welsch (1969) for nodes and weights.  Not covered: functions g that oscillate over a factor two of lambda.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError, PrecisionError

Array = NDArray[np.float64]

BLOCK_NODES = 18
TAIL_NODES = 14
TAIL_START = 20_000  # the first dropped end term is then below 1e-17 of the sum
LARGEST_MODE = 1e300


@dataclass(frozen=True, slots=True)
class ModeRule:
    """Nodes and weights: sum_k lambda_k g(lambda_k) = capacity @ g(nodes), the same with w_k^2 for ``task``.

    ``count`` is the number of modes (inf allowed), ``smallest`` the smallest eigenvalue (0 for an infinite spectrum).
    Weights of the tail may be negative at one node (the end term); no node is.
    """

    nodes: Array
    capacity: Array
    task: Array
    count: float
    smallest: float

    @property
    def largest(self) -> float:
        """The largest eigenvalue."""
        return float(self.nodes[0])


def exact_rule(eigenvalues: Array, task_weights: Array) -> ModeRule:
    """Return the rule that keeps every mode; ``task_weights`` are the w_k^2 (not multiplied by lambda_k)."""
    order = np.argsort(-eigenvalues, kind="stable")
    lam = eigenvalues[order]
    return ModeRule(lam, lam, lam * task_weights[order], float(lam.size), float(lam[-1]))


def array_rule(eigenvalues: Array, task_weights: Array, nodes: int = BLOCK_NODES) -> ModeRule:
    """Return a rule for any finite spectrum: every mode if few, Gauss rules of groups of near eigenvalues if many."""
    full = exact_rule(eigenvalues, task_weights)
    group = np.floor(np.log2(full.nodes[0] / full.nodes)).astype(np.int64)
    lam, capacity, task = [], [], []
    for label in np.unique(group):
        part = group == label
        x, cap, tsk = full.nodes[part], full.capacity[part], full.task[part]
        if x.size <= 4 * nodes:
            lam.append(x)
            capacity.append(cap)
            task.append(tsk)
            continue
        for weight, first in ((cap, True), (tsk, False)):
            node, mass = compress_measure(x, weight, nodes)
            lam.append(node)
            capacity.append(mass if first else np.zeros_like(mass))
            task.append(np.zeros_like(mass) if first else mass)
    return ModeRule(np.concatenate(lam), np.concatenate(capacity), np.concatenate(task), full.count, full.smallest)


def compress_measure(points: Array, weights: Array, nodes: int) -> tuple[Array, Array]:
    """Return the Gauss rule with ``nodes`` nodes of a discrete positive measure, by the Lanczos process."""
    mass = float(weights.sum())
    if mass == 0.0:
        return points[:1], np.zeros(1)
    centre, width = 0.5 * (points.max() + points.min()), 0.5 * (points.max() - points.min())
    if width == 0.0:
        return points[:1], np.array([mass])
    x = (points - centre) / width
    basis = [np.sqrt(weights / mass)]
    diagonal, off = [], []
    for step in range(nodes):
        v = x * basis[-1]
        diagonal.append(float(v @ basis[-1]))
        for _ in range(2):  # twice is enough to keep the basis orthogonal to rounding
            for q in basis:
                v = v - (v @ q) * q
        norm = float(np.linalg.norm(v))
        if step == nodes - 1 or norm < 1e-13:
            break
        off.append(norm)
        basis.append(v / norm)
    value, vector = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    return centre + width * value, mass * vector[0] ** 2


def gauss_counting(size: float, nodes: int) -> tuple[Array, Array]:
    """Return Gauss nodes in [0, size-1] and weights for the sum over 0, 1, ..., size-1 (``size`` >= ``nodes``)."""
    j = np.arange(1, nodes, dtype=float)
    off = 0.5 * j * np.sqrt((1.0 - (j / size) ** 2) / (4.0 * j * j - 1.0))  # in units of size
    value, vector = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    return 0.5 * (size - 1.0) + size * value, size * vector[0] ** 2


def power_law_rule(a: float, b: float, modes: float, smallest_kappa: float, nodes: int = BLOCK_NODES) -> ModeRule:
    """Return the rule of lambda_k = k^-b, w_k^2 = k^(b-a), k = 1..modes (inf allowed, then a > 1 and b > 1).

    ``smallest_kappa`` is the smallest |kappa| at which 1/(kappa + lambda) will be summed; it sets where the tail
    starts.
    Raises BadInputError when the sums diverge.
    """
    if np.isinf(modes) and (b <= 1.0 or a <= 1.0):
        raise BadInputError("an infinite spectrum needs a > 1 and b > 1, because sum k^-a and sum k^-b must converge")
    if smallest_kappa == 0.0:
        raise PrecisionError("the smallest kappa leaves the range of double precision; smaller sizes or times are allowed")
    tail = np.inf
    if np.isinf(modes):
        tail = max(TAIL_START, np.ceil((2.0 / smallest_kappa) ** (1.0 / b)))
        if not tail < LARGEST_MODE:
            raise BadInputError(
                "the smallest eigenvalue that matters is below k^-b at k = 1e300; ask for smaller times"
            )
    stop = min(modes, tail - 1)
    points, counts = _blocks(b, stop, nodes)
    lam = points**-b
    capacity, task = counts * lam, counts * points**-a
    if np.isinf(modes):
        pieces = [_tail(tail, b, b, nodes), _tail(tail, a, b, nodes)]
        zero = [np.zeros_like(piece[0]) for piece in pieces]
        lam = np.concatenate([lam, pieces[0][0], pieces[1][0]])
        capacity = np.concatenate([capacity, pieces[0][1], zero[1]])
        task = np.concatenate([task, zero[0], pieces[1][1]])
    return ModeRule(lam, capacity, task, float(modes), 0.0 if np.isinf(modes) else float(modes) ** -b)


def _blocks(b: float, stop: float, nodes: int) -> tuple[Array, Array]:
    """Return points k and counts that replace the sum over k = 1..stop."""
    ratio = 2.0 ** (1.0 / max(1.0, b)) - 1.0
    points: list[Array] = []
    counts: list[Array] = []
    start = 1.0
    while start <= stop:
        size = max(np.floor(start * ratio), 1.0)
        last = start + size > stop
        size = stop - start + 1.0 if last else size
        if size <= nodes:
            points.append(start + np.arange(size))
            counts.append(np.ones(int(size)))
        else:
            node, weight = gauss_counting(size, nodes)
            points.append(start + node)
            counts.append(weight)
        if last:
            break
        start += size
    return np.concatenate(points), np.concatenate(counts)


def _tail(start: float, s: float, b: float, nodes: int) -> tuple[Array, Array]:
    """Return eigenvalue nodes and weights for sum_{k >= start} k^-s g(k^-b): Gauss-Jacobi and the first end term."""
    from scipy.special import roots_sh_jacobi

    edge = start - 0.5
    power = (s - 1.0) / b  # the integral is edge^(1-s)/b int_0^1 x^(power-1) g(edge^-b x) dx
    x, weight = roots_sh_jacobi(max(TAIL_NODES, nodes - 4), power, power)
    mass = edge ** (1.0 - s) / b / power
    lam = edge**-b * x
    weights = mass * weight / weight.sum()
    ends = np.array([start, start - 1.0])  # f'(K - 1/2) is f(K) - f(K-1) to one part in 1e9 here
    end_weights = np.array([1.0, -1.0]) / 24.0 * ends**-s
    return np.concatenate([lam, ends**-b]), np.concatenate([weights, end_weights])


def total_task(rule: ModeRule) -> float:
    """Return sum_k lambda_k w_k^2, the noise-free loss at time zero."""
    return float(rule.task.sum())


def sum_resolvents(rule: ModeRule, kappa: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return D(kappa) = sum_k lambda_k/(kappa + lambda_k) and its derivative, elementwise over ``kappa``."""
    inverse = 1.0 / (kappa[..., None] + rule.nodes)
    total = np.einsum("...k,k->...", inverse, rule.capacity)  # not @: its threads cost more than they bring here
    return total, -np.einsum("...k,...k,k->...", inverse, inverse, rule.capacity)
