"""Rule `power-law`: a named sum over modes as a power sum, for lambda_k = k^(-b), w_k^2 = k^(b-a), at one frequency.

Checked: with L = k^b and A = k^a the summand is L^i A^j (1 + x L)^(-n), where x is the frequency or kappa, and the premise is
the power sum with s0 = -(i b + j a), c = b and order n; the conclusion is its expansion in x. Where the step names a wall, such
as a = b + 1, s0 is that on the wall, and everything below holds there (`statements_of_laws` demands it of the claims).
"""

from __future__ import annotations

from typing import Any

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.named_sums import sums_above
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio


def check(context: Context) -> None:
    """Compare summand and power sum."""
    given, power = context.step.given, context.premise("power-sum")
    demand(context.cell == Cell() and power.given["upper"] == "", "the sums run over all modes")
    names, order = [given["scale"]], power.given["order"]
    expected = read_summand(context, given, names, [order])
    wall = {n: parse_ratio(x) for n, x in given.get("wall", {}).items()}
    demand(set(wall) <= {"a"} and not any("a" in x.names for x in wall.values()), "a wall gives a in terms of b")
    demand(parse_ratio(power.given["s0"]) == expected.substitute(wall) and parse_ratio(power.given["c"]) == Ratio.parameter("b"),
           "another power sum")
    same_terms(terms_of(context.step), terms_of(power), "the expansion")


def read_summand(context: Context, given: Any, scales: list[str], orders: list[int]) -> Ratio:
    """s0 of the summand, which must be L^i A^j times the kernels (1 + x L)^(-n)."""
    summand = sums_above(context).get(given["symbol"])
    demand(summand is not None and set(given["powers"]) == {"L", "A"}, "the sum is not defined above")
    assert summand is not None
    big, task = Ratio.parameter("L"), Ratio.parameter("A")
    demand(not {"L", "A"} & set(summand.names), "the names L and A are taken")
    value = summand.substitute({"lam": 1 / big, "w2": big / task})
    for scale, order in zip(scales, orders, strict=True):
        value = value * (1 + Ratio.parameter(scale) * big) ** order
    i, j = given["powers"]["L"], given["powers"]["A"]
    demand(type(i) is int and type(j) is int and value == big**i * task**j, "the summand is another")
    s0: Ratio = -(Ratio.parameter("b") * i + Ratio.parameter("a") * j)
    return s0
