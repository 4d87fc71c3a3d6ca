"""The window 1 << theta << d^c: learning rate, floor, the terms that lead, and the loss in its resources.

Trusted: the balance at z -> 0 (Riemann sum of mesh 1/d) that gives the floor. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from proofs_check.framework import DEFINITIONS, Context, Rule, demand, read_ratios, take, terms_of
from proofs_check.rules.expansions import GAMMA
from proofs_check.signs import demand_sum, drop_terms
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import UNIT, Monomial, Term, substitute
from scaling_sym.claims.steps import Step


def find_window(context: Context) -> Iterable[Term]:
    """The terms that lead for 0 <= log theta <= c log d, with gamma's rate, and a proof for each one dropped."""
    names, model = context.step.given["names"], context.model()
    count = len(context.premises) - len(names)
    premises = take(context, *["transfer"] * len(names), *["learning-rate"] * count)
    moved, rates = premises[: len(names)], premises[len(names) :]
    known = DEFINITIONS["origins"]["renewed" if rates else "alone"]
    demand([_find_origin(context, s) for s in moved] == [known[n] for n in names], "the names do not fit the origins")
    complete = list(known) if rates else ["F_pp", "F_ac"] if model["model"] == "flow" else names[:1]
    demand(names == complete and count <= 1, "the loss of SGD needs its learning rate, and all its pieces")
    candidates = [replace(t, name="F_0" if _is_still(t) else n) for p, n in zip(moved, names, strict=True) for t in terms_of(p)]
    powers = {t.monomial.exponent("gamma") for t in candidates}
    demand(bool(rates) or len(powers) == 1, "without a learning rate gamma must factor")
    kernels = {s.given["gamma"] for s in context.ancestors("combine") if s.given["series"] == "kernel"}
    wanted = {"resource" if _is_moving(terms_of(rate)[0]) else "constant" for rate in rates}
    demand(not rates or kernels == wanted, "gamma is a constant in the kernel just where the learning rate stands still")
    gamma = terms_of(rates[0])[0].monomial.exponent("d") if rates else Ratio.of(0)
    rays = [{"d": Ratio.of(1), "theta": edge, "gamma": gamma} for edge in (Ratio.of(0), parse_ratio(model["c"]))]
    demand([read_ratios(ray) for ray in context.step.given["rays"]] == rays, "the rays are not those of the window")
    kept = drop_terms(candidates, context.step.certificate, rays, context.cell)
    demand_sum(kept)
    return kept


def _find_origin(context: Context, moved: Step) -> list[str | int | None]:
    """The series of the model that was moved to time, and the order of the renewal equation, where there is one."""
    source = context.lookup[moved.premises[0]]
    series = context.lookup[source.premises[0]] if source.rule == "renew" else source
    return [series.given["series"], source.given.get("order")]


def _is_moving(rate: Term) -> bool:
    return bool(rate.monomial.powers or rate.logs)


def _is_still(term: Term) -> bool:
    return not any(m.exponent("theta") for m in (term.monomial, *(m for m, _ in term.logs)))


def collect_loss(context: Context) -> Iterable[Term]:
    """The loss of SGD in d and r, theta = 2 gamma B r; of gradient flow on the diagonal in N and t, theta = 2 t and d = N."""
    flow = context.model()["model"] == "flow"
    demand(flow == (context.step.rule == "collect-flow"), "the terms are for another model")
    window, floor, *rates = take(context, "absorb", "floor", *[] if flow else ["learning-rate"])
    rate = terms_of(rates[0])[0] if rates else None
    inside, beyond = ([substitute_time(t, rate) for t in terms_of(step)] for step in (window, floor))
    still = [t.monomial for t in inside if t.name == "F_0"]
    demand(all(m == beyond[0].monomial for m in still), "two floors differ")
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
    "absorb": find_window,
    **dict.fromkeys(("collect", "collect-flow"), collect_loss),
}
