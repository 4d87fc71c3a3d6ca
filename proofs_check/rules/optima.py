"""Optima: the largest term of a loss is smallest, within a budget, at the given sizes; log powers on walls; prefactors.

For sizes x with g.x = 1, h.x = 0, x >= 0:  max_i e_i.x >= sum mu_i e_i.x = -eta + sum kappa_b x_b >= -eta, by multipliers with
sum mu_i e_i = -eta g + omega h + kappa. In monomials: prod m_i^(mu_i) = cost^(-eta) ... See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from proofs_check.framework import Context, Rule, demand, read_ratios, terms_of
from proofs_check.signs import prove_all, prove_empty, prove_inside, prove_non_negative, prove_sign
from scaling_sym.algebra.constants import ONE, Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_monomial

BUDGETS: Final = {
    "collect": {"resources": ["d", "r"], "cost": {"d": "1", "r": "1"}, "fixed": []},  # f = d r B at fixed B
    "collect-flow": {"resources": ["N", "t"], "cost": {"N": "1", "t": "1"}, "fixed": []},  # C = N t
}


def _multiply_powers(monomials: Iterable[Monomial], powers: Iterable[Ratio]) -> Monomial:
    total = Monomial()
    for monomial, power in zip(monomials, powers, strict=True):
        total = total * monomial**power
    return total


def check_stated(context: Context) -> None:
    """Terms, resources and budget as somebody states them: positive constants, pure powers of the resources named."""
    given, terms = context.step.given, context.terms
    demand(not context.premises and context.step.certificate is None, "what is stated rests on nothing")
    demand(set(given) == {"resources", "cost", "fixed"}, "resources and budget are stated with the terms")
    planes, known = [decode_monomial(m) for m in (given["cost"], *given["fixed"])], set(given["resources"])
    demand(bool(known) and len(known) == len(given["resources"]), "each resource is named once")
    demand(all(m.powers for m in planes) and bool(terms), "a budget that costs something and a term are wanted")
    for monomial in (*planes, *(t.monomial for t in terms)):
        demand({n for n, _ in monomial.powers} <= known, "a resource is not declared")
        demand(not any(known & set(e.names) for _, e in monomial.powers), "a resource stands in an exponent")
    demand(all(t.constant.coefficient > 0 and not t.logs and t.name for t in terms), "positive powers with names are wanted")


def check_optimum(context: Context) -> None:
    """Placement of the terms, primal point, multipliers, and each sign on the cell."""
    given, body, proof = context.step.given, context.step.conclusion, context.step.certificate
    stated, terms, names, idle = _check_budget(context), _place_terms(context), given["resources"], proof["idle"]
    planes, units = [decode_monomial(m) for m in (given["cost"], *given["fixed"])], [Monomial.of({n: 1}) for n in idle]
    loss, sizes = parse_ratio(body["loss"]), read_ratios(body["sizes"])
    demand(sorted(sizes) == sorted(names) and set(idle) <= set(names), "sizes are wanted for all resources")
    kept = planes[0].rate(sizes) == 1 and not any(m.rate(sizes) for m in (*planes[1:], *units))
    demand(kept, "the sizes do not keep the budget, or an idle resource grows")
    tied, count = [_find_term(t, terms) for t in body["tradeoff"]], len(names) - len(planes) + 1 - len(idle)
    demand(0 < count == len(tied) == len({t.monomial for t in tied}), "the trade-off has too few terms")
    demand(all(t.monomial.rate(sizes) == -loss for t in tied), "the terms of the trade-off do not tie")
    mu, kappa, omega = ([parse_ratio(x) for x in proof[k]] for k in ("multipliers", "idle_multipliers", "fixed_multipliers"))
    balance = _multiply_powers([*planes, *units], [-loss, *omega, *kappa])
    demand(_multiply_powers((t.monomial for t in tied), mu) == balance, "the multipliers do not balance")
    demand(sum(mu, Ratio.of(0)) == 1, "the multipliers do not add up to one")
    slacks = [-loss - t.monomial.rate(sizes) for t in terms if t not in tied]
    values = {"multipliers": mu, "slacks": slacks, "idle": kappa, "sizes": [sizes[n] for n in names]}
    firm = {what: prove_all(group, context.cell, proof["signs"][what], what) for what, group in values.items()}
    if stated:
        tight = [*firm["multipliers"], *(True for _ in planes), *firm["idle"]]
        _check_determined(context, [*(t.monomial for t in tied), *planes, *units], tight)
    else:
        demand(all((*firm["multipliers"], *firm["idle"])), "a multiplier vanishes: the sizes are not unique")


def _check_budget(context: Context) -> bool:
    """The budget is that of the terms' model, or any where they are of another kind; whether they are stated ones."""
    given = context.step.given
    (kind,) = {context.origin(p) for p in context.premises}
    demand(kind in ("collect", "collect-flow", "join", "stated"), "the premises must supply terms")
    if kind == "stated":
        demand(all(p.given == given for p in context.premises), "resources and budget are not those that are stated")
        return True
    demand(given == BUDGETS.get(kind, given), "the budget of the model is another")
    demand(not given["fixed"] and len(given["resources"]) == 2, "no ratio is fixed")
    return False


def _place_terms(context: Context) -> list[Term]:
    """The terms whose cells contain the step's cell; all others must be proved to lie apart from it."""
    found: list[Term] = []
    for premise, place in zip(context.premises, context.step.certificate["pieces"], strict=True):
        terms, piece = terms_of(premise), decode_cell(premise.cell)
        resources = {n for t in terms for n, _ in t.monomial.powers}
        demand(resources <= set(context.step.given["resources"]), "terms in the resources are wanted")
        if "inside" in place:
            prove_inside(context.cell, piece, place["inside"], "inside the terms' cell")
            found += terms
        else:
            prove_empty(context.cell.meet(piece), place["outside"], "outside the terms' cell")
    return found


def _find_term(body: Mapping[str, Any], terms: Sequence[Term]) -> Term:
    found = [t for t in terms if t.name == body["name"] and t.monomial == decode_monomial(body["monomial"])]
    demand(len(found) == 1, f"the term {body['name']} of the trade-off is not among the terms")
    return found[0]


def _check_determined(context: Context, rows: Sequence[Monomial], tight: Sequence[bool]) -> None:
    """Sizes that are the same in every optimum: their unit vectors are combinations of rows that are tight at each."""
    proofs = context.step.certificate["determined"]
    demand(sorted(proofs) == context.step.conclusion["determined"], "a proof is wanted for each size that is determined")
    for name, texts in proofs.items():
        weights = [parse_ratio(x) for x in texts]
        demand(name in context.step.given["resources"], "a resource is wanted")
        demand(all(ok or not w for ok, w in zip(tight, weights, strict=True)), "a row may be slack at another optimum")
        demand(_multiply_powers(rows, weights) == Monomial.of({name: 1}), f"the size of {name} is not determined")


def check_log_optimum(context: Context) -> None:
    """The powers y of log f at the optimum on a wall: a tied term is f^(-eta) L^(e.y + k); multipliers as above, g.y = 0."""
    given, body, proof = context.step.given, context.step.conclusion, context.step.certificate
    source, rates, *optima = context.premises
    demand([p.rule for p in context.premises] == ["collect", "learning-rate", *["optimum"] * len(optima)], "terms are wanted")
    demand(source.cell == context.step.cell == rates.cell, "the terms are for another cell")
    demand(given["derived"] == {"gamma": "learning-rate"}, "gamma is derived from the learning rate")
    (rate,), (loss, first) = terms_of(rates), _find_common(context, source, optima)
    first["gamma"] = rate.monomial.rate(first)
    tied = [t for t in terms_of(source) if t.monomial.rate(first) + loss == 0]
    powers, cost, log_loss = read_ratios(body["sizes"]), decode_monomial(given["cost"]), parse_ratio(body["loss"])
    demand(set(powers) == set(given["resources"]) and not cost.rate(powers), "the powers of log f do not keep the budget")
    slacks = [log_loss - t.monomial.rate(powers) - _count_logs(t, first) for t in tied]
    basis, mu = proof["basis"], [parse_ratio(x) for x in proof["multipliers"]]
    demand(all(type(i) is int and 0 <= i < len(tied) for i in basis), "the basis names tied terms by their places")
    demand(len(basis) == len(given["resources"]) == len(set(basis)), "a multiplier is missing")
    demand(sum(mu, Ratio.of(0)) == 1 and not any(slacks[i] for i in basis), "the basis does not tie")
    demand(_multiply_powers((tied[i].monomial for i in basis), mu) == cost**-loss, "the multipliers are not those of the cost")
    firm = prove_all([*mu, *slacks], context.cell, proof["signs"], "log powers")
    demand(all(firm[: len(mu)]), "a multiplier vanishes")
    powers["gamma"] = rate.monomial.rate(powers) + _count_logs(rate, first)
    logs = [m for t, slack in zip(tied, slacks, strict=True) if not slack for m, _ in t.logs]
    iterated = any(not m.rate(first) and m.rate(powers) for m in logs)
    demand(body["iterated"] is iterated, "whether log log f occurs is stated wrongly")


def _count_logs(term: Term, first: Mapping[str, Ratio]) -> Ratio:
    """The power of log f that the logarithms of a term give, where their arguments are powers of f."""
    return sum((k for m, k in term.logs if m.rate(first)), Ratio.of(0))


def _find_common(context: Context, source: Step, optima: Sequence[Step]) -> tuple[Ratio, dict[str, Ratio]]:
    """The loss exponent and sizes that the neighbouring optima have in common on the wall; model and budget are theirs."""
    given, model, solved = context.step.given, context.model(source), read_ratios(context.step.given["substitution"])
    for found, usual in ((model["eigenvalue"], "2*alpha"), (model["sums"]["B"]["weight"], "2*beta")):
        demand(parse_ratio(found) == parse_ratio(usual).substitute(solved), "the model is for another wall")
    demand(all(p.given == {k: given[k] for k in p.given} for p in optima), "the budget is not that of the neighbours")
    bodies = [read_ratios({"": p.conclusion["loss"], **p.conclusion["sizes"]}) for p in optima]
    first, *others = [{n: x.substitute(solved) for n, x in body.items()} for body in bodies]
    demand(bool(others) and all(o == first for o in others), "the neighbours do not agree on the wall")
    return first.pop(""), first


def check_prefactor(context: Context) -> None:
    """The constants of loss and size at the optimum; none where the optimum lies on the edge of the window of its terms."""
    body, proof = context.step.conclusion, context.step.certificate
    optimum, source, rates, window = context.premises
    made = [context.origin(p) for p in context.premises]
    demand(made == ["optimum", "collect", "learning-rate", "absorb"], "optimum, terms, learning rate and window are wanted")
    demand(window.cell == source.cell == rates.cell and optimum.cell == context.step.cell, "a premise is for another cell")
    below = {rates.id} if rates.rule == "learning-rate" else set(rates.premises)
    demand(below == {s.id for s in context.ancestors("learning-rate", source)}, "the learning rate is not that of the terms")
    demand(context.step.given == {"size": "d", "steps": "r", "batch": "B", "edge": "2*alpha"}, "other data are wanted")
    demand(source.id in optimum.premises, "the terms are not those of the optimum")
    (rate,), sizes = terms_of(rates), read_ratios(optimum.conclusion["sizes"])
    time = sizes["r"] + rate.monomial.exponent("d") * sizes["d"]
    gap = parse_ratio(context.model()["eigenvalue"]) * sizes["d"] - time
    demand(prove_sign(time, context.cell, proof["time"], "log theta") > 0, "theta must grow")
    if not prove_non_negative(gap, context.cell, proof["gap"], "the edge of the window"):
        demand(body == {"loss": None, "size": None}, "at the edge leading constants determine no prefactor")
        return
    first, second = (_find_term(t, terms_of(source)) for t in optimum.conclusion["tradeoff"])
    for what, wanted in zip(("loss", "size"), _find_prefactors(first, second), strict=True):
        demand(_is_one(decode_constant(body[what]).canonical() / wanted.canonical()), f"the prefactor of the {what} is another")


def _find_prefactors(first: Term, second: Term) -> tuple[Constant, Constant]:
    """Loss and size at the minimum of the sum of two terms under f = B d r."""
    b, g = (t.monomial.exponent("r") for t in (first, second))
    m, n = first.monomial.exponent("d") - b, second.monomial.exponent("d") - g
    batch = Constant.of(Ratio.parameter("B"))
    balance, ratio = second.constant * (-n) / (first.constant * m), (g - b) / (m - n)
    size = balance ** (1 / (m - n)) * batch ** (-ratio)
    return first.constant * balance ** (m / (m - n)) * Constant.of(1 - m / n) * batch ** (-m * ratio - b), size


def _is_one(constant: Constant) -> bool:
    """Whether a positive constant is 1, its polynomials taken up to sign."""
    total = Constant(abs(constant.coefficient))
    for atom, exponent in constant.factors:
        base = Constant.of(atom.polynomial or atom)
        total = total * Constant(abs(base.coefficient), base.factors) ** exponent
    return total == ONE


RULES: Final[Mapping[str, Rule]] = {
    "stated": check_stated, "optimum": check_optimum, "log-optimum": check_log_optimum, "prefactor": check_prefactor,
}
