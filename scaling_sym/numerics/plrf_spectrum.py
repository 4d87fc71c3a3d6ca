r"""Numbers that belong to the spectrum of the PLRF model: its atom, its top edge, and the kernel's norm on it.

In the letters of `resolvent`: the atom of mu_F at 0 has mass w_0 A(w_0) with N(w_0) = d.  Real w below -1 are mapped by
-u = |w| + (1/d) sum_j lambda_j |w| / (|w| - lambda_j) to real points above the spectrum; the least of them is its top.
The norm sum_r K(r) = gamma/2 [ S_K at z = 0 less S_K at z = 2/(gamma (B+1)) ] is the discrete transform at zeta = 1.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from scaling_sym.numerics.plrf_transforms import Point, SpectralSums, evaluate_spectral
from scaling_sym.numerics.power_sums import RealArray


def atom(at: Point, sums: SpectralSums) -> RealArray:
    """F_0, the limit of the forcing function, at each entry of `at`."""
    safe = np.where(at.floor > 0, at.floor, 1.0)
    task = sums.all.at(safe + 0j, at.v).values[1].real
    return np.where(at.floor > 0, safe * task, 0.0)


def top_edge(at: Point, sums: SpectralSums) -> float:
    """The upper end of the spectrum of the deterministic equivalent, for the first entry of `at`."""

    def image(x: RealArray) -> RealArray:
        # x = log(|w| - 1); |w| N(-|w|) = -sum lambda |w| / (|w| - lambda).
        w = 1 + np.exp(x)
        n = sums.degrees.at(-w + 0j, np.full(w.shape, at.v[0])).values[0].real
        return np.asarray(w * (1 - n / at.d[0]))

    low, high = -30.0, 10.0
    for _ in range(12):
        x = np.linspace(low, high, 17)
        k = int(np.argmin(image(x)))
        low, high = float(x[max(k - 1, 0)]), float(x[min(k + 1, 16)])
    return float(image(np.array([(low + high) / 2]))[0])


def actual_kernel_norm(at: Point, sums: SpectralSums, top: float) -> float:
    """||K|| of the discrete recursion, with the spectrum of the deterministic equivalent, for the first entry.

    `top` is the spectrum's upper end; the norm is infinite where gamma (B+1) top >= 2.
    """
    first = at.take(np.zeros(1, dtype=np.intp))
    z = 2 / (first.gamma * (at.B + 1))
    if not z[0] > top:
        return inf
    above = evaluate_spectral(np.asarray(-z, dtype=np.complex128), first, sums).kernel.real
    return float((first.gamma / 2 * (first.trace - above))[0])


def actual_stability_limit(at: Point, sums: SpectralSums, top: float) -> float:
    """The gamma at which `actual_kernel_norm` reaches 1, by bisection below the gamma of `at`, to six digits."""
    first = at.take(np.zeros(1, dtype=np.intp))
    low, high = 0.0, float(first.gamma[0])
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        stable = actual_kernel_norm(replace(first, gamma=np.array([middle])), sums, top) < 1
        low, high = (middle, high) if stable else (low, middle)
    return low
