"""Rule `simplices`: the mean squared error of piecewise-linear interpolation of random points, for constant second derivatives H.

Trusted: (1) d + 1 of D uniform points on the torus are a Delaunay simplex if their circumscribed ball, of radius r, is empty; by
the formula of Blaschke and Petkantschin centre, radius and directions u_i are independent; weighted by volume, r^4 has the mean
V^(-4/d) Gamma(d+1+4/d)/Gamma(d+1) Gamma(D+1)/Gamma(D+1+4/d), V = pi^(d/2)/Gamma(d/2+1), up to terms smaller than every power of
D, and the directions the squared volume as their weight. (2) The error is r^2/2 times q = (sum l_i u_i)^T H (sum l_i u_i) -
sum l_i u_i^T H u_i with l_i = g_i/G, g_i exponential and G = sum g_i, so that E q^2 = E (G^2 q)^2/E G^4. (3) The squared volume
is a squared determinant: E exp(sum g_i x(u_i)) is the determinant of the integrals of 1/(1 - x) over products of 1 and sqrt(d) u
(Andreief). For x = s0 + s1 y + s2 y^2 with y the first coordinate of u, and m_k = E y^k/(1 - x), it is
d (m_0 m_2 - m_1^2) (d (m_0 - m_2)/(d - 1))^(d-1).

Checked: the two constants, from H = e_1 e_1^T, where G^2 q = (sum g y)^2 - G sum g y^2, and H = 1, where (sum g u) is isotropic.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.terms import Monomial, Term

D, ZERO = Ratio.parameter("d"), Ratio.of(0)


def check(context: Context) -> None:
    """Work out both constants."""
    demand(not context.premises and context.cell == Cell() and context.step.given is None, "the error rests on nothing else")
    series = generate()
    line = mean(series, 2, 0, 2) - mean(series, 1, 2, 1) * 2 + mean(series, 0, 4, 0)  # H = e_1 e_1^T: tr H = tr H^2 = 1
    ball = mean(series, 4, 0, 0) - mean(series, 2, 2, 0) * D * 2 + mean(series, 0, 4, 0) * D * (D + 2) / 3  # H = 1
    trace = (ball - line * D) / (D * (D - 1))
    radius = (Constant.of(Atom("pi")) ** (D / 2) / gamma(D / 2 + 1)) ** (-4 / D) * gamma(D + 1 + 4 / D) / gamma(D + 5)
    expected = [Term(Monomial.of({"D": -4 / D, "trace": 2}), radius * Constant.of(trace / 4)),
                Term(Monomial.of({"D": -4 / D, "square": 1}), radius * Constant.of((line - trace) / 4))]
    same_terms(terms_of(context.step), expected, "the squared error")


def generate() -> Ratio:
    """The generating function to fourth order in s, with d! E G^4 = (d + 4)! as its scale."""
    x = parse_ratio("s0 + s1*y + s2*y**2")
    weight = sum((x**n for n in range(5)), ZERO)
    m = [integrate(weight * parse_ratio("y") ** k) for k in range(3)]
    power, total = Ratio.of(1), ZERO
    for n in range(5):
        total = total + power
        power = cut(power * ((m[0] - m[2]) * D / (D - 1) - 1) * (D - 1 - n) / (n + 1))
    return cut((m[0] * m[2] - m[1] ** 2) * D * total)


def integrate(value: Ratio) -> Ratio:
    """The mean over the sphere of a polynomial in y: y^(2 k) has (2 k - 1)!!/(d (d + 2) ... (d + 2 k - 2)), odd powers none."""
    total, moment = ZERO, Ratio.of(1)
    for k in range(0, 12, 2):
        total = total + value.substitute({"y": ZERO}) * moment
        value, moment = value.derivative("y").derivative("y") / ((k + 1) * (k + 2)), moment * (k + 1) / (D + k)
    return total


def cut(value: Ratio) -> Ratio:
    """The value, whose denominator is free of s, up to fourth order in s."""
    kept = ((powers, c) for powers, c in value.numerator.monomials().items() if sum(e for n, e in powers if n != "d") <= 4)
    return sum((product(Ratio.parameter(n) ** e for n, e in powers) * c for powers, c in kept), ZERO) / value.denominator


def mean(series: Ratio, *orders: int) -> Ratio:
    """The mean of G^i (sum g y)^j (sum g y^2)^k: a derivative at s = 0."""
    for name, n in zip(("s0", "s1", "s2"), orders, strict=True):
        for _ in range(n):
            series = series.derivative(name)
    return series.substitute(dict.fromkeys(("s0", "s1", "s2"), ZERO))
