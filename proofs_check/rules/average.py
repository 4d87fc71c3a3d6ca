"""Rule `average`: the mean of a smooth function of averages of x independent, identically distributed values.

For the average m of x values with mean 0 and moments s2, s3, the moments of m are read off the generating function
(1 + s2 t^2/2 + s3 t^3/6 + ...)^x at t/x: E m^2 = s2/x, E m^3 = s3/x^2, E m^4 = 3 s2^2/x^2 + O(x^-3), E m^5, E m^6 = O(x^-3). So
for f with six bounded derivatives, f1, f2, ... at 0, and a finite sixth moment (trusted: Taylor's theorem)

    E f(m) - f(0) = f2 s2/(2 x) + (f3 s3/6 + f4 s2^2/8)/x^2 + O(x^-3).

For several variables f2 s2 stands for the trace of second derivatives times covariance. With two layers, m = g(n) plus an average
given n, and n an average with variance r2: conditioning gives a smooth function of n, whose second derivative is that of f after
g, by the chain rule; deeper networks by repetition. Checked: moments, Taylor coefficients, and the chain rule.
"""

from __future__ import annotations

from math import factorial

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Expand again."""
    layers = context.step.given["layers"]
    demand(not context.premises and context.cell == Cell() and layers in (1, 2), "one average, or one above another")
    small, x, total = parse_ratio("s2*(t/x)**2/2 + s3*(t/x)**3/6"), Ratio.parameter("x"), Ratio.of(0)
    series = 1 + small * x + small**2 * x * (x - 1) / 2  # (1 + small)^x to fourth order in t
    for k in range(1, 5):  # E m^k is k! times the coefficient of t^k
        series = series.derivative("t")
        total = total + Ratio.parameter(f"f{k}") * series.substitute({"t": Ratio.of(0)}) / factorial(k)
    if layers == 2:  # the second derivative of f(g(n) + ...) in n, by the chain rule
        outer = parse_ratio("f1*(g1*t + g2*t**2/2) + f2*(g1*t + g2*t**2/2)**2/2").derivative("t").derivative("t")
        total = total + outer.substitute({"t": Ratio.of(0)}) * parse_ratio("r2/(2*x)")
    expected = []
    for powers, c in total.substitute({"x": 1 / Ratio.parameter("e")}).monomials().items():
        n = dict(powers).get("e", 0)
        if n <= 3 - layers:
            expected.append(Term(Monomial.of({"x": -n, **{s: k for s, k in powers if s != "e"}}), Constant(c)))
    same_terms(terms_of(context.step), expected, "the expansion")
