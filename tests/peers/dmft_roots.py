"""The mean-field losses of a small spectrum at any time, plainly: roots of a polynomial, followed from large p, in mpmath.

kappa(p) is a root of p = kappa (1 - D/P)(1 - D/N), a polynomial equation for finitely many modes; it is followed along the ray
from a large multiple of p by Newton's method in small steps. The printed 2 x 2 system is then solved at every pair of Talbot
nodes. Nothing is shared with the library; slow, but it survives N = P, one mode and times of 1e30.
"""

from __future__ import annotations

from collections.abc import Sequence

import mpmath as mp

from tests.peers.dmft_direct import talbot_nodes


def follow_root(lam: Sequence[mp.mpf], inverse_n: mp.mpf, inverse_p: mp.mpf, p: mp.mpc) -> mp.mpc:
    """Return kappa at p on the branch with kappa ~ p for p -> infinity."""

    def value(kappa: mp.mpc) -> tuple[mp.mpc, mp.mpc]:
        trace = mp.fsum(x / (kappa + x) for x in lam)
        slope = -mp.fsum(x / (kappa + x) ** 2 for x in lam)
        one, three = 1 - inverse_p * trace, 1 - inverse_n * trace
        return kappa * one * three, one * three - kappa * slope * (inverse_p * three + inverse_n * one)

    start = 1000 * (1 + mp.fsum(lam) * (1 + inverse_n + inverse_p)) / abs(p)
    count = int(mp.ceil(mp.log(max(start, mp.mpf(2))) / mp.log(mp.mpf(2))))
    kappa = p * start
    for step in range(count, -1, -1):
        target = p * start ** (mp.mpf(step) / count)
        for _ in range(40):
            now, slope = value(kappa)
            change = (target - now) / slope
            kappa += change
            if abs(change) < mp.mpf(10) ** (5 - mp.mp.dps) * abs(kappa):
                break
    return kappa


def losses_by_roots(
    lam: Sequence[float], w2: Sequence[float], n: float, samples: float, sigma2: mp.mpf, time: float, count: int = 20
) -> tuple[mp.mpf, mp.mpf]:
    """Return (test, train) at the current precision; ``count`` Talbot nodes a variable."""
    pairs = [(mp.mpf(x), mp.mpf(w)) for x, w in zip(lam, w2, strict=True) if x > 0]
    eig = [x for x, _ in pairs]
    inv_n, inv_p = 1 / mp.mpf(n), 1 / mp.mpf(samples)
    nodes, weights = talbot_nodes(mp.mpf(time), count)
    rows = []
    upper = {p: follow_root(eig, inv_n, inv_p, p) for p in nodes if p.imag >= 0}
    for p in nodes:
        kappa = upper[p] if p in upper else mp.conj(upper[min(upper, key=lambda q, p=p: abs(mp.conj(q) - p))])
        trace = mp.fsum(x / (kappa + x) for x in eig)
        one, three = 1 - inv_p * trace, 1 - inv_n * trace
        rows.append((p, one, three, [1 / (p + x * one * three) for x in eig]))
    test = train = mp.mpf(0)
    for (p, r1, r3, h), weight in zip(rows, weights, strict=True):
        if p.imag < 0:
            continue
        for (q, s1, s3, g), other in zip(rows, weights, strict=True):
            one, three = r1 * s1, r3 * s3
            both = [(x, w, a * b) for (x, w), a, b in zip(pairs, h, g, strict=True)]
            b1, b2 = mp.fsum(x * y for x, _, y in both), mp.fsum(x * x * y for x, _, y in both)
            a1, a2 = mp.fsum(x * w * y for x, w, y in both), mp.fsum(x * x * w * y for x, w, y in both)
            noise = sigma2 / (p * q)
            a11, a12 = 1 - three * one * b2 * inv_p, -b1 * inv_n * three
            a21, a22 = -p * q * b1 * inv_p * one, 1 - one * three * b2 * inv_n
            right, lower = a1 + three * one * b2 * inv_p * noise, p * q * b1 * inv_p * one * noise + one * a2
            found = (right * a22 - a12 * lower) / (a11 * a22 - a12 * a21)
            share = weight * other * (1 if p.imag == 0 else 2)
            test += (share * found).real
            train += (share * one * (found + noise)).real
    return test + sigma2, train
