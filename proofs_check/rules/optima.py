"""Optima: the largest term of a loss is smallest, within a budget, at the given sizes; log powers on walls; prefactors.

For sizes x with g.x = 1, h.x = 0, x >= 0:  max_i e_i.x >= sum mu_i e_i.x = -eta + sum kappa_b x_b >= -eta, by multipliers with
sum mu_i e_i = -eta g + omega h + kappa. In monomials: prod m_i^(mu_i) = cost^(-eta) ... See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from proofs_check.framework import Context, Rule, demand, read_ratios, terms_of
from proofs_check.signs import prove_all, prove_empty, prove_inside, prove_sign
from scaling_sym.algebra.constants import ONE, Constant, whole
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_monomial

BUDGETS: Final = {
    "collect": {"resources": ["d", "r"], "cost": {"d": "1", "r": "1"}, "fixed": []},  # f = d r B at fixed B
    "collect-flow": {"resources": ["N", "t"], "cost": {"N": "1", "t": "1"}, "fixed": []},  # C = N t
}
SUPPLIERS: Final = ("collect", "collect-flow", "join", "join-exact")
PLANES: Final = {  # the exponents of the eigenvalues and of the weights of the forcing, by a parameter that a wall gives
    **dict.fromkeys(("alpha", "beta"), ("2*alpha", "2*beta")), **dict.fromkeys(("a", "b"), ("b", "a - b")),
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
    demand(kind in (*SUPPLIERS, "stated"), "the premises must supply terms")
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
    """The optimum on a wall, with the powers y of log f: a term is f^(e.x) L^(e.y + k); multipliers as above, g.y = 0."""
    given, body, proof = context.step.given, context.step.conclusion, context.step.certificate
    source, *others = context.premises
    solved, sgd = read_ratios(given["substitution"]), source.rule == "collect"
    rules = ["learning-rate"] * sgd + ["optimum"] * (len(others) - sgd)
    demand(source.rule in SUPPLIERS and [p.rule for p in others] == rules, "terms, SGD's learning rate, and optima are wanted")
    demand(len({p.id for p in others}) == len(others), "a premise stands there twice")
    demand(given["derived"] == ({"gamma": "learning-rate"} if sgd else {}), "gamma is derived from the learning rate")
    prove_inside(context.cell, decode_cell(source.cell), proof["inside"], "inside the terms' cell", solved)
    check_plane([source, *context.ancestors(below=source)], solved, PLANES[min(solved)])
    terms, (loss, first) = [_move_term(t, solved) for t in terms_of(source)], _find_common(context, others[sgd:], solved)
    demand({n for t in terms for n, _ in t.monomial.powers} <= set(given["resources"]), "terms in the resources are wanted")
    rates = [t for p in others[:sgd] for t in terms_of(p)]
    for rate in rates:
        demand(others[0].cell == source.cell, "the learning rate is for another cell")
        first["gamma"] = rate.monomial.rate(first)
    gaps = [t.monomial.rate(first) + loss for t in terms]
    for gap, signs in zip(filter(None, gaps), proof["slacks"], strict=True):
        demand(prove_sign(gap, context.cell, signs, "a term at the optimum") < 0, "a term is larger than the loss")
    tied = [t for t, gap in zip(terms, gaps, strict=True) if not gap]
    powers = read_ratios(proof["powers"] if body["sizes"] is None else body["sizes"])
    active = _check_log_powers(context, tied, first, powers)
    for rate in rates:
        powers["gamma"] = rate.monomial.rate(powers) + _count_logs(rate, first)
    iterated = any(not m.rate(first) and m.rate(powers) for t in active for m, _ in t.logs)
    demand(body["iterated"] is iterated, "whether log log f occurs is stated wrongly")


def _check_log_powers(
    context: Context, tied: Sequence[Term], first: Mapping[str, Ratio], powers: Mapping[str, Ratio]
) -> list[Term]:
    """The second programme, among the terms that tie to leading order; those that tie in the power of log f too."""
    given, body, proof = context.step.given, context.step.conclusion, context.step.certificate
    cost, loss, log_loss = decode_monomial(given["cost"]), tied[0].monomial.rate(first), parse_ratio(body["loss"])
    demand(set(powers) == set(given["resources"]) and not cost.rate(powers), "the powers of log f do not keep the budget")
    slacks = [log_loss - t.monomial.rate(powers) - _count_logs(t, first) for t in tied]
    basis, mu = proof["basis"], [parse_ratio(x) for x in proof["multipliers"]]
    demand(all(type(i) is int and 0 <= i < len(tied) for i in basis), "the basis names tied terms by their places")
    wanted = 1 if body["sizes"] is None else len(given["resources"])
    demand(len(basis) == len(set(basis)) == wanted, "a multiplier is missing")
    demand(sum(mu, Ratio.of(0)) == 1 and not any(slacks[i] for i in basis), "the basis does not tie")
    demand(_multiply_powers((tied[i].monomial for i in basis), mu) == cost**loss, "the multipliers are not those of the cost")
    firm = prove_all([*mu, *slacks], context.cell, proof["signs"], "log powers")
    demand(all(firm[: len(mu)]), "a multiplier vanishes")
    alone = tied[basis[0]].logs if body["sizes"] is None else ()
    held = [{n for n, _ in t.monomial.powers} for t in tied]
    for names in ({n for n, _ in m.powers} for m, _ in alone):
        demand(len(names) == 1 and names in held, "the argument of a logarithm may stand still")
    return [t for t, slack in zip(tied, slacks, strict=True) if not slack]


def check_plane(steps: Iterable[Step], solved: Mapping[str, Ratio], plane: tuple[str, str]) -> None:
    """Refuse terms of another plane or wall, and sums in which poles coincide on this wall that are apart elsewhere."""
    for step in steps:
        if step.rule == "model":
            found = step.conclusion["eigenvalue"], step.conclusion["weights"]["S"]
            same = [not (parse_ratio(x) - parse_ratio(y)).substitute(solved) for x, y in zip(found, plane, strict=True)]
            demand(all(same), "the model is for another wall")
        elif step.rule == "power-law":
            wall = read_ratios(step.given.get("wall", {}))
            same = [not (x - Ratio.parameter(n)).substitute(solved) for n, x in wall.items()]
            demand(all(same), "a sum is read for another wall")
        elif step.rule == "power-sum":
            place = (1 - parse_ratio(step.given["s0"])) / parse_ratio(step.given["c"])
            apart = place.is_constant or whole(place.substitute(solved)) is None
            demand(apart, "poles coincide on this wall, and the terms do not show it")


def _move_term(term: Term, solved: Mapping[str, Ratio]) -> Term:
    """The powers and logarithms of a term on a wall; its constant is not used."""
    return Term(term.monomial.substitute(solved), logs=tuple((m.substitute(solved), k) for m, k in term.logs))


def _count_logs(term: Term, first: Mapping[str, Ratio]) -> Ratio:
    """The power of log f that the logarithms of a term give, where their arguments are powers of f."""
    return sum((k for m, k in term.logs if m.rate(first)), Ratio.of(0))


def _find_common(context: Context, optima: Sequence[Step], solved: Mapping[str, Ratio]) -> tuple[Ratio, dict[str, Ratio]]:
    """The loss exponent, and where the sizes are determined they, that the neighbouring optima have in common on the wall."""
    given = context.step.given
    demand(all(p.given == {k: given[k] for k in p.given} for p in optima), "the budget is not that of the neighbours")
    bodies = [read_ratios({"": p.conclusion["loss"], **p.conclusion["sizes"]}) for p in optima]
    first, *others = [{n: x.substitute(solved) for n, x in body.items()} for body in bodies]
    demand(bool(others) and all(o[""] == first[""] for o in others), "the neighbours do not agree on the wall")
    alike = all(o == first for o in others)
    demand(alike or context.step.conclusion["sizes"] is None, "the sizes of the neighbours differ on the wall")
    return first.pop(""), first


def check_prefactor(context: Context) -> None:
    """The constants of loss and size at the optimum; none where the optimum lies on the edge of the window of its terms."""
    body, proof = context.step.conclusion, context.step.certificate
    optimum, source, rates, window = context.premises
    made = [context.origin(p) for p in context.premises]
    demand(made == ["optimum", "collect", "learning-rate", "absorb"], "optimum, terms, learning rate and window are wanted")
    demand(window.cell == source.cell == rates.cell and optimum.cell == context.step.cell, "a premise is for another cell")
    below = {rates.id} if rates.rule == "learning-rate" else set(rates.premises)
    demand(below == {s.id for s in context.ancestors("learning-rate", below=source)}, "the learning rate is not the terms' own")
    demand(context.step.given == {"size": "d", "steps": "r", "batch": "B", "edge": "2*alpha"}, "other data are wanted")
    demand(source.id in optimum.premises, "the terms are not those of the optimum")
    (rate,), sizes = terms_of(rates), read_ratios(optimum.conclusion["sizes"])
    time = sizes["r"] + rate.monomial.exponent("d") * sizes["d"]
    gap = parse_ratio(context.model()["eigenvalue"]) * sizes["d"] - time
    demand(prove_sign(time, context.cell, proof["time"], "log theta") > 0, "theta must grow")
    if prove_all([gap], context.cell, [proof["gap"]], "the edge of the window") == [False]:
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
