"""Rule `unstable`: the mean loss of gradient flow on a mixture of theta^2/2 and -theta^2/2, and where it tends to zero.

With D samples, each stable with probability alpha, theta(T) = theta_0 exp(-T (2 k/D - 1)) with k binomial, so that the mean of
theta^2 is theta_0^2 (alpha/y + (1-alpha) y)^D with y = exp(2 T/D): the generating function of the binomial law (trusted).
Checked: the base as a rational function of alpha and y; and that 1 minus the base factors as stated, so that for y > 1 and
alpha > 1/2 the loss at T = const D tends to zero exactly where y < alpha/(1 - alpha).
"""

from __future__ import annotations

from proofs_check.framework import Context, demand
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio


def check(context: Context) -> None:
    """Compare base and factors."""
    body = context.step.conclusion
    demand(not context.premises and context.cell == Cell() and context.step.given is None, "the model is fixed")
    base = parse_ratio("alpha/y + (1 - alpha)*y")
    demand(set(body) == {"base", "margin"} and parse_ratio(body["base"]) == base, "the base is another")
    margin = parse_ratio(body["margin"])
    demand((1 - base) * parse_ratio("y") == parse_ratio("y - 1") * margin, "the base does not factor so")
