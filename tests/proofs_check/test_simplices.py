"""The two constants of piecewise-linear interpolation that the checker trusts (`simplices` in definitions.json), derived.

By exact algebra for all dimensions d at once, from what docs/checker.md names there: the formula of Blaschke and Petkantschin,
that of Andreief, and the moments of the sphere. The proposer finds the same by a guess through exact values for some d.
"""

from __future__ import annotations

from math import factorial, prod

from proofs_check.framework import DEFINITIONS
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.ratios import ZERO, Ratio, product
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.codec import decode_term

D, S0, S1, S2 = (Ratio.parameter(name) for name in ("d", "s0", "s1", "s2"))


def derive() -> list[Term]:
    """The squared error of linear interpolation of random points, from H = e_1 e_1^T (trace 1) and H = 1 (trace d)."""
    m0, m1, m2 = integrate(5)[:3]
    rest = (m0 - m2) * D / (D - 1) - 1
    power = sum((rest**n * product((D - 1 - i) / (i + 1) for i in range(n)) for n in range(5)), ZERO)  # (1 + rest)^(d - 1)
    series = (m0 * m2 - m1**2) * D * power
    line = mean(series, 2, 0, 2) - mean(series, 1, 2, 1) * 2 + mean(series, 0, 4, 0)
    ball = mean(series, 4, 0, 0) - mean(series, 2, 2, 0) * D * 2 + mean(series, 0, 4, 0) * D * (D + 2) / 3
    trace = (ball - line * D) / (D * (D - 1))
    radius = (Constant.of(Atom("pi")) ** (D / 2) / gamma(D / 2 + 1)) ** (-4 / D) * gamma(D + 1 + 4 / D) / gamma(D + 5)
    parts = {("trace", 2): trace / 4, ("square", 1): (line - trace) / 4}
    return [Term(Monomial.of({"D": -4 / D, n: k}), radius * Constant.of(c)) for (n, k), c in parts.items()]


def moment(k: int) -> Ratio:
    """The mean of the k-th power of one coordinate of a point on the sphere in d dimensions."""
    return product((i + 1) / (D + i) for i in range(0, k, 2)) if k % 2 == 0 else ZERO


def integrate(rounds: int) -> list[Ratio]:
    """m_k = E y^k/(1 - x) for x = s0 + s1 y + s2 y^2 to fourth order in s, as m_k = E y^k + s0 m_k + s1 m_(k+1) + s2 m_(k+2)."""
    m = [ZERO] * (2 * rounds + 3)
    for _ in range(rounds):
        m = [moment(k) + S0 * m[k] + S1 * m[k + 1] + S2 * m[k + 2] for k in range(len(m) - 2)]
    return m


def mean(series: Ratio, *orders: int) -> Ratio:
    """The mean of G^i (sum g y)^j (sum g y^2)^k, which is i! j! k! times the coefficient of s0^i s1^j s2^k."""
    wanted = tuple((f"s{n}", e) for n, e in enumerate(orders) if e)
    found = ((powers, c) for powers, c in series.monomials().items() if tuple(p for p in powers if p[0] != "d") == wanted)
    total = sum((D ** dict(powers).get("d", 0) * c for powers, c in found), ZERO)
    return total * prod(map(factorial, orders)) / series.denominator


def test_the_constants_of_linear_interpolation_follow_from_the_moments_of_the_sphere() -> None:
    (known,) = DEFINITIONS["simplices"]
    stated, found = [decode_term(t) for t in known["terms"]], derive()
    assert [t.monomial for t in stated] == [t.monomial for t in found]
    assert [t.constant.canonical() for t in stated] == [t.constant.canonical() for t in found]
    assert not any(t.logs or t.name for t in stated)


def test_the_lowest_moments_on_the_sphere() -> None:
    assert integrate(1)[:3] == [1, 0, 1 / D]
    assert moment(4) == 3 / (D * (D + 2))
