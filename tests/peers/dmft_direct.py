"""Independent references for the mean-field model, plain and slow; they share no code with the library.

``invert_twice``: the printed 2 x 2 system at each (p, p'), solved as printed with sums over all modes, and mpmath's
two-variable fixed Talbot inversion.  ``step_correlations``: the equations in the time domain on a T x T grid.
``simulate_flow``: dense random matrices and their exact exponentials.
"""

from __future__ import annotations

from collections.abc import Sequence

import mpmath as mp
import numpy as np
from numpy.typing import NDArray


def solve_responses(lam: Sequence[mp.mpf], inverse_n: mp.mpf, inverse_p: mp.mpf, p: mp.mpc) -> tuple[mp.mpc, mp.mpc]:
    """Return (R1, R3) by damped fixed-point iteration from large |p|, then Newton on the product r = R1 R3."""

    def product(r: mp.mpc, at: mp.mpc) -> mp.mpc:
        s = mp.fsum(x * r / (at + x * r) for x in lam)
        return (1 - inverse_p * s) * (1 - inverse_n * s)

    r = mp.mpc(1)
    size = mp.mpf(60) * (1 + sum(lam) * (inverse_n + inverse_p))
    start = abs(p)
    scale = max(size / start, mp.mpf(1))
    while True:
        at = p * scale
        for _ in range(60):
            g = product(r, at) - r
            h = mp.mpf(10) ** (-mp.mp.dps // 3) * r
            slope = (product(r + h, at) - r - h - g) / h
            step = -g / slope
            r += step
            if abs(step) < mp.mpf(10) ** (-mp.mp.dps * 2 // 3 - 3) * abs(r):
                break
        if scale == 1:
            break
        scale = max(scale / mp.mpf("1.6"), mp.mpf(1))
    s = mp.fsum(x * r / (p + x * r) for x in lam)
    return 1 - inverse_p * s, 1 - inverse_n * s


def talbot_nodes(time: mp.mpf, count: int) -> tuple[list[mp.mpc], list[mp.mpc]]:
    """Return nodes and weights of the fixed Talbot rule, both half planes: f(t) = sum w F(p)."""
    nodes, weights = [], []
    r = mp.mpf(2 * count) / (5 * time)
    for k in range(-count + 1, count):
        if k == 0:
            nodes.append(mp.mpc(r))
            weights.append(mp.exp(r * time) * r / count / 2)
            continue
        theta = mp.pi * k / count
        cot = mp.cot(theta)
        nodes.append(r * theta * (cot + 1j))
        sigma = theta + (theta * cot - 1) * cot
        weights.append(mp.exp(time * nodes[-1]) * (1 + 1j * sigma) * r / count / 2)
    return nodes, weights


def invert_twice(
    lam: Sequence[float], w2: Sequence[float], n: float, samples: float, sigma2: float, time: float, count: int = 20
) -> tuple[float, float]:
    """Return (test, train) at one time from the printed equations, sums over all modes, dps = current context."""
    eig = [mp.mpf(x) for x in lam]
    tasks = [mp.mpf(x) for x in w2]
    inv_n, inv_p, noise = 1 / mp.mpf(n), 1 / mp.mpf(samples), mp.mpf(sigma2)
    nodes, weights = talbot_nodes(mp.mpf(time), count)
    responses = [solve_responses(eig, inv_n, inv_p, p) for p in nodes]
    h = [[1 / (p + x * r1 * r3) for x in eig] for p, (r1, r3) in zip(nodes, responses, strict=True)]
    test = train = mp.mpf(0)
    for i, p in enumerate(nodes):
        for j in range(len(nodes)):
            q = nodes[j]
            r1, r3 = responses[i][0] * responses[j][0], responses[i][1] * responses[j][1]
            hh = [x * y for x, y in zip(h[i], h[j], strict=True)]
            s1 = mp.fsum(x * y for x, y in zip(eig, hh, strict=True))
            s2 = mp.fsum(x * x * y for x, y in zip(eig, hh, strict=True))
            sw = mp.fsum(x * w * y for x, w, y in zip(eig, tasks, hh, strict=True))
            tw = mp.fsum(x * x * w * y for x, w, y in zip(eig, tasks, hh, strict=True))
            # unknowns C0, C2 with C1 = r1 (C0 + noise/pq), C3 = r3 C2
            a11, a12 = 1 - r3 * s2 * inv_p * r1, -s1 * inv_n * r3
            b1 = sw + r3 * s2 * inv_p * r1 * noise / (p * q)
            a21, a22 = -p * q * s1 * inv_p * r1, 1 - r1 * s2 * inv_n * r3
            b2 = p * q * s1 * inv_p * r1 * noise / (p * q) + r1 * tw
            c0 = (b1 * a22 - a12 * b2) / (a11 * a22 - a12 * a21)
            weight = weights[i] * weights[j]
            test += (weight * c0).real
            train += (weight * r1 * (c0 + noise / (p * q))).real
    return float(test + noise), float(train)


def simulate_flow(
    lam: NDArray[np.float64],
    w: NDArray[np.float64],
    n: int,
    samples: int,
    sigma: float,
    times: NDArray[np.float64],
    draws: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return test and train losses, each draws x times, of gradient flow on dense Gaussian matrices (exact in time)."""
    rng = np.random.default_rng(seed)
    test, train = np.empty((draws, times.size)), np.empty((draws, times.size))
    for draw in range(draws):
        features = rng.standard_normal((n, lam.size)) / np.sqrt(n)
        data = rng.standard_normal((samples, lam.size)) * np.sqrt(lam)
        target = data @ w + sigma * rng.standard_normal(samples)
        design = data @ features.T / np.sqrt(samples)  # the student's inputs, over sqrt(P)
        u, s, vt = np.linalg.svd(design, full_matrices=False)
        coefficient = u.T @ (target / np.sqrt(samples))
        for i, t in enumerate(times):
            gain = np.where(s > 0, -np.expm1(-s * s * t) / np.where(s > 0, s, 1.0), 0.0)
            residual = w - features.T @ (vt.T @ (gain * coefficient))
            test[draw, i] = lam @ residual**2 + sigma**2
            train[draw, i] = np.mean((target - design @ (vt.T @ (gain * coefficient)) * np.sqrt(samples)) ** 2)
    return test, train
