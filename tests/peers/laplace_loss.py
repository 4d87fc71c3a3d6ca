"""The loss of power-law random features by a plain inverse Laplace transform in mpmath: slow, simple, independent.

Nothing of the project is imported. Sums over modes: the first modes one by one, then the integral in log j by Gauss-Legendre
and the Euler-Maclaurin end terms. The resolvent by Newton's method from the window's side, in the variable 1 - m. Inversion by
Talbot's contour at 30 digits. Time is theta = 2 gamma B r, and the continuous equation P = F/(1 - K) is meant.
"""

from __future__ import annotations

from mpmath import mp, mpc, mpf

HEAD = 60
NODES = 26


def mode_sum(weight: mpf, c: mpf, w: mpc, v: mpf) -> mpc:
    """sum over j <= v of j^(-weight)/(1 + w j^c)."""

    def f(j: mpf) -> mpc:
        return j**-weight / (1 + w * j**c)

    total = sum(f(mpf(j)) for j in range(1, HEAD))
    low, high = mp.log(HEAD), mp.log(v)
    centre = -mp.log(abs(w)) / c  # where the summand turns
    cuts = sorted({low, high, *(x for x in (centre - 6 / c, centre - 2, centre, centre + 2, centre + 6 / c)
                                if low < x < high)})
    total += mp.quad(lambda s: f(mp.e**s) * mp.e**s, cuts, maxdegree=7)

    def slope(j: mpf) -> mpc:
        return f(j) * (-weight / j - w * c * j ** (c - 1) / (1 + w * j**c))

    return total + (f(mpf(HEAD)) + f(v)) / 2 - (slope(mpf(HEAD)) - slope(v)) / 12


def deficit(u: mpc, c: mpf, d: mpf, v: mpf) -> mpc:
    """1 - m at z = -u: in w = u/m the resolvent equation reads u = w (1 - N(w)/d), N(w) = sum 1/(1 + w j^c)."""
    w = u
    for _ in range(60):
        step = u / (1 - mode_sum(mpf(0), c, w, v) / d)
        if abs(step - w) < abs(w) * mpf(10) ** -22:
            break
        w = step
    return mode_sum(mpf(0), c, w, v) / d


def loss(alpha: mpf, beta: mpf, d: mpf, v: mpf, gamma: mpf, theta: mpf) -> mpf:
    """P at rescaled time theta."""
    with mp.workdps(30):
        c = 2 * alpha
        trace = mode_sum(c, c, mpc(0), v)

        def transform(u: mpc) -> mpc:
            delta = deficit(u, c, d, v)
            m = 1 - delta
            forcing = mode_sum(2 * beta, c, u / m, v) / m
            return forcing / (1 - gamma / 2 * (trace - u * d * delta))

        total = mpf(0)
        for k in range(NODES):
            angle = (2 * k + 1) * mp.pi / (2 * NODES)
            cot = mp.cot(angle)
            node = 2 * NODES / (5 * theta) * angle * mpc(cot, 1)
            weight = 2 / mpf(5) * mpc(1, angle * (1 + cot**2) - cot) * mp.exp(theta * node)
            total += (weight * transform(node)).real
        return total / theta
