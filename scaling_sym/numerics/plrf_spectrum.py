r"""Numbers that belong to the spectrum of the PLRF model: its atom, its top edge, and the kernel's norm on it.

In the letters of `resolvent`: the atom of mu_F at 0 has mass w_0 A(w_0) with N(w_0) = d.  Real w below -1 are mapped by
-u = |w| + (1/d) sum_j lambda_j |w| / (|w| - lambda_j) to real points above the spectrum; the least of them is its top.
The norm sum_r K(r) = gamma/2 [ S_K at z = 0 less S_K at z = 2/(gamma (B+1)) ] is the discrete transform at zeta = 1;
as S_K(u) = Tr D - u N(w), it needs N alone, at a w that is found from the map above without solving for a double root.
"""

from __future__ import annotations

from math import inf

import numpy as np

from scaling_sym.numerics.plrf_transforms import Point, SpectralSums
from scaling_sym.numerics.power_sums import RealArray


def atom(at: Point, sums: SpectralSums) -> RealArray:
    """F_0, the limit of the forcing function, at each entry of `at`."""
    safe = np.where(at.floor > 0, at.floor, 1.0)
    task = sums.all.at(safe + 0j, at.v).values[1].real
    return np.where(at.floor > 0, safe * task, 0.0)


def top_edge(at: Point, sums: SpectralSums) -> float:
    """The upper end of the spectrum of the deterministic equivalent, for the first entry of `at`."""
    return float(_image(at, sums, np.array([_edge(at, sums)]))[0])


def _edge(at: Point, sums: SpectralSums) -> float:
    """log(|w| - 1) at the top edge."""
    low, high = -30.0, 10.0
    for _ in range(12):
        x = np.linspace(low, high, 17)
        k = int(np.argmin(_image(at, sums, x)))
        low, high = float(x[max(k - 1, 0)]), float(x[min(k + 1, 16)])
    return (low + high) / 2


def _image(at: Point, sums: SpectralSums, x: RealArray) -> RealArray:
    """The real point above the spectrum whose scale is w = -(1 + e^x); |w| N(w) = -sum lambda |w| / (|w| - lambda)."""
    w = 1 + np.exp(x)
    n = sums.degrees.at(-w + 0j, np.full(w.shape, at.v[0])).values[0].real
    return np.asarray(w * (1 - n / at.d[0]))


def actual_kernel_norm(at: Point, sums: SpectralSums, top: float) -> float:
    """||K|| of the discrete recursion, with the spectrum of the deterministic equivalent, for the first entry.

    `top` is the spectrum's upper end; the norm is infinite where gamma (B+1) top >= 2.  It is |N(w)|/(B+1) at the w whose
    image is 2/(gamma (B+1)): images grow with |w| from the edge on.
    """
    target = 2 / (float(at.gamma[0]) * (at.B + 1))
    if not target > top:
        return inf
    low, high = _edge(at, sums), float(np.log(max(target, 2.0)))
    for _ in range(14):
        x = np.linspace(low, high, 17)
        k = int((_image(at, sums, x) < target).sum())
        low, high = float(x[max(k - 1, 0)]), float(x[min(k, 16)])
    w = np.array([-1 - np.exp(low) + 0j])
    return float(-sums.degrees.at(w, at.v[:1]).values[0].real[0]) / (at.B + 1)
