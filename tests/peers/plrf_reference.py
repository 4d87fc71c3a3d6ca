"""Slow, plain references for the PLRF curve; they share no code with the library.

`dense_equivalent`: the deterministic equivalent with every mode in a numpy array, fixed point by plain iteration,
spectral measures by the trapezoid rule on an ellipse in log z around the continuous spectrum, then the recursion.
"""

from __future__ import annotations

import numpy as np


def dense_m(z, lam, d):
    """m(z) by damped fixed-point iteration in w = -z/m, polished by Newton; z an array off the real axis."""
    u = -np.asarray(z, dtype=complex)
    w = u + lam.sum() / d * 0 + np.abs(u) * 0
    for _ in range(400):
        w = u + w * (lam / (lam + w[:, None])).sum(axis=1) / d
    for _ in range(30):
        n = (lam / (lam + w[:, None])).sum(axis=1)
        dn = -(lam / (lam + w[:, None]) ** 2).sum(axis=1)
        w = w - (w * (1 - n / d) - u) / (1 - n / d - w * dn / d)
    return u / w


def dense_floor(lam, power, d):
    """Mass of the atom: w_0 with sum lam/(lam + w_0) = d by bisection, then sum power w_0/(lam + w_0)."""
    low, high = np.log(lam[-1]) - 60, np.log(lam.sum())
    for _ in range(200):
        mid = (low + high) / 2
        low, high = (mid, high) if (lam / (lam + np.exp(mid))).sum() > d else (low, mid)
    w = np.exp(mid)
    return (power * w / (lam + w)).sum()


def dense_equivalent(alpha, beta, d, v, gamma, batch, last, nodes=240):
    """F(r), K(r), P(r) for r = 0 ... last by contour quadrature over the continuous spectrum and the recursion."""
    j = np.arange(1.0, v + 1)
    lam, power = j ** (-2 * alpha), j ** (-2 * alpha - 2 * beta)
    # The contour crosses the gap below the spectrum at a point found by scanning u(w) for w in (0, w_0).
    w = np.exp(np.linspace(np.log(lam[-1]) - 12, 2, 4000))
    image = w * (1 - (lam / (lam + w[:, None])).sum(axis=1) / d)
    edge = -image.min()
    wt = -(1 + np.exp(np.linspace(-16, 3, 4000)))
    top = (-wt * (1 - (lam / (lam + wt[:, None])).sum(axis=1) / d)).min()
    half = np.log(top / edge) / 2
    opening = np.arcsinh(0.9 / half)
    phi = np.pi * (np.arange(nodes) + 0.5) / nodes
    s = np.log(edge) + half + half * np.cosh(opening + 1j * phi)
    z = np.exp(s)
    weight = -z * half * 1j * np.sinh(opening + 1j * phi) / nodes
    m = dense_m(z, lam, d)
    forcing = (power / (lam * m[:, None] - z[:, None])).sum(axis=1)
    kernel = lam.sum() + z * d * (1 - m)
    p = 1 - 2 * gamma * batch * z + gamma**2 * batch * (batch + 1) * z**2
    f, k, loss = np.empty((3, last + 1))
    state = np.ones_like(p)
    floor = dense_floor(lam, power, d)
    for r in range(last + 1):
        f[r] = floor + (weight * state * forcing).imag.sum()
        k[r] = gamma**2 * batch * (weight * state * kernel).imag.sum()
        loss[r] = f[r] + k[:r][::-1] @ loss[:r]
        state = state * p
    return f, k, loss
