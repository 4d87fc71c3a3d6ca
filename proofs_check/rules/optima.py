"""Optima: the largest term of a loss is smallest, within a budget, at the given sizes; log powers on walls; prefactors.

For sizes x with g.x = 1, h.x = 0, x >= 0:  max_i e_i.x >= sum mu_i e_i.x = -eta + sum kappa_b x_b >= -eta, by multipliers with
sum mu_i e_i = -eta g + omega h + kappa. In monomials: prod m_i^(mu_i) = cost^(-eta) ... See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flint import fmpz

from proofs_check.framework import Context, Rule, demand, prove_empty, prove_inside, prove_non_negative, prove_sign, terms_of
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_monomial, decode_weights

BUDGETS: Final = {
    "collect": {"resources": ["d", "r"], "cost": {"d": "1", "r": "1"}, "fixed": []},  # f = d r B at fixed B
    "collect-flow": {"resources": ["N", "t"], "cost": {"N": "1", "t": "1"}, "fixed": []},  # C = N t
}


def _read(texts: Iterable[str]) -> list[Ratio]:
    return [parse_ratio(x) for x in texts]


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
    cost, fixed = decode_monomial(given["cost"]), [decode_monomial(m) for m in given["fixed"]]
    loss, sizes = parse_ratio(body["loss"]), {n: parse_ratio(x) for n, x in body["sizes"].items()}
    demand(sorted(sizes) == sorted(names) and set(idle) <= set(names), "sizes are wanted for all resources")
    demand(cost.rate(sizes) == 1 and not any(m.rate(sizes) for m in fixed), "the sizes do not keep the budget")
    demand(not any(sizes[n] for n in idle), "an idle resource grows")
    tied = [_find_term(t, terms) for t in body["tradeoff"]]
    demand(0 < len({t.monomial for t in tied}) == len(names) - len(fixed) - len(idle), "the trade-off has too few terms")
    demand(all(t.monomial.rate(sizes) == -loss for t in tied), "the terms of the trade-off do not tie")
    mu, kappa, omega = (_read(proof[k]) for k in ("multipliers", "idle_multipliers", "fixed_multipliers"))
    planes, units = [cost, *fixed], [Monomial.of({n: 1}) for n in idle]
    left = _multiply_powers((t.monomial for t in tied), mu)
    demand(left == _multiply_powers([*planes, *units], [-loss, *omega, *kappa]), "the multipliers do not balance")
    demand(sum(mu, Ratio.of(0)) == 1, "the multipliers do not add up to one")
    slacks = [-loss - t.monomial.rate(sizes) for t in terms if t not in tied]
    firm, values = {}, {"multipliers": mu, "slacks": slacks, "idle": kappa, "sizes": [sizes[n] for n in names]}
    for what, group in values.items():
        pairs = zip(group, proof["signs"][what], strict=True)
        firm[what] = [prove_non_negative(value, context.cell, sign, what) for value, sign in pairs]
    if stated:
        usable = [*firm["multipliers"], *(True for _ in planes), *firm["idle"]]
        _check_determined(context, [*(t.monomial for t in tied), *planes, *units], usable)
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
            prove_empty(context.cell.meet(piece), decode_weights(place["outside"]), "outside the terms' cell")
    return found


def _find_term(body: Mapping[str, Any], terms: Sequence[Term]) -> Term:
    found = [t for t in terms if t.name == body["name"] and t.monomial == decode_monomial(body["monomial"])]
    demand(len(found) == 1, f"the term {body['name']} of the trade-off is not among the terms")
    return found[0]


def _check_determined(context: Context, rows: Sequence[Monomial], usable: Sequence[bool]) -> None:
    """Sizes that are the same in every optimum: their unit vectors are combinations of rows that are tight at each."""
    proofs = context.step.certificate["determined"]
    demand(sorted(proofs) == context.step.conclusion["determined"], "a proof is wanted for each size that is determined")
    for name, texts in proofs.items():
        weights = _read(texts)
        demand(name in context.step.given["resources"], "a resource is wanted")
        demand(all(ok or not w for ok, w in zip(usable, weights, strict=True)), "a row may be slack at another optimum")
        demand(_multiply_powers(rows, weights) == Monomial.of({name: 1}), f"the size of {name} is not determined")


def check_log_optimum(context: Context) -> None:
    """The powers y of log f at the optimum on a wall: a tied term is f^(-eta) L^(e.y + k); multipliers as above, g.y = 0."""
    given, body, proof = context.step.given, context.step.conclusion, context.step.certificate
    source, rates = context.premise("collect"), context.premise("learning-rate")
    demand(source.cell == context.step.cell == rates.cell, "the terms are for another cell")
    demand(given["derived"] == {"gamma": "learning-rate"}, "gamma is derived from the learning rate")
    (rate,), (loss, first) = terms_of(rates), _common_optimum(context)
    first["gamma"] = rate.monomial.rate(first)
    tied = [t for t in terms_of(source) if t.monomial.rate(first) + loss == 0]
    powers, cost = {n: parse_ratio(x) for n, x in body["sizes"].items()}, decode_monomial(given["cost"])
    demand(set(powers) == set(given["resources"]) and not cost.rate(powers), "the powers of log f do not keep the budget")
    values = [t.monomial.rate(powers) + _count_logs(t, first) for t in tied]
    log_loss, basis, mu = parse_ratio(body["loss"]), proof["basis"], _read(proof["multipliers"])
    demand(all(type(i) is int and 0 <= i < len(tied) for i in basis), "the basis names tied terms by their places")
    demand(len(basis) == len(given["resources"]) == len(set(basis)), "a multiplier is missing")
    demand(sum(mu, Ratio.of(0)) == 1 and all(values[i] == log_loss for i in basis), "the basis does not tie")
    demand(_multiply_powers((tied[i].monomial for i in basis), mu) == cost**-loss, "the multipliers are not those of the cost")
    pairs = zip([*mu, *(log_loss - v for v in values)], proof["signs"], strict=True)
    firm = [prove_non_negative(value, context.cell, sign, "log powers") for value, sign in pairs]
    demand(all(firm[: len(mu)]), "a multiplier vanishes")
    powers["gamma"] = rate.monomial.rate(powers) + _count_logs(rate, first)
    active = [t for t, slack in zip(tied, firm[len(mu) :], strict=True) if not slack]
    iterated = any(not m.rate(first) and m.rate(powers) for t in active for m, _ in t.logs)
    demand(body["iterated"] is iterated, "whether log log f occurs is stated wrongly")


def _common_optimum(context: Context) -> tuple[Ratio, dict[str, Ratio]]:
    """The loss exponent and sizes that the neighbouring optima have in common on the wall; the budget is theirs."""
    given, model = context.step.given, context.model(context.premise("collect"))
    solved = {n: parse_ratio(x) for n, x in given["substitution"].items()}
    for found, usual in ((model["eigenvalue"], "2*alpha"), (model["sums"]["B"]["weight"], "2*beta")):
        demand(parse_ratio(found) == parse_ratio(usual).substitute(solved), "the model is for another wall")
    optima, common = [p for p in context.premises if p.rule == "optimum"], []
    for p in optima:
        demand(p.given == {k: given[k] for k in p.given}, "the budget is not that of the neighbours")
        sizes = {n: parse_ratio(x).substitute(solved) for n, x in p.conclusion["sizes"].items()}
        common.append((parse_ratio(p.conclusion["loss"]).substitute(solved), sizes))
    demand(len(common) >= 2 and all(c == common[0] for c in common), "the neighbours do not agree on the wall")
    return common[0]


def _count_logs(term: Term, first: Mapping[str, Ratio]) -> Ratio:
    """The power of log f that the logarithms of a term give, where their arguments are powers of f."""
    return sum((k for m, k in term.logs if m.rate(first)), Ratio.of(0))


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
    (rate,), sizes = terms_of(rates), {n: parse_ratio(x) for n, x in optimum.conclusion["sizes"].items()}
    time = sizes["r"] + rate.monomial.exponent("d") * sizes["d"]
    gap = parse_ratio(context.model()["eigenvalue"]) * sizes["d"] - time
    demand(prove_sign(time, context.cell, proof["time"], "log theta") > 0, "theta must grow")
    if not prove_non_negative(gap, context.cell, proof["gap"], "the edge of the window"):
        demand(body == {"loss": None, "size": None}, "at the edge leading constants determine no prefactor")
        return
    first, second = (_find_term(t, terms_of(source)) for t in optimum.conclusion["tradeoff"])
    for what, wanted in zip(("loss", "size"), _find_prefactors(first, second), strict=True):
        demand(_is_one(decode_constant(body[what]) / wanted), f"the prefactor of the {what} is another")


def _find_prefactors(first: Term, second: Term) -> tuple[Constant, Constant]:
    """Loss and size at the minimum of the sum of two terms under f = B d r."""
    b, g = (t.monomial.exponent("r") for t in (first, second))
    m, n = first.monomial.exponent("d") - b, second.monomial.exponent("d") - g
    batch = Constant.of(Ratio.parameter("B"))
    balance, ratio = second.constant * (-n) / (first.constant * m), (g - b) / (m - n)
    size = balance ** (1 / (m - n)) * batch ** (-ratio)
    return first.constant * balance ** (m / (m - n)) * Constant.of(1 - m / n) * batch ** (-m * ratio - b), size


def _is_one(constant: Constant) -> bool:
    """Whether a positive constant is 1: each factor cancels, polynomials up to sign, numbers split into primes."""
    canonical, table = constant.canonical(), {}
    numbers = [(abs(canonical.coefficient), Ratio.of(1))]
    for atom, exponent in canonical.factors:
        polynomial, pieces = atom.arguments[0] if atom.head == "polynomial" else None, [(str(atom), 1)]
        if isinstance(polynomial, Ratio):
            content, factors = polynomial.factors()
            numbers.append((abs(content), exponent))
            pieces = [(str(q), e) for q, e in factors]
        for key, e in pieces:
            table[key] = table.get(key, Ratio.of(0)) + exponent * e
    for number, exponent in numbers:
        for part, sign in ((number.numerator, 1), (number.denominator, -1)):
            for prime, e in fmpz(part).factor():
                table[f"prime {prime}"] = table.get(f"prime {prime}", Ratio.of(0)) + exponent * (int(e) * sign)
    return bool(numbers[0][0]) and not any(table.values())


RULES: Final[Mapping[str, Rule]] = {
    "stated": check_stated, "optimum": check_optimum, "log-optimum": check_log_optimum, "prefactor": check_prefactor,
}
