"""Optima: the largest term of a loss is smallest, within a budget, at the given sizes; log powers on walls; prefactors.

For sizes x with g.x = 1, h.x = 0, x >= 0:  max_i e_i.x >= sum mu_i e_i.x = -eta + sum kappa_b x_b >= -eta, by multipliers with
sum mu_i e_i = -eta g + omega h + kappa. In monomials: prod m_i^(mu_i) = cost^(-eta) ... See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from proofs_check.framework import DEFINITIONS, Context, Rule, demand, read_ratios, take, terms_of
from proofs_check.signs import prove_all, prove_empty, prove_inside, prove_sign
from scaling_sym.algebra.constants import ONE, Constant, whole
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, log_power
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_monomial, decode_term
from scaling_sym.claims.steps import Step

Powers = tuple[Ratio, Mapping[str, Ratio]]  # of f, or of log f: in the loss, and in each of the resources


def check_stated(context: Context) -> None:
    """Terms, resources and budget as somebody states them: `own_claims` compares them with the file, and nothing else may."""
    demand(not context.premises and context.step.certificate is None, "what is stated rests on nothing")


def check_optimum(context: Context) -> None:
    """The optimum on an open cell, where the loss is a single power of the budget."""
    body, terms = context.step.conclusion, _place_terms(context, context.premises, {})
    point = read_ratios(context.step.certificate["powers"])
    basis, tied, sizes = _check_programme(context, terms, (-parse_ratio(body["loss"]), point), (Ratio.of(0), {}))
    demand([decode_term(t) for t in body["tradeoff"]] == basis, "the terms of the trade-off are others")
    demand(not any(t.logs for t in tied), "a term with logarithms ties")
    demand(read_ratios(body["sizes"]) == {n: point[n] for n in sizes}, "the sizes that are determined are others")


def check_log_optimum(context: Context) -> None:
    """The optimum on a wall, where its neighbours agree, with the powers of log f; whether the law contains log log f."""
    body, proof, (source, *optima) = context.step.conclusion, context.step.certificate, context.premises
    solved = read_ratios(context.step.given["substitution"])
    check_plane([source, *context.ancestors(below=source)], solved, min(solved))
    terms, loss = _place_terms(context, [source], solved), parse_ratio(proof["loss"])
    first, second = read_ratios(proof["powers"]), read_ratios(proof["logs"])
    demand(first.keys() == second.keys() == set(context.step.given["resources"]), "powers are wanted for every resource")
    for rate in _find_rates(context, source):
        first["gamma"] = rate.monomial.rate(first)
        second["gamma"] = rate.monomial.rate(second) + log_power(rate.logs, first)
    basis, tied, sizes = _check_programme(context, terms, (-loss, first), (parse_ratio(body["loss"]), second))
    demand(read_ratios(body["sizes"]) == {n: second[n] for n in sizes}, "the powers of log f that are determined are others")
    around = [p.rule == "optimum" and p.given.items() <= context.step.given.items() for p in optima]
    demand(bool(optima) and all(around), "the optima around the wall, in its budget, are wanted")
    wanted = {"loss": loss, **{n: first[n] for n in sizes}}
    for optimum, proofs in zip(optima, proof["around"], strict=True):
        found, cell = read_exponents(optimum), decode_cell(optimum.cell)
        prove_all([s.positive.substitute(solved) for s in cell.conditions], context.cell, proofs, "the wall at its side")
        demand(all(found[n].substitute(solved) == x for n, x in wanted.items()), "a neighbour has another optimum on the wall")
    if not first.keys() <= {"gamma", *sizes}:
        _check_growth([m for t in basis for m, _ in t.logs], [t.monomial for t in terms if t.monomial.rate(first) == -loss])
    iterated = any(not m.rate(first) and m.rate(second) for t in tied for m, _ in t.logs)
    demand(body["iterated"] is iterated, "whether log log f occurs is stated wrongly")


def read_exponents(optimum: Step) -> dict[str, Ratio]:
    """The exponents of the loss (positive: it decays) and of the sizes that are determined."""
    return read_ratios({**optimum.conclusion["sizes"], "loss": optimum.conclusion["loss"]})


def _check_growth(arguments: Iterable[Monomial], tied: Iterable[Monomial]) -> None:
    """Where sizes are free, a logarithm is of a resource in whose powers alone another term ties: it cannot stand still."""
    held = [{n for n, _ in m.powers} for m in tied]
    for names in ({n for n, _ in m.powers} for m in arguments):
        demand(len(names) == 1 and names in held, "the argument of a logarithm may stand still")


def _place_terms(context: Context, sources: Sequence[Step], solved: Mapping[str, Ratio]) -> list[Term]:
    """The terms, on a wall, whose cells contain the step's cell; all others must be proved to lie apart from it."""
    given, found, cell = context.step.given, list[Term](), context.cell
    budget, (kind,) = {k: given[k] for k in ("resources", "cost", "fixed")}, {s.rule for p in sources for s in context.pieces(p)}
    known = [p.given for p in sources] if kind == "stated" else [DEFINITIONS["budgets"][kind] or budget]
    demand(all(budget == k for k in known), "resources and budget are others")
    for source, place in zip(sources, context.step.certificate["pieces"], strict=True):
        if "inside" in place:
            prove_inside(cell, decode_cell(source.cell), place["inside"], "inside the terms' cell", solved)
            found += terms_of(source)
        else:
            prove_empty(cell.meet(decode_cell(source.cell)), place["outside"], "outside the terms' cell")
    demand({n for t in found for n, _ in t.monomial.powers} <= set(given["resources"]), "terms in the resources are wanted")
    return [replace(t, monomial=t.monomial.substitute(solved), logs=tuple((m.substitute(solved), k) for m, k in t.logs))
            for t in found]


def _check_programme(
    context: Context, terms: Sequence[Term], power: Powers, log: Powers
) -> tuple[list[Term], list[Term], Iterable[str]]:
    """A point within the budget, and multipliers that prove that no other is better.

    The loss is compared in powers of f, and where they tie in powers of log f. Returned are the terms that have multipliers, all
    that tie, and the resources whose sizes are the same at every optimum.
    """
    given, proof, (loss, first), (log_loss, second) = context.step.given, context.step.certificate, power, log
    planes, idle = [decode_monomial(m) for m in (given["cost"], *given["fixed"])], [Monomial.of({n: 1}) for n in proof["idle"]]
    limits = [*planes, *idle]
    kept = [m.rate(first) for m in limits] == [1, *[0] * (len(limits) - 1)] and not any(m.rate(second) for m in limits)
    demand(kept, "the sizes do not keep the budget, or an idle resource grows")
    prove_all([first[n] or second.get(n, first[n]) for n in given["resources"]], context.cell, proof["sizes"], "the sizes")
    gaps = [loss - t.monomial.rate(first) or log_loss - t.monomial.rate(second) - log_power(t.logs, first) for t in terms]
    prove_all(gaps, context.cell, proof["gaps"], "the other terms")
    basis, tied = [terms[i] for i in proof["basis"]], [t for t, gap in zip(terms, gaps, strict=True) if not gap]
    demand(all(t in tied for t in basis), "the terms of the trade-off do not tie")
    mu, nu = ([parse_ratio(x) for x in proof[k]] for k in ("multipliers", "limits"))
    demand(sum(mu, Ratio.of(0)) == 1, "the multipliers do not add up to one")
    rows = [*(t.monomial for t in basis), *limits]
    demand(not _multiply_powers(rows, [*mu, -loss, *(-x for x in nu)]).powers, "the multipliers do not balance")
    firm = prove_all([*mu, *nu[len(planes) - 1 :]], context.cell, proof["signs"], "the multipliers")
    tight = [*firm[: len(mu)], *(True for _ in planes), *firm[len(mu) :]]
    for name, texts in proof["determined"].items():
        _check_determined(name, rows, tight, [parse_ratio(x) for x in texts])
    return basis, tied, proof["determined"]


def _check_determined(name: str, rows: Sequence[Monomial], tight: Sequence[bool], weights: Sequence[Ratio]) -> None:
    """A size that is the same at every optimum: a combination of rows that are tight at each of them."""
    demand(all(ok or not w for ok, w in zip(tight, weights, strict=True)), "a row may be slack at another optimum")
    demand(_multiply_powers(rows, weights) == Monomial.of({name: 1}), f"the size of {name} is not determined")


def _multiply_powers(monomials: Iterable[Monomial], powers: Iterable[Ratio]) -> Monomial:
    total = Monomial()
    for monomial, power in zip(monomials, powers, strict=True):
        total = total * monomial**power
    return total


def _find_rates(context: Context, source: Step) -> list[Term]:
    """The learning rate on which terms rest, on their cell or its pieces: one for SGD, none for others."""
    found = context.ancestors("learning-rate", below=source)
    rates = list({t for s in found for t in terms_of(s)})
    here = source.rule == "glue" or all(s.cell == source.cell for s in found)
    demand(here and len(rates) <= 1, "the terms rest on several learning rates, or on that of another cell")
    return rates


def check_plane(steps: Iterable[Step], solved: Mapping[str, Ratio], name: str) -> None:
    """Refuse terms of a plane without this parameter, or of another wall, and sums whose poles coincide on this wall alone."""
    for step in steps:
        agree = step.given.get("wall", {}) if step.rule == "power-law" else {}
        if step.rule == "model":
            values = step.conclusion["c"], step.conclusion["w"]
            agree = dict(zip(DEFINITIONS["planes"][name], values, strict=True))
        same = (not (parse_ratio(x) - parse_ratio(y)).substitute(solved) for x, y in agree.items())
        demand(all(same), "a model or a sum is for another wall")
        if step.rule == "power-sum":
            place = (1 - parse_ratio(step.given["s0"])) / parse_ratio(step.given["c"])
            apart = place.is_constant or whole(place.substitute(solved)) is None
            demand(apart, "poles coincide on this wall, and the terms do not show it")


def check_prefactor(context: Context) -> None:
    """The constants of loss and size at the optimum; none where the optimum lies on the edge of the window of its terms."""
    body, proof, (optimum,) = context.step.conclusion, context.step.certificate, take(context, "optimum")
    places, sizes = optimum.certificate["pieces"], read_ratios(optimum.conclusion["sizes"])
    (source,) = (context.lookup[p] for p, place in zip(optimum.premises, places, strict=True) if "inside" in place)
    demand(context.pieces(source)[0].rule == "collect", "the loss of SGD, with its constants, is wanted")
    (rate,), edge = _find_rates(context, source), parse_ratio(context.model()["c"])
    time = sizes["r"] + rate.monomial.exponent("d") * sizes["d"]
    demand(prove_sign(time, context.cell, proof["time"], "log theta") > 0, "theta must grow")
    if not all(prove_all([edge * sizes["d"] - time], context.cell, [proof["gap"]], "the edge of the window")):
        demand(body == {"loss": None, "size": None}, "at the edge leading constants determine no prefactor")
        return
    terms, size = [decode_term(t) for t in optimum.conclusion["tradeoff"]], decode_constant(body["size"])
    slopes = [t.monomial.exponent("d") - t.monomial.exponent("r") for t in terms]
    batch = Constant.of(Ratio.parameter("B"))
    one, two = (t.constant * size**m * batch ** -t.monomial.exponent("r") for t, m in zip(terms, slopes, strict=True))
    demand(_is_one(one * slopes[0] / (two * -slopes[1])), "the sum of the two terms is not smallest at this size")
    loss = one * Constant.of(1 - slopes[0] / slopes[1])
    demand(_is_one(loss / decode_constant(body["loss"])), "the prefactor of the loss is another")


def _is_one(quotient: Constant) -> bool:
    """Whether a constant is 1, in canonical form and with its polynomials taken up to sign."""
    constant = quotient.canonical()
    total = Constant(abs(constant.coefficient))
    for atom, exponent in constant.factors:
        base = Constant.of(atom.polynomial or atom)
        total = total * Constant(abs(base.coefficient), base.factors) ** exponent
    return total == ONE


RULES: Final[Mapping[str, Rule]] = {
    "stated": check_stated, "optimum": check_optimum, "log-optimum": check_log_optimum, "prefactor": check_prefactor,
}
