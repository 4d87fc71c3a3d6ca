"""Rule `optimum`: the largest term of the loss is smallest, within the budget, at the given sizes.

For any x with g.x = 1, h.x = 0, x >= 0:  max_i e_i.x >= sum mu_i e_i.x = nu + sum kappa_b x_b >= nu = -eta, by the multipliers
mu, kappa >= 0; and at the given sizes every term is at most f^(-eta). Positive multipliers make the sizes unique; for terms
that a user states, multipliers may vanish, and the sizes that are unique are proved one by one (`stated.check_determined`).

Checked: the cell lies inside the cells of the terms that are used and outside those of the others; the identities above; and
each sign, by its factor-wise proof on the cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proofs_check.framework import Context, demand, prove_empty, prove_non_negative, prove_positive, terms_of
from proofs_check.rules.stated import check_determined, check_same_model
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.codec import decode_cell, decode_monomial, decode_ratio, decode_weights


def check(context: Context) -> None:
    """Verify placement, primal point, multipliers and signs."""
    cell, given, body, proof = context.cell, context.step.given, context.step.conclusion, context.step.certificate
    terms = place_terms(context)
    resources, idle = given["resources"], proof["idle"]
    cost, fixed = decode_monomial(given["cost"]), [decode_monomial(m) for m in given["fixed"]]
    sizes = {n: decode_ratio(x) for n, x in body["sizes"].items()}
    demand(sorted(sizes) == sorted(resources) and set(idle) <= set(resources), "sizes are wanted for all resources")
    stated = any(p.rule == "stated" for p in context.premises)
    if stated:
        check_same_model(context.step, context.premises)
    else:
        check_budget(context, resources)
    loss = decode_ratio(body["loss"])
    demand(cost.rate(sizes) == 1 and not any(m.rate(sizes) for m in fixed), "the sizes do not keep the budget")
    demand(not any(sizes[n] for n in idle), "an idle resource grows")
    tied = [_find(t, terms) for t in body["tradeoff"]]
    demand(len(tied) == len(resources) - len(fixed) - len(idle) and bool(tied), "the trade-off has too few terms")
    demand(all(t.monomial.rate(sizes) == -loss for t in tied), "the terms of the trade-off do not tie")
    _check_multipliers(context, tied, loss, cost, fixed)
    slacks = [-loss - t.monomial.rate(sizes) for t in terms if t not in tied]
    values = {
        "multipliers": [decode_ratio(m) for m in proof["multipliers"]], "slacks": slacks,
        "idle": [decode_ratio(m) for m in proof["idle_multipliers"]], "sizes": [sizes[n] for n in resources],
    }
    firm = {}
    for what, group in values.items():
        signs = proof["signs"][what]
        demand(len(signs) == len(group), f"a proof is wanted for each of the {what}")
        firm[what] = [prove_non_negative(v, cell, s, what) for v, s in zip(group, signs, strict=True)]
    if stated:
        check_determined(context.step, tied, (cost, *fixed), firm)
    else:
        demand(all((*firm["multipliers"], *firm["idle"])), "a multiplier vanishes: the sizes are not unique")


SUPPLIERS: Final = ("collect", "collect-flow", "join", "join-exact", "stated")
BUDGETS: Final[Mapping[str, tuple[Sequence[str], Mapping[str, str]]]] = {
    "collect": (("d", "r"), {"d": "1", "r": "1"}), "collect-flow": (("N", "t"), {"N": "1", "t": "1"}),
}


def check_budget(context: Context, resources: Sequence[str]) -> None:
    """The budgets of the models: f = d r B at fixed B, and C = N t; where the terms are of another kind, any budget is.

    What the budget is stands in the step, and must stand in every claim that rests on it.
    """
    given = context.step.given
    kinds = {p.rule if p.rule != "glue" else context.lookup[p.premises[0]].rule for p in context.premises}
    demand(len(kinds) == 1, "the terms are of one kind")
    (kind,) = kinds
    if kind in BUDGETS:
        names, cost = BUDGETS[kind]
        demand((tuple(given["resources"]), given["cost"]) == (tuple(names), cost), "the budget of the model is another")
    demand(not given["fixed"] and len(resources) == 2, "no ratio is fixed")


def place_terms(context: Context) -> tuple[Term, ...]:
    """The terms whose cells contain the step's cell; all others must be proved to lie apart from it."""
    proof = context.step.certificate["pieces"]
    found: list[Term] = []
    known = set(context.step.given["resources"])
    demand(len(proof) == len(context.premises), "a placement is wanted for every set of terms")
    for premise, place in zip(context.premises, proof, strict=True):
        demand(context.origin(premise) in SUPPLIERS, "the premises must supply terms")
        demand({k for t in terms_of(premise) for k, _ in t.monomial.powers} <= known, "terms in the resources are wanted")
        piece = decode_cell(premise.cell)
        if "inside" in place:
            weights = [decode_weights(w) for w in place["inside"]]
            demand(len(weights) == len(piece.conditions), "a condition of the terms' cell is not proved")
            for sign, weight in zip(piece.conditions, weights, strict=True):
                demand(sign.relation != "=", "an open cell is wanted")
                prove_positive(sign.positive, context.cell, weight, "inside the terms' cell")
            found += terms_of(premise)
        else:
            prove_empty(context.cell.meet(piece), decode_weights(place["outside"]), "outside the terms' cell")
    return tuple(found)


def _find(body: Mapping[str, Any], terms: Sequence[Term]) -> Term:
    found = [t for t in terms if t.name == body["name"] and t.monomial == decode_monomial(body["monomial"])]
    demand(len(found) == 1, f"the term {body['name']} of the trade-off is not among the terms")
    return found[0]


def _check_multipliers(
    context: Context, tied: Sequence[Term], loss: Ratio, cost: Monomial, fixed: Sequence[Monomial]
) -> None:
    proof, resources = context.step.certificate, context.step.given["resources"]
    mu, kappa, omega = ([decode_ratio(x) for x in proof[k]] for k in
                        ("multipliers", "idle_multipliers", "fixed_multipliers"))
    demand((len(mu), len(kappa), len(omega)) == (len(tied), len(proof["idle"]), len(fixed)), "a multiplier is missing")
    demand(sum(mu, Ratio.of(0)) == 1, "the multipliers do not add up to one")
    for n in resources:
        left = sum((x * t.monomial.exponent(n) for x, t in zip(mu, tied, strict=True)), Ratio.of(0))
        right = -loss * cost.exponent(n)
        right = right + sum((x * m.exponent(n) for x, m in zip(omega, fixed, strict=True)), Ratio.of(0))
        right = right + sum((x for x, b in zip(kappa, proof["idle"], strict=True) if b == n), Ratio.of(0))
        demand(left == right, f"the multipliers do not balance the resource {n}")
