"""Means over independent values and random points: averages of x values, nearest neighbours, interpolation, and what is left out.

Trusted: Taylor's theorem, the law of nearest neighbours, Blaschke and Petkantschin, Andreief. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import factorial
from typing import Final

from proofs_check.framework import Context, Rule, concludes, demand, take, terms_of
from proofs_check.named_sums import DEFINITIONS, sums_above
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.terms import Monomial, Term

A, B, D = (Ratio.parameter(n) for n in "abd")
PI, ZERO = Constant.of(Atom("pi")), Ratio.of(0)
SEEDS: Final = ("s0", "s1", "s2")
LINE: Final = parse_ratio("s0 + s1*y + s2*y**2")
SPREAD: Final = parse_ratio("s2*(t/x)**2/2 + s3*(t/x)**3/6")
OUTER: Final = parse_ratio("f1*(g1*t + g2*t**2/2) + f2*(g1*t + g2*t**2/2)**2/2")


@concludes
def expand_average(context: Context) -> Iterable[Term]:
    """E f(m) - f(0) to second order in 1/x, m the average of x values; with two layers to first order, by the chain rule."""
    layers, x, total = context.step.given["layers"], Ratio.parameter("x"), ZERO
    take(context)
    demand(type(layers) is int and layers in (1, 2), "one average, or one above another")
    series = 1 + SPREAD * x + SPREAD**2 * x * (x - 1) / 2  # (1 + spread)^x to fourth order in t
    for k in range(1, 5):  # E m^k is k! times the coefficient of t^k
        series = series.derivative("t")
        total = total + Ratio.parameter(f"f{k}") * series.substitute({"t": ZERO}) / factorial(k)
    if layers == 2:  # half the second derivative of f(g(n) + ...) in n, times the variance of n
        total = total + OUTER.derivative("t").derivative("t").substitute({"t": ZERO}) * parse_ratio("r2/(2*x)")
    cube, pieces = Monomial.of({"x": -3}), [(dict(powers), c) for powers, c in (total * x**3).monomials().items()]
    return [Term(Monomial.of(powers) * cube, Constant(c)) for powers, c in pieces if powers.get("x", 0) >= layers]


@concludes
def point_nearest(context: Context) -> Iterable[Term]:
    """The error of the nearest neighbour, for a gradient of length 1: the distance times one coordinate of its direction."""
    (spacing,) = take(context, "spacing")
    n, d = (parse_ratio(spacing.given[k]) for k in ("power", "dimension"))
    factor = gamma(d / 2) * gamma((n + 1) / 2) / gamma((d + n) / 2) * PI ** Ratio.of(Fraction(-1, 2))
    return [Term(t.monomial, t.constant * factor) for t in terms_of(spacing)]


@concludes
def interpolate_points(context: Context) -> Iterable[Term]:
    """The squared error of linear interpolation of random points, from H = e_1 e_1^T (trace 1) and H = 1 (trace d)."""
    take(context)
    series = _generate()
    line = _mean(series, 2, 0, 2) - _mean(series, 1, 2, 1) * 2 + _mean(series, 0, 4, 0)
    ball = _mean(series, 4, 0, 0) - _mean(series, 2, 2, 0) * D * 2 + _mean(series, 0, 4, 0) * D * (D + 2) / 3
    trace = (ball - line * D) / (D * (D - 1))
    radius = (PI ** (D / 2) / gamma(D / 2 + 1)) ** (-4 / D) * gamma(D + 1 + 4 / D) / gamma(D + 5)
    parts = {("trace", 2): trace / 4, ("square", 1): (line - trace) / 4}
    return [Term(Monomial.of({"D": -4 / D, n: k}), radius * Constant.of(c)) for (n, k), c in parts.items()]


def _generate() -> Ratio:
    """The generating function to fourth order in s, with d! E G^4 = (d + 4)! as its scale."""
    weight = sum((LINE**n for n in range(5)), ZERO)
    m = [_integrate(weight * Ratio.parameter("y") ** k) for k in range(3)]
    power, total = Ratio.of(1), ZERO
    for n in range(5):
        total = total + power
        power = _cut(power * ((m[0] - m[2]) * D / (D - 1) - 1) * (D - 1 - n) / (n + 1))
    return _cut((m[0] * m[2] - m[1] ** 2) * D * total)


def _integrate(value: Ratio) -> Ratio:
    """The mean over the sphere of a polynomial in y: y^(2 k) has (2 k - 1)!!/(d (d + 2) ... (d + 2 k - 2)), odd powers none."""
    total, moment = ZERO, Ratio.of(1)
    for k in range(0, 12, 2):
        total = total + value.substitute({"y": ZERO}) * moment
        value, moment = value.derivative("y").derivative("y") / ((k + 1) * (k + 2)), moment * (k + 1) / (D + k)
    return total


def _cut(value: Ratio) -> Ratio:
    """The value, whose denominator is free of s, up to fourth order in s."""
    kept = ((powers, c) for powers, c in value.numerator.monomials().items() if sum(e for n, e in powers if n != "d") <= 4)
    return sum((product(Ratio.parameter(n) ** e for n, e in powers) * c for powers, c in kept), ZERO) / value.denominator


def _mean(series: Ratio, *orders: int) -> Ratio:
    """The mean of G^i (sum g y)^j (sum g y^2)^k: a derivative at s = 0."""
    for name, n in zip(SEEDS, orders, strict=True):
        for _ in range(n):
            series = series.derivative(name)
    return series.substitute(dict.fromkeys(SEEDS, ZERO))


@concludes
def leave_out(context: Context) -> Iterable[Term]:
    """What the modes k > N change in the sums of kernel regression: orders in k, summed as tails, and the largest squared."""
    _, identity = take(context, "tail", "identity")
    known, sums = DEFINITIONS["left-out"], sums_above(context)
    replica = parse_ratio(identity.conclusion["equations"]["replica"])
    demand(replica == parse_ratio(known["replica"]) and not identity.given.get("modulo"), "kernel regression is meant, exactly")
    expected = [Term(Monomial.of({"N": 2 - B * 2}))]
    for name, (summand, factor, unseen, order, task) in known["changes"].items():
        demand(sums[name] == parse_ratio(summand), f"{name} is another sum")
        change = (parse_ratio(summand) * parse_ratio(factor) - parse_ratio(unseen)) / Ratio.parameter("w2") ** task
        rest = (change / Ratio.parameter("lam") ** order).denominator.substitute({"lam": ZERO})
        demand(bool(rest) and "w2" not in change.names, "a change of another order")
        expected.append(Term(Monomial.of({"N": 1 - (B * (order - task) + A * task)})))
    return expected


RULES: Final[Mapping[str, Rule]] = {
    "average": expand_average, "direction": point_nearest, "simplices": interpolate_points, "truncate": leave_out,
}
