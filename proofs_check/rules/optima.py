"""Optima: the largest term of a loss is smallest, within a budget, at the given sizes, on an open cell or a wall; prefactors.

For sizes x with g.x = 1, h.x = 0, x >= 0:  max_i e_i.x >= sum mu_i e_i.x = -eta + sum kappa_b x_b >= -eta, by multipliers with
sum mu_i e_i = -eta g + omega h + kappa. In monomials: prod m_i^(mu_i) = cost^(-eta) ... An exponent is a number and a multiple of
`LOG`, the power of f that log f is: positive, and below every number. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Final

from proofs_check.framework import DEFINITIONS, Context, Rule, demand, read_ratios, read_terms, take, terms_of
from proofs_check.signs import prove_all, prove_empty, prove_inside, prove_sign
from scaling_sym.algebra.constants import ONE, Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import UNIT, Monomial, Term, log_power
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_monomial, decode_term
from scaling_sym.claims.steps import Step

LOG: Final = Ratio.parameter("log f")  # a name that no text can have


def check_stated(context: Context) -> None:
    """Terms, resources and budget as somebody states them: `own_claims` compares them with the file, and nothing else may."""
    demand(not context.premises and context.step.certificate is None, "what is stated rests on nothing")


def read_place(step: Step) -> dict[str, Ratio]:
    """The parameters that are known, on a wall or in a corner; none on an open cell."""
    place = read_ratios(step.given.get("substitution", {}))
    free = {*LOG.names, *decode_cell(step.cell).names}.union(*(x.names for x in place.values()))
    demand(place.keys().isdisjoint(free), "a parameter that is known is no parameter of what is stated")
    return place


def read_exponents(optimum: Step, place: Mapping[str, Ratio]) -> dict[str, Ratio]:
    """The exponents of the loss (positive: it decays) and of the sizes that are determined, at a place on the optimum's wall."""
    body, wall = optimum.conclusion, read_place(optimum)
    here = optimum.rule == "optimum" and all(place.get(n) == x.substitute(place) for n, x in wall.items())
    demand(here, "an optimum is wanted, on no other wall")
    found = _add_logs({**body["sizes"], "loss": body["loss"]}, body.get("logs", {}))
    return {n: x.substitute(place) for n, x in found.items()}


def _add_logs(powers: Mapping[str, str], logs: Mapping[str, str]) -> dict[str, Ratio]:
    demand(logs.keys() <= powers.keys(), "a power of log f stands without a power of f")
    return {n: parse_ratio(x) + LOG * parse_ratio(logs.get(n, "0")) for n, x in powers.items()}


def split_logs(exponent: Ratio) -> tuple[Ratio, Ratio]:
    """The powers of f and of log f."""
    power = exponent.substitute({"log f": Ratio.of(0)})
    return power, (exponent - power) / LOG


def _lead(exponent: Ratio) -> Ratio:
    """What has the sign of an exponent: the power of f, or of log f where that one vanishes."""
    power, log = split_logs(exponent)
    return power or log


def check_optimum(context: Context) -> None:
    """Sizes within the budget, and multipliers that prove that at no others the largest term is smaller."""
    body, proof, place = context.step.conclusion, context.step.certificate, read_place(context.step)
    (terms, rates), found = _place_terms(context, place), read_exponents(context.step, place)
    loss, sizes = -found.pop("loss"), _add_logs(proof["powers"], proof.get("logs", {}))
    at = sizes | {name: _find_growth(rate, sizes) for name, rate in rates.items()}
    gaps = [_lead(loss - _find_growth(term, at)) for term in terms]
    prove_all(gaps, context.cell, proof["gaps"], "the other terms")
    basis, tied = [terms[i] for i in proof["basis"]], [t for t, gap in zip(terms, gaps, strict=True) if not gap]
    demand(all(t in tied for t in basis), "the terms of the trade-off do not tie")
    demand([decode_term(t) for t in body["tradeoff"]] == basis, "the terms of the trade-off are others")
    demand(bool(place) or not any(t.logs for t in tied), "a term with logarithms ties")
    determined = _check_multipliers(context, [t.monomial for t in basis], sizes, split_logs(loss)[0])
    demand(found == {n: sizes[n] for n in determined}, "the sizes that are determined are others")
    if determined != sizes.keys():  # then a logarithm is of a resource that another term holds: it cannot stand still
        held = [[n for n, _ in t.monomial.powers] for t in terms if not split_logs(loss - t.monomial.rate(at))[0]]
        sure = all(len(m.powers) == 1 and [n for n, _ in m.powers] in held for t in basis for m, _ in t.logs)
        demand(sure, "the argument of a logarithm may stand still")
    arguments = [split_logs(m.rate(at)) for t in tied for m, _ in t.logs]
    iterated = any(log and not power for power, log in arguments)
    demand(body.get("iterated", False) is iterated, "whether log log f occurs is stated wrongly")


def _find_growth(term: Term, sizes: Mapping[str, Ratio]) -> Ratio:
    """The exponent of a term; the logarithm of a power of f is log f."""
    return term.monomial.rate(sizes) + LOG * log_power(term.logs, {n: split_logs(x)[0] for n, x in sizes.items()})


def _place_terms(context: Context, place: Mapping[str, Ratio]) -> tuple[list[Term], dict[str, Term]]:
    """The terms whose cells contain the step's cell, with their learning rate; all others are proved to lie apart from it."""
    given, cell, sources = context.step.given, context.cell, list[Step]()
    (kind,) = {s.rule for p in context.premises for s in context.pieces(p)}
    budget = {k: given[k] for k in ("resources", "cost", "fixed")}
    known = [p.given for p in context.premises] if kind == "stated" else [DEFINITIONS["budgets"][kind] or budget]
    demand(all(budget == k for k in known), "resources and budget are others")
    for source, proof in zip(context.premises, context.step.certificate["pieces"], strict=True):
        if "inside" in proof:
            prove_inside(cell, decode_cell(source.cell), proof["inside"], "inside the terms' cell", place)
            sources.append(source)
        else:
            prove_empty(cell.meet(decode_cell(source.cell)), proof["outside"], "outside the terms' cell")
    terms, rates = [t for source in sources for t in read_terms(source.conclusion, place)], _find_rates(context, sources)
    names = {n for t in terms for m in (t.monomial, *(m for m, _ in t.logs)) for n, _ in m.powers}
    demand(names <= {*given["resources"], *rates}, "terms in the resources are wanted")
    return terms, rates


def _find_rates(context: Context, sources: Iterable[Step]) -> dict[str, Term]:
    """The learning rate on which terms rest, as gamma: one for SGD, none for others."""
    rates = {t for source in sources for s in context.ancestors("learning-rate", below=source) for t in terms_of(s)}
    demand(len(rates) <= 1, "the terms rest on several learning rates")
    return dict.fromkeys(["gamma"], rates.pop()) if rates else {}


def _check_multipliers(context: Context, basis: Sequence[Monomial], sizes: Mapping[str, Ratio], loss: Ratio) -> set[str]:
    """The budget, and a mean of terms that bounds the largest one from below; the resources whose sizes are determined."""
    given, proof, cell = context.step.given, context.step.certificate, context.cell
    planes, idle = [decode_monomial(m) for m in (given["cost"], *given["fixed"])], [Monomial.of({n: 1}) for n in proof["idle"]]
    limits = [*planes, *idle]
    demand(sizes.keys() == set(given["resources"]), "powers are wanted for every resource")
    kept = [m.rate(sizes) for m in limits] == [1, *[0] * (len(limits) - 1)]
    demand(kept, "the sizes do not keep the budget, or an idle resource grows")
    prove_all([_lead(sizes[n]) for n in given["resources"]], cell, proof["sizes"], "the sizes")
    mu, nu = ([parse_ratio(x) for x in proof[k]] for k in ("multipliers", "limits"))
    demand(sum(mu, Ratio.of(0)) == 1, "the multipliers do not add up to one")
    rows = [*basis, *limits]
    demand(not _combine(rows, [*mu, -loss, *(-x for x in nu)]).powers, "the multipliers do not balance")
    firm = prove_all([*mu, *nu[len(planes) - 1 :]], cell, proof["signs"], "the multipliers")
    tight = [*firm[: len(mu)], *(True for _ in planes), *firm[len(mu) :]]
    for name, texts in proof["determined"].items():
        weights = [parse_ratio(x) for x in texts]
        demand(all(ok or not w for ok, w in zip(tight, weights, strict=True)), "a row may be slack at another optimum")
        demand(_combine(rows, weights) == Monomial.of({name: 1}), f"the size of {name} is not determined")
    return {*proof["determined"]}


def _combine(rows: Sequence[Monomial], powers: Sequence[Ratio]) -> Monomial:
    return prod((row**power for row, power in zip(rows, powers, strict=True)), start=UNIT)


def check_order(context: Context) -> dict[str, int]:
    """Which of two exponents at optima is the larger one, on a part of the cells of both, or at a place inside them."""
    proof, place = context.step.certificate, read_place(context.step)
    for optimum, inside in zip(context.premises, proof["inside"], strict=True):
        demand(not optimum.conclusion.get("iterated"), "a law contains log log")
        prove_inside(context.cell, decode_cell(optimum.cell), inside, "inside an optimum's cell", place)
    names = context.step.given["exponents"]
    first, second = (read_exponents(p, place)[n] for p, n in zip(context.premises, names, strict=True))
    return {"sign": prove_sign(_lead(first - second), context.cell, proof["difference"], "the difference")}


def check_prefactor(context: Context) -> None:
    """The constants of loss and size at the optimum; none where the optimum lies on the edge of the window of its terms."""
    body, proof, (optimum,) = context.step.conclusion, context.step.certificate, take(context, "optimum")
    places, sizes = optimum.certificate["pieces"], read_exponents(optimum, {})
    (source,) = (context.lookup[p] for p, place in zip(optimum.premises, places, strict=True) if "inside" in place)
    demand(context.pieces(source)[0].rule == "collect", "the loss of SGD, with its constants, is wanted")
    rate, edge = _find_rates(context, [source])["gamma"], parse_ratio(context.model()["c"])
    time = sizes["r"] + rate.monomial.exponent("d") * sizes["d"]
    demand(prove_sign(time, context.cell, proof["time"], "log theta") > 0, "theta must grow")
    if not all(prove_all([edge * sizes["d"] - time], context.cell, [proof["gap"]], "the edge of the window")):
        demand(body == {"loss": None, "size": None}, "at the edge leading constants determine no prefactor")
        return
    terms, size = [decode_term(t) for t in optimum.conclusion["tradeoff"]], decode_constant(body["size"])
    slopes = [t.monomial.exponent("d") - t.monomial.exponent("r") for t in terms]
    batch = Constant.of(Ratio.parameter("B"))
    one, two = (t.constant * size**m * batch ** -t.monomial.exponent("r") for t, m in zip(terms, slopes, strict=True))
    balance = one * slopes[0] / (two * -slopes[1])
    demand(balance.canonical() == ONE, "the sum of the two terms is not smallest at this size")
    share = one * (1 - slopes[0] / slopes[1]) / decode_constant(body["loss"])
    demand(share.canonical() == ONE, "the prefactor of the loss is another")


RULES: Final[Mapping[str, Rule]] = {
    "stated": check_stated, "optimum": check_optimum, "prefactor": check_prefactor,
    **dict.fromkeys(("order", "better"), check_order),
}
