"""Rule `corrections`: the first order in 1/P of the loss, or of its gap to the train loss, in time, with its constant.

With e = 1/P, in the window: test minus train is e (T0 + T0_) A10, and the train loss is (S1 - S1_)/(D_ - D) with
S1 = S0 - e D T0 Z. What is of the form (S - S_)/(D_ - D) is the transform of a function of t + t', the inverse of S at t + t'; so
A10 is one of S0. On the diagonal, therefore, the gap is 2 e times the convolution over (0, t) of T0(s) with A(2t - s). With
T0 ~ c s^(p-1), p > 0, and A ~ k s^(-q), this is 2 e c k t^(p-q) times the integral of y^(p-1) (2-y)^(-q) over (0, 1), a
`halfbeta`. The train part is a product of expansions in D = u, and moves as in `transfer`, with theta = 2 t. The loss is
the sum of the two.

Checked: the two first orders and the relation of A10 to S0 are those of the premises; the sums are read for one wall, or for
none; all products, exactly.
"""

from __future__ import annotations

from typing import Final

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.rules.transfer import move
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term

GAP: Final = {"gap-order": "C0 - C1 - e*(T0 + T0_)*A10", "A-free": "A10*(D_ - D) - (S0 - S0_)"}
LOSS: Final = {**GAP, "train-order": "C1*(D_ - D) - (S0 - S0_) + e*(D*T0*Z - D_*T0_*Z_)"}
OF: Final = {"gap": (GAP, {"T0", "S0"}), "loss": (LOSS, {"T0", "S0", "Z"})}


def check(context: Context) -> None:
    """Form gap and train part again."""
    demand(context.cell == Cell() and context.step.given["order"] in OF, "the first order of the loss or the gap is wanted")
    orders, symbols = OF[context.step.given["order"]]
    known: dict[str, str] = {}
    for premise in (p for p in context.premises if p.rule in ("identity", "sum-identity")):
        demand(premise.given["modulo"] == ["e", 2], "an expansion to first order is wanted")
        known |= premise.conclusion["equations"]
    demand(all(n in known and parse_ratio(known[n]) == parse_ratio(t) for n, t in orders.items()), "the first order is another")
    read = [p for p in context.premises if p.rule == "power-law"]
    demand(all(p.given["scale"] == "D" for p in read) and len({str(p.given.get("wall")) for p in read}) == 1, "another reading")
    sums = {p.given["symbol"]: terms_of(p) for p in read}
    demand(set(sums) == symbols and len(read) == len(symbols), "other sums are wanted")
    fast, slow = ([m for t in sums[n] for m in move(t)] for n in ("T0", "S0"))
    total = [convolve(x, y) for x in fast for y in slow]
    for x in sums["T0"]:
        for y in sums.get("Z", ()):
            total += [in_time(m) for m in move(x * y * Term(Monomial.of({"u": 1}), Constant.of(-1)))]
    same_terms(terms_of(context.step), total, "the first order")


def convolve(fast: Term, slow: Term) -> Term:
    """Twice the convolution of two powers of time over the first half."""
    p, q = fast.monomial.exponent("theta") + 1, -slow.monomial.exponent("theta")
    demand(p == 1 / Ratio.parameter("b") and not fast.logs and not slow.logs, "the first power must be integrable")
    constant = fast.constant * slow.constant * Constant.of(Atom("halfbeta", (p, q))) * 2
    return Term(Monomial.of({"P": -1, "t": p - q}), constant)


def in_time(term: Term) -> Term:
    """theta = 2 t, and one power of 1/P."""
    moved = term.replace({"theta": Monomial.of({"t": 1})})
    constant = moved.constant * Constant.of(2) ** term.monomial.exponent("theta")
    return Term(moved.monomial * Monomial.of({"P": -1}), constant, moved.logs)
