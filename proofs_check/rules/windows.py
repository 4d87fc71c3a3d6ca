"""The window 1 << theta << d^c: the terms that lead there, and with the floor the loss in its resources.

See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from proofs_check.framework import Context, Rule, demand, take, terms_of
from proofs_check.rules.expansions import GAMMA
from proofs_check.signs import demand_sum, drop_terms
from scaling_sym.algebra.constants import ONE, Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import UNIT, Monomial, Term, substitute


def find_window(context: Context) -> Iterable[Term]:
    """The terms that lead for 0 <= log theta <= c log d, with gamma's rate, and a proof for each one dropped."""
    moved, *rates = take(context, "transfer", *["learning-rate"] * (len(context.premises) - 1))
    terms, gammas = terms_of(moved), [rate for step in rates for rate in terms_of(step)]
    renewed = [s.given["gamma"] for s in context.ancestors("renew")]
    wanted = ["resource" if _is_moving(rate) else "constant" for rate in gammas]
    demand(renewed == wanted, "gamma is a constant in the renewal equation just where the learning rate stands still")
    factors = len({t.monomial.exponent("gamma") for t in terms}) == 1
    demand(bool(rates) or factors, "without a learning rate gamma must factor")
    gamma, edge = sum((rate.monomial.exponent("d") for rate in gammas), Ratio.of(0)), parse_ratio(context.model()["c"])
    rays = [{"d": Ratio.of(1), "theta": theta, "gamma": gamma} for theta in (Ratio.of(0), edge)]
    kept = drop_terms(terms, context.step.certificate, rays, context.cell)
    demand_sum(kept)
    return kept


def _is_moving(rate: Term) -> bool:
    return bool(rate.monomial.powers or rate.logs)


def collect_loss(context: Context) -> Iterable[Term]:
    """The loss of SGD in d and r, theta = 2 gamma B r; of gradient flow on the diagonal in N and t, theta = 2 t and d = N."""
    (window, floor), model = take(context, "absorb", "floor"), context.model()
    rate = next((terms_of(context.lookup[p])[0] for p in window.premises[1:]), None)
    flow = context.step.rule == "collect-flow"
    demand(flow == (model["model"] == "flow") == (rate is None), "the terms are for another model")
    pieces = {n for s in context.ancestors("combine", below=window) for n in s.given["series"]}
    demand(pieces == model["series"].keys(), "a piece of the loss is missing")
    inside, beyond = ([substitute_time(t, rate) for t in terms_of(step)] for step in (window, floor))
    still = [replace(t, constant=ONE) for t in inside if t.name == "F_0"]
    demand(all(t == replace(beyond[0], constant=ONE) for t in still), "two floors differ")
    return inside if still else [*inside, *beyond]


def substitute_time(term: Term, rate: Term | None) -> Term:
    """A term in steps; gamma -> its term in d where it moves (not inside logarithms), a constant where it does not."""
    if rate is None:
        return substitute(term, {"theta": Term(Monomial.of({"t": 1}), Constant.of(2)), "d": Term(Monomial.of({"N": 1}))})
    moving = _is_moving(rate)
    gamma = Term(Monomial.of({"gamma": 1})) if moving else Term(UNIT, Constant.of(GAMMA))
    moved = substitute(term, {"theta": Term(Monomial.of({"r": 1}), Constant.of(Ratio.parameter("B") * 2)) * gamma})
    return substitute(replace(moved, logs=()), {"gamma": rate}) * Term(UNIT, logs=moved.logs) if moving else moved


RULES: Final[Mapping[str, Rule]] = {
    "absorb": find_window, "collect": collect_loss, "collect-flow": collect_loss,
}
