"""Rules on terms in sizes and times: which lead, what an equation gives for an unknown, and which of two grows faster.

See docs/checker.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from proofs_check.framework import Context, demand, list_steps, read_ratios, same_terms, take, terms_of
from proofs_check.named_sums import DEFINITIONS, sums_above
from proofs_check.rules.expansions import evaluate_formula
from proofs_check.signs import drop_terms, prove_all, prove_inside, prove_sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, substitute
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_cell

SUPPLIERS: Final = "transfer|power-law|evaluate|corrections|send|truncate|average|simplices"


def check_send(context: Context) -> None:
    """The terms that stay when one resource grows and the others stand still; each other one has a negative power of it."""
    (premise,), name = take(context, "glue|collect|collect-flow"), context.step.given["resource"]
    terms = terms_of(premise)
    kept = [t for t in terms if not t.monomial.exponent(name)]
    demand(not any(m.exponent(name) for t in kept for m, _ in t.logs), "a logarithm grows")
    powers = [t.monomial.exponent(name) for t in terms if t.monomial.exponent(name)]
    for power, proof in zip(powers, context.step.certificate, strict=True):
        demand(prove_sign(power, context.cell, proof, "a dropped term") < 0, "a dropped term does not vanish")
    same_terms(context.terms, kept, "what remains", names=True)


def check_lead(context: Context) -> None:
    """The terms that lead along the rays of a cone; each other one is dominated."""
    (premise,), proofs, rays = take(context, SUPPLIERS), context.step.certificate, context.step.given["rays"]
    demand(premise.rule != "evaluate" or premise.given["rays"] in ([], rays), "the terms are for another cone")
    same_terms(context.terms, drop_terms(terms_of(premise), proofs, _read_rays(rays), context.cell), "the leading terms")


def _read_rays(rays: Sequence[Mapping[str, str]]) -> list[dict[str, Ratio]]:
    demand(bool(rays) and all(rays), "a cone has rays along which resources grow")
    return [read_ratios(ray) for ray in rays]


def check_join(context: Context) -> None:
    """One sum, constants aside, that in each of several cones is of the order of the cone's own terms."""
    premises, cones = take(context, *["lead|glue"] * len(context.premises), part=True), context.step.given["cones"]
    joined, shown, inner = {_bare(t) for t in context.terms}, set[Term](), set[bool]()
    same_terms(context.terms, joined, "constants are left out")
    stem = context.terms[0].name.rpartition("_")[0]
    numbered = [f"{stem}_{i + 1}" for i in range(len(context.terms))]
    demand([t.name for t in context.terms] == numbered, "the terms are numbered in one sequence")
    demand({i for cone in cones for i in cone["premises"]} == set(range(len(premises))), "every premise belongs to a cone")
    for cone, proofs in zip(cones, context.step.certificate, strict=True):
        inside = [premises[i] for i in cone["premises"]]
        inner |= _place_laws(context, inside, cone["rays"])
        own = {_bare(t) for s in inside for t in terms_of(s)}
        used = {n for t in own for n, _ in t.monomial.powers}
        demand(used <= {n for ray in cone["rays"] for n in ray}, "a term is for other resources")
        kept = drop_terms(sorted(own | joined, key=str), proofs, _read_rays(cone["rays"]), context.cell)
        demand(set(kept) == own & joined, "a proof is wanted for each other term")
        shown |= own & joined
    demand(len(inner) == 1, "laws inside cones are mixed with laws of limits")
    demand(shown == joined, "a term belongs to no cone")


def _bare(term: Term) -> Term:
    return Term(term.monomial, logs=term.logs)


def _place_laws(context: Context, inside: Sequence[Step], rays: Sequence[Mapping[str, str]]) -> set[bool]:
    """Whether the laws are those of the cone (True), or in one resource alone, the others out of the way."""
    pieces = [p for s in inside for p in ([s] if s.rule == "lead" else map(context.lookup.__getitem__, s.premises))]
    demand(all(p.rule == "lead" for p in pieces), "leading terms are wanted")
    found = [p.given["rays"] for p in pieces]
    demand(all(r in (rays, r[:1]) for r in found), "a premise is for another cone")
    return {r == rays for r in found}


def check_join_exact(context: Context) -> None:
    """As `join`, at late times without ridge and noise, where exact identities bound the loss across N = P."""
    known, cones = DEFINITIONS["ridgeless"], context.step.given["cones"]
    *leads, data, width = take(context, "lead", "lead", "identity", "identity", part=True)
    for premise, (name, text) in zip((data, width), known["identities"].items(), strict=True):
        same = parse_ratio(premise.conclusion["equations"][name]) == parse_ratio(text)
        demand(same and not premise.given.get("modulo"), "the variances are wanted as exact identities")
    sums_above(context)  # refuses a name with two meanings
    for cone, (larger, (equation, bound)) in zip(cones, known["bounds"].items(), strict=True):
        side = [{"N": "0", "P": "0", larger: "1"}, {"N": "1", "P": "1"}]
        demand(cone["rays"] == side, "a cone is the side of one larger size")
        (place,) = cone["premises"]
        source = context.lookup[leads[place].premises[0]]
        demand(source.rule == "evaluate" and source.given["equation"] == equation, "the loss of this side is wanted")
        rest = parse_ratio(source.given["formula"]).substitute(dict.fromkeys(source.given["small"], Ratio.of(0)))
        demand(source.given["unknown"] == "L" and rest == parse_ratio(bound), "the terms are not those of the bound")
    check_join(replace(context, premises=tuple(leads)))


def check_invert(context: Context) -> None:
    """kappa in N or P: put into the leading term of dof, which at late times is the smaller size, it gives that size."""
    (identity, lead), size = take(context, "identity", "lead"), context.step.given["size"]
    balance = parse_ratio(identity.conclusion["equations"]["late-balance"])
    demand(balance == parse_ratio(DEFINITIONS["balance"]) and not identity.given.get("modulo"), "the late balance is wanted")
    (kappa,), (dof,) = context.terms, _read_leading(context, lead, "dof")
    demand(size in ("N", "P") and not kappa.logs and not dof.logs, "a size is N or P, and without logarithms")
    same_terms([substitute(dof, {"u": kappa})], [Term(Monomial.of({size: 1}))], "dof at kappa")


def check_regularise(context: Context) -> None:
    """kappa with the ridge 1/q in a cone where the ridge, or one size, limits dof: kappa is 1/q, or dof is that size."""
    (identity, lead), size, rays = take(context, "identity", "lead"), context.step.given["size"], context.step.given["rays"]
    balance, q = parse_ratio(identity.conclusion["equations"]["ridge-balance"]), Ratio.parameter("q")
    wanted = parse_ratio(DEFINITIONS["balance"]) + 1 / q
    demand(balance == wanted and not identity.given.get("modulo"), "the balance with a ridge is wanted, exactly")
    (kappa,), (dof,) = context.terms, _read_leading(context, lead, "dof")
    demand(not kappa.logs and not dof.logs, "no logarithms are expected")
    ridge, inside = Term(Monomial.of({"q": -1})), substitute(dof, {"u": kappa})
    if size == "1/q":
        same_terms([kappa], [ridge], "kappa")
        small = [inside.monomial * Monomial.of({n: -1}) for n in ("N", "P")]
    else:
        same_terms([inside], [Term(Monomial.of({size: 1}))], "dof at kappa")
        small = [Monomial.of({size: 1, {"N": "P", "P": "N"}[size]: -1}), ridge.monomial * kappa.monomial**-1]
    for monomial, proofs in zip([kappa.monomial, *small], context.step.certificate, strict=True):
        _check_decay(context, monomial, rays, proofs)


def _read_leading(context: Context, lead: Step, symbol: str) -> Sequence[Term]:
    """The leading terms of a named sum, which means the same in all steps above, as u = kappa tends to zero."""
    source = context.lookup[lead.premises[0]]
    same = source.rule == "power-law" and (source.given["symbol"], source.given["scale"]) == (symbol, "kappa")
    demand(same and symbol in sums_above(context), f"{symbol} is wanted, as a power law in kappa")
    demand(lead.given["rays"] == [{"u": "-1"}], f"the leading terms of {symbol} are wanted")
    return terms_of(lead)


def check_evaluate(context: Context) -> None:
    """An unknown, from an equation and the leading terms of the sums in it; `small` is set to zero."""
    given, count = context.step.given, len(context.premises) - 2
    identity, found, *leads = take(context, "identity", "invert|regularise", *["lead"] * count)
    formula, small = parse_ratio(given["formula"]), read_ratios(given["small"])
    _check_solution(given, identity, formula.substitute(small))
    _check_branch(context, identity, found)
    (kappa,) = terms_of(found)
    tables = {"kappa": [kappa]}
    demand(sorted(given["symbols"].values()) == list(range(2, count + 2)), "a symbol is wanted for each sum")
    for symbol, place in given["symbols"].items():
        tables[symbol] = [substitute(t, {"u": kappa}) for t in _read_leading(context, leads[place - 2], symbol)]
    demand(bool(small) == bool(given["rays"]) and small.keys() == context.step.certificate.keys(), "what is small needs proofs")
    for name, value in small.items():
        _check_small(context, name, evaluate_formula(value, tables))
    _check_factors(formula, small)
    leading = evaluate_formula(formula.substitute(dict.fromkeys(small, Ratio.of(0))), tables)
    same_terms(context.terms, leading, "the value")
    demand(len({(t.monomial, t.logs) for t in leading}) == len(context.terms), "terms cancel to leading order")


def _check_factors(formula: Ratio, small: Iterable[str]) -> None:
    """In numerator and denominator, what is small multiplies what stands there without it too."""
    for part in (formula.numerator, formula.denominator):
        stays = {tuple((n, e) for n, e in powers if n not in small) for powers in part.monomials()}
        demand(stays <= part.monomials().keys(), "a small symbol is compared with nothing that stays")


def _check_branch(context: Context, identity: Step, found: Step) -> None:
    """kappa is for the time, the branch and the cone of the equation: dof is a size at late times without a ridge alone."""
    above = list_steps([identity.id, found.id], context.lookup)
    settings = [(n, x) for s in above for at in (s.given or {}).get("at", []) for n, x in at.items()]
    sizes = {found.given["size"]} if found.rule == "invert" else set()
    demand(not {n for n, _ in settings} & set(context.step.given["zero"]), "the noise is set to something else above")
    demand({x for n, x in settings if n == "dof"} <= sizes, "kappa is for the other size, or for a ridge")
    demand(len({x for n, x in settings if n == "D"}) <= 1, "kappa is for another time or ridge")
    demand(found.rule == "invert" or found.given["rays"] == context.step.given["rays"], "kappa is for another cone")


def _check_solution(given: Any, identity: Step, value: Ratio) -> None:
    """The value solves the equation, which holds exactly, without noise or as it stands."""
    unknown, exact, zero = given["unknown"], not identity.given.get("modulo"), dict.fromkeys(given["zero"], Ratio.of(0))
    demand(exact and given["zero"] in ([], ["sigma2"]) and given["branch"] == {}, "only the noise is set to zero")
    equation = parse_ratio(identity.conclusion["equations"][given["equation"]]).substitute(zero)
    demand(unknown in equation.names and unknown not in value.names, "the unknown is to be found")
    demand(not equation.substitute({unknown: value}), "the formula does not solve the equation")


def _check_small(context: Context, name: str, terms: Iterable[Term]) -> None:
    """Each term of what a symbol stands for tends to zero."""
    for term, proofs in zip(terms, context.step.certificate[name], strict=True):
        demand(not term.logs, "no logarithms are expected")
        _check_decay(context, term.monomial, context.step.given["rays"], proofs)


def _check_decay(context: Context, power: Monomial, rays: Sequence[Mapping[str, str]], proofs: Sequence[Any]) -> None:
    """A monomial tends to zero or stands still on each ray, and tends to zero on one of them."""
    rates = (-power.rate(ray) for ray in _read_rays(rays))
    demand(any(prove_all(rates, context.cell, proofs, f"{power} is small")), f"{power} does not tend to zero")


def check_order(context: Context) -> None:
    """Which of two resources grows faster at an optimum."""
    (optimum,) = take(context, "optimum", part=True)
    first, second = (parse_ratio(optimum.conclusion["sizes"][n]) for n in context.step.given["resources"])
    sign = prove_sign(first - second, context.cell, context.step.certificate, "the difference")
    demand(context.step.conclusion == {"sign": sign}, "the other one grows faster")


def check_better(context: Context) -> None:
    """Of two ways to spend a budget, the first is the one whose loss falls faster; on a wall, with its power of the logarithm."""
    body, proof, solved = context.step.conclusion, context.step.certificate, read_ratios(context.step.given["substitution"])
    for optimum, inside in zip(context.premises, proof["inside"], strict=True):
        prove_inside(context.cell, decode_cell(optimum.cell), inside, "inside an optimum's cell", solved)
    (loss, log), second = (_read_loss(context, p, solved) for p in context.premises)
    sign = prove_sign(loss - second[0], context.cell, proof["difference"], "the difference")
    demand(sign > 0 or (not sign and log == second[1]), "the first is not the better one")
    demand(body == {"loss": str(loss), "log": str(log)}, "the exponent is another")


def _read_loss(context: Context, step: Step, solved: Mapping[str, Ratio]) -> tuple[Ratio, Ratio]:
    """The exponent and the power of the logarithm at an optimum, or at one on a wall that holds this place."""
    if step.rule == "optimum":
        return parse_ratio(step.conclusion["loss"]).substitute(solved), Ratio.of(0)
    demand(step.rule == "log-optimum" and step.conclusion["iterated"] is False, "two optima are wanted")
    wall = read_ratios(step.given["substitution"])
    demand(all(solved.get(n) == x.substitute(solved) for n, x in wall.items()), "the logarithms are for another wall")
    neighbour = next(context.lookup[p] for p in step.premises if context.lookup[p].rule == "optimum")
    loss, log = (parse_ratio(s.conclusion["loss"]).substitute(solved) for s in (neighbour, step))
    return loss, log


RULES: Final = {
    "send": check_send, "lead": check_lead, "join": check_join, "join-exact": check_join_exact, "invert": check_invert,
    "regularise": check_regularise, "evaluate": check_evaluate, "order": check_order, "better": check_better,
}
