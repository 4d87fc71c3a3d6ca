"""Slow, literal references for the static losses: the printed equations in mpmath, and dense matrices.

They share no code with `scaling_sym.numerics`. Sums over infinitely many modes are a head and a geometric series whose
terms are Hurwitz zeta values.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class RatioSums:
    """sum_{k>=1} k^-s / (kappa + k^-b)^power for power 1 or 2 and infinitely many modes, at any kappa >= `least`."""

    def __init__(self, s: float, b: float, power: int, least: Any, context: Any) -> None:
        mp = self.context = context
        self.power = power
        head = int(mp.ceil((4 / least) ** (1 / mp.mpf(b)))) + 2
        self.head = [(mp.mpf(k) ** -s, mp.mpf(k) ** -b) for k in range(1, head + 1)]
        terms = int(mp.dps / mp.log10(4)) + 8  # the ratio of the series is below 1/4
        self.tail = [mp.binomial(n + power - 1, n) * (-1) ** n * mp.zeta(s + b * n, head + 1) for n in range(terms)]

    def at(self, kappa: Any) -> Any:
        """The sum at one kappa."""
        direct = self.context.fsum(x / (kappa + y) ** self.power for x, y in self.head)
        return direct + self.context.fsum(x * kappa ** (-n - self.power) for n, x in enumerate(self.tail))


def solve_size(b: float, size: int, context: Any) -> Any:
    """kappa with sum lambda/(kappa + lambda) = size, by bisection in log kappa."""
    least = context.mpf(3 * size + 3) ** -b
    sums = RatioSums(b, b, 1, least, context)
    low, high = context.log(least), context.mpf(10)
    for _ in range(int(3.4 * context.dps) + 12):
        middle = (low + high) / 2
        low, high = (middle, high) if sums.at(context.exp(middle)) > size else (low, middle)
    return context.exp((low + high) / 2)


def replica_loss(a: float, b: float, size: int, sigma: float, dps: int = 20) -> tuple[Any, Any, Any]:
    """C-replica as printed, with infinitely many modes: L(D) with the noise added, kappa, gamma."""
    mp = mpmath.MPContext()
    mp.dps = dps
    kappa = size * solve_size(b, size, mp)  # kappa = sum kappa lambda/(kappa + D lambda)
    least = kappa / size
    gamma = RatioSums(2 * b, b, 2, least, mp).at(least) / size
    bias = kappa**2 * RatioSums(a, b, 2, least, mp).at(least) / size**2
    return (bias + mp.mpf(sigma) ** 2) / (1 - gamma), kappa, gamma


def feature_loss(a: float, b: float, size: int, dps: int = 20) -> Any:
    """L(P) of random features, infinitely many modes."""
    mp = mpmath.MPContext()
    mp.dps = dps
    kappa = solve_size(b, size, mp)
    return kappa * RatioSums(a, b, 1, kappa, mp).at(kappa)


def section_two(eigenvalues: Array, weights: Array, D: float, P: float, ridge: float, sigma: float) -> float:
    """The equations of `mathematics.md` section 2 at p = p' = ridge, letter by letter: N is P there, P is D."""
    mp = mpmath.MPContext()
    mp.dps = 40
    lam, w2 = [mp.mpf(float(x)) for x in eigenvalues], [mp.mpf(float(x)) for x in weights]
    p, n, data = mp.mpf(ridge), mp.mpf(P), mp.mpf(D)

    def shares(product: Any) -> Any:
        return mp.fsum(x * product / (p + x * product) for x in lam)

    low, high = mp.mpf(0), mp.mpf(1)
    for _ in range(150):  # R_1 R_3 = (1 - S/P)(1 - S/N) with S increasing in the product
        middle = (low + high) / 2
        one, three = 1 - shares(middle) / data, 1 - shares(middle) / n
        low, high = (middle, high) if one > 0 and three > 0 and one * three > middle else (low, middle)
    one, three = 1 - shares(low) / data, 1 - shares(low) / n
    h = [1 / (p + x * one * three) for x in lam]
    # unknowns C_0, C_1, C_2, C_3
    rows = mp.matrix(4, 4)
    right = mp.matrix(4, 1)
    rows[0, 0] = 1
    rows[0, 1] = -mp.fsum(x * y * y * three**2 * x / data for x, y in zip(lam, h, strict=True))
    rows[0, 3] = -mp.fsum(x * y * y / n for x, y in zip(lam, h, strict=True))
    right[0] = mp.fsum(x * y * y * w for x, y, w in zip(lam, h, w2, strict=True))
    rows[1, 1], rows[1, 0], right[1] = 1, -(one**2), one**2 * mp.mpf(sigma) ** 2 / p**2
    rows[2, 2] = 1
    rows[2, 1] = -mp.fsum(p * p * y * y * x / data for x, y in zip(lam, h, strict=True))
    rows[2, 3] = -mp.fsum(x * x * one**2 * y * y / n for x, y in zip(lam, h, strict=True))
    right[2] = mp.fsum(x * x * one**2 * y * y * w for x, y, w in zip(lam, h, w2, strict=True))
    rows[3, 3], rows[3, 2] = 1, -(three**2)
    solved = mp.lu_solve(rows, right)
    return float(p * p * solved[0] + mp.mpf(sigma) ** 2)


def dense_loss(root: Array, data: Array, features: Array, teacher: Array, ridge: float) -> float:
    """sum over columns of `teacher` of |root (w - F^* theta)|^2, theta from the normal equations; no noise."""
    design = data @ features.conj().T
    gram = design.conj().T @ design + ridge * np.eye(design.shape[1])
    residual = teacher - features.conj().T @ np.linalg.solve(gram, design.conj().T @ (data @ teacher))
    return float(np.sum(np.abs(root[:, None] * residual) ** 2))


def interpolate_loss(root: Array, data: Array, features: Array, teacher: Array) -> float:
    """The same for the solution of least norm of data = labels, without ridge, by the D by D kernel; D below P."""
    design = data @ features.conj().T
    theta = design.conj().T @ np.linalg.solve(design @ design.conj().T, data @ teacher)
    return float(np.sum(np.abs(root[:, None] * (teacher - features.conj().T @ theta)) ** 2))
