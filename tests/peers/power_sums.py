"""Independent values of sum over 1 <= j <= v of j^(-s0) g(x j^c): direct terms and Euler-Maclaurin, in mpmath.

A head of `HEAD` terms is added one by one; the rest is an integral, taken by Gauss-Legendre on panels of fixed length
in log j (mpmath's nodes, not its adaptive rule), with Euler-Maclaurin end terms from numerical Taylor coefficients. No
Mellin transform, no zeta function, no import from the library. With HEAD = 60 and four derivatives kept, the first
end term left out is below (order 9) B_10/10! f^(9)(60) ~ 1e-8 * 60^(-9) * O(100) ~ 1e-22 relative to f(60).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from mpmath.ctx_mp import MPContext

HEAD = 60
DIGITS = 40


def add_up(s0: str, c: str, kernel: Callable[[object], object], x: str, upper: str = "", decades: int = 45) -> object:
    """The sum, as an mpf of a private context; `upper` "" is infinity (cut where the integrand is negligible).

    The numbers come as text such as "8/5" or "1e-12". `kernel` maps an mpf to an mpf with `+ - * /`, or uses `.ctx`.
    """
    context = context_of()
    a, b, u = (read(context, t) for t in (s0, c, x))
    last = read(context, upper) if upper else context.mpf(10) ** decades

    def summand(j: object) -> object:
        return j**-a * kernel(u * j**b)

    head = sum((summand(context.mpf(j)) for j in range(1, HEAD)), context.mpf(0))
    low = context.mpf(HEAD)
    total = head + _integrate(context, summand, low, last) + summand(low) / 2
    ends = [(low, -1)] + ([(last, 1)] if upper else [])
    if upper:
        total += summand(last) / 2
    for place, sign in ends:
        taylor = context.taylor(summand, place, 7)
        total += sign * (taylor[1] / 12 - taylor[3] * 6 / 720 + taylor[5] * 120 / 30240 - taylor[7] * 5040 / 1209600)
    return total


def context_of() -> MPContext:
    context = MPContext()
    context.dps = DIGITS
    return context


def read(context: MPContext, text: str) -> object:
    top, _, bottom = text.partition("/")
    return context.mpf(top) / context.mpf(bottom or 1)


def _integrate(context: MPContext, f: Callable[[object], object], low: object, high: object) -> object:
    """Gauss-Legendre with 24 nodes on panels of length at most 1/2 in log j; kernels here vary on the scale 1."""
    start, end = context.log(low), context.log(high)
    panels = int((end - start) * 2) + 1
    width = (end - start) / panels
    nodes = _legendre(24)
    total = context.mpf(0)
    for i in range(panels):
        middle = start + (i + context.mpf(1) / 2) * width
        for t, w in nodes:
            j = context.exp(middle + t * width / 2)
            total += w * f(j) * j
    return total * width / 2


@cache
def _legendre(n: int) -> list[tuple[object, object]]:
    """Nodes and weights of Gauss-Legendre by Newton's iteration on the three-term recurrence."""
    context, found = context_of(), []
    for k in range(1, n + 1):
        x = context.cos(context.pi * (k - context.mpf(1) / 4) / (n + context.mpf(1) / 2))
        for _ in range(12):
            before, value = context.mpf(1), x
            for m in range(2, n + 1):
                before, value = value, ((2 * m - 1) * x * value - (m - 1) * before) / m
            slope = n * (x * value - before) / (x * x - 1)
            x -= value / slope
        found.append((x, 2 / ((1 - x * x) * slope**2)))
    return found
