"""Rule `corrections`: the time exponents of the first order in 1/P, from sums at two frequencies.

A sum with the summand k^(-s0) (1 + p k^b)^(-n) (1 + p' k^b)^(-n') is, for p, p' -> 0 together, s^(-(1-s0)/b) h(p/s, p'/s) (bulk)
plus a polynomial that begins with zeta(s0) (flat): the Mellin transform of a product of kernels, as in `power-sum`. On the
diagonal t = t' a term homogeneous of degree e gives t^(-e-2), unless it is a polynomial in one of the frequencies: then it is
concentrated at t = 0 and gives nothing. Each product is the transform of a positive function of t and t', so that terms do not
cancel; constants are not determined, and are written 1.

Checked: the expression is that of the premise; each sum's exponent is that of its summand; the candidates are all products.
"""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from proofs_check.framework import Context, demand, terms_of
from proofs_check.named_sums import prime
from proofs_check.rules.expansions import read_summand
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial

EXPRESSIONS: Final = {  # the coefficient of e in an equation, up to the exchange of the two frequencies
    "loss-order": ("C0 - A10", [["T0", "U"], ["B20", "A10"]]), "gap-order": ("C0 - C1", [["T0", "A10"]]),
}


def check(context: Context) -> None:
    """Form all products again."""
    given, identity = context.step.given, context.premise("identity")
    label = given["equation"]
    demand(context.cell == Cell() and label in EXPRESSIONS, "a first order is wanted")
    front, products = EXPRESSIONS[label]
    e, total = Ratio.parameter("e"), Ratio.of(0)
    for factors in products:
        value = Ratio.of(1)
        for name in factors:
            value = value * Ratio.parameter(name)
        swapped = prime(value).substitute({"A10_": Ratio.parameter("A10"), "B20_": Ratio.parameter("B20")})
        total = total + (value if swapped == value else value + swapped)
    demand(parse_ratio(identity.conclusion["equations"][label]) == parse_ratio(front) - e * total, "the first order is another")
    demand(identity.given["modulo"] == ["e", 2] and set(given["sums"]) == {n for p in products for n in p}, "other sums")
    exponents = {n: _exponent(context, n, body) for n, body in given["reading"].items()}
    demand(exponents.keys() == set(given["sums"]), "a sum is not read")
    found = {str(t.monomial) for t in terms_of(context.step)}
    wanted = {str(m) for factors in products for m in _candidates(factors, exponents, given["reading"])}
    demand(found == wanted and len(terms_of(context.step)) == len(wanted), "the candidates are others")
    demand(all(not t.logs and str(t.constant) == "1" for t in terms_of(context.step)), "constants are not determined here")


def _exponent(context: Context, name: str, body: Any) -> Ratio:
    """The power of the common scale of the frequencies in the bulk of a sum."""
    orders = body["orders"]
    demand(len(orders) == 2 and all(type(n) is int and n >= 0 for n in orders) and orders[0] > 0, "orders are whole numbers")
    s0 = read_summand(context, {"symbol": name, "powers": body["powers"]}, ["D", "D_"], orders)
    return (s0 - 1) / Ratio.parameter("b")


def _candidates(factors: list[str], exponents: dict[str, Ratio], reading: Any) -> list[Monomial]:
    result = []
    for choice in product(("bulk", "flat"), repeat=len(factors)):
        bulk = [n for n, c in zip(factors, choice, strict=True) if c == "bulk"]
        frequencies = {i for n in bulk for i, order in enumerate(reading[n]["orders"]) if order}
        if frequencies == {0, 1}:
            degree = sum((exponents[n] for n in bulk), Ratio.of(0))
            result.append(Monomial.of({"P": -1, "t": -degree - 2}))
    return result
