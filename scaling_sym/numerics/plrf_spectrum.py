r"""Numbers that belong to the spectrum of the PLRF model: its atom, its top edge, and the kernel's norm on it.

In the letters of `resolvent`: the atom of mu_F at 0 has mass w_0 A(w_0) with N(w_0) = d.  Real w below -1 are mapped by
-u = |w| + (1/d) sum_j lambda_j |w| / (|w| - lambda_j) to real points above the spectrum; the least of them is its top.
The norm sum_r K(r) = gamma/2 [ S_K at z = 0 less S_K at z = 2/(gamma (B+1)) ] is the discrete transform at zeta = 1;
as S_K(u) = Tr D - u N(w), it needs N alone, at a w that is found from the map above without solving for a double root.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from scaling_sym.numerics.plrf_transforms import Point, SpectralSums
from scaling_sym.numerics.power_sums import RealArray


def atom(at: Point, sums: SpectralSums) -> RealArray:
    """F_0, the limit of the forcing function, at each entry of `at`."""
    safe = np.where(at.floor > 0, at.floor, 1.0)
    task = sums.all.at(safe + 0j, at.v).values[1].real
    return np.where(at.floor > 0, safe * task, 0.0)


@dataclass(frozen=True, slots=True)
class Edge:
    """The upper end of the spectrum of the deterministic equivalent, and the scale |w| > 1 that belongs to it."""

    top: float
    scale: float


def top_edge(at: Point, sums: SpectralSums) -> Edge:
    """The top edge for the first entry of `at`, where sum_j (|w| j^{2 alpha} - 1)^{-2} = d.

    By the secant method in log(|w| - 1), in which the logarithm of that sum is nearly linear.
    """
    d = float(at.d[0])
    x = np.array([-np.log(d) / 2, -np.log(d) / 2 + 0.5]).clip(-30)
    y = np.log(_evaluate(at, sums, 1 + np.exp(x))[1] / d)
    for _ in range(40):
        step = float(-y[1] * (x[1] - x[0]) / (y[1] - y[0])) if y[1] != y[0] else 0.0
        x = np.array([x[1], min(max(x[1] + step, -30.0), 700.0)])
        if abs(x[1] - x[0]) < 1e-9:  # the edge is a minimum: its place need not be known to more
            break
        y = np.array([y[1], float(np.log(_evaluate(at, sums, 1 + np.exp(x[1:]))[1][0] / d))])
    scale = float(1 + np.exp(x[1]))
    return Edge(float(_evaluate(at, sums, np.array([scale]))[2][0]), scale)


def _evaluate(at: Point, sums: SpectralSums, x: RealArray) -> tuple[RealArray, RealArray, RealArray]:
    """At |w| = x > 1: n = -N(w) = sum_j 1/(x j^{2 alpha} - 1), the sum of its squared terms, and the image x (1 + n/d)."""
    found = sums.degrees.at(-x + 0j, np.full(x.shape, at.v[0]))
    n, slope = found.values[0].real, found.slopes[0].real
    return -n, n + slope, x * (1 - n / at.d[0])


def actual_kernel_norm(at: Point, sums: SpectralSums, edge: Edge) -> float:
    """||K|| of the discrete recursion, with the spectrum of the deterministic equivalent, for the first entry.

    The norm is infinite where gamma (B+1) top >= 2.  It is |N(w)|/(B+1) at the w whose image is 2/(gamma (B+1)): images
    grow with |w| from the edge on, and are convex, so that Newton's method comes down to it without passing it.
    """
    target = 2 / (float(at.gamma[0]) * (at.B + 1))
    if not target > edge.top:
        return inf
    x = np.array([max(target, edge.scale)])
    for _ in range(60):
        n, squares, image = _evaluate(at, sums, x)
        step = (image - target) / (1 - squares / at.d[0])
        if not (step[0] > 1e-15 * x[0] and x[0] - step[0] > edge.scale):
            break
        x = x - step
    return float(n[0]) / (at.B + 1)
