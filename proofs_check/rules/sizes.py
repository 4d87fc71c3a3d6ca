"""Rules on terms in sizes and times: which lead, what an equation gives for an unknown, and which of two grows faster.

See docs/checker.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, demand, list_steps, read_ratios, same_terms, take, terms_of
from proofs_check.named_sums import sums_above
from proofs_check.rules.expansions import evaluate_formula
from proofs_check.signs import drop_terms, prove_inside, prove_sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import UNIT, Term, merge_terms, substitute
from scaling_sym.claims.codec import decode_cell
from scaling_sym.claims.steps import Step, list_settings


def check_lead(context: Context) -> None:
    """The terms that lead along the rays of a cone; each other one is dominated."""
    (premise,), rays, proofs = take(context, DEFINITIONS["leading"]), context.step.given["rays"], context.step.certificate
    demand(all(p.rule in DEFINITIONS["leading"].split("|") for p in context.pieces(premise)), "what was glued does not lead")
    gone = {n: Term(UNIT) for p in context.pieces(premise) if p.rule == "lead" for n in _list_resources(p.given["rays"])}
    terms = terms_of(premise)
    demand(all(t == substitute(t, gone) for t in terms), "a resource that was sent to infinity stands there still")
    same_terms(context.terms, _keep(context, terms, rays, proofs), "the leading terms")


def _list_resources(rays: Sequence[Mapping[str, str]]) -> set[str]:
    return {name for ray in rays for name in ray}


def _keep(context: Context, terms: Sequence[Term], rays: Sequence[Mapping[str, str]], proofs: Sequence[Any]) -> Sequence[Term]:
    """What stays where dominated powers are dropped; one whose terms cancel is not known, and must be among these."""
    demand(bool(rays) and all(rays), "a cone has rays along which resources grow")
    kept = drop_terms(sorted(set(map(_bare, terms)), key=str), proofs, [read_ratios(ray) for ray in rays], context.cell)
    found = merge_terms(replace(t, name="") for t in terms if _bare(t) in kept)
    demand(len([t for t in found if t.constant.canonical().coefficient]) == len(kept), "terms cancel to leading order")
    return found


def _bare(term: Term) -> Term:
    return Term(term.monomial, logs=term.logs)


def check_join(context: Context) -> None:
    """One sum, constants aside, that in each of several cones is of the order of the cone's own terms."""
    premises, cones = take(context, *["lead|evaluate|glue"] * len(context.premises), part=True), context.step.given["cones"]
    joined, shown = dict.fromkeys(map(_bare, context.terms)), set[Term]()
    stem = context.terms[0].name.rpartition("_")[0]
    numbered = (Term(t.monomial, logs=t.logs, name=f"{stem}_{i + 1}") for i, t in enumerate(joined))
    same_terms(context.terms, numbered, "different powers, numbered, without constants", names=True)
    demand({i for cone in cones for i in cone["premises"]} == set(range(len(premises))), "every premise belongs to a cone")
    laws = [(p.given["rays"], cone["rays"]) for cone in cones for i in cone["premises"] for p in context.pieces(premises[i])]
    alike = all(own == rays for own, rays in laws) or all(len(own) == 1 for own, _ in laws)
    demand(alike, "a law is for another cone, or laws inside cones are mixed with laws of limits")
    for cone, proofs in zip(cones, context.step.certificate, strict=True):
        own = {_bare(t) for i in cone["premises"] for t in terms_of(premises[i])}
        demand({n for t in own for n, _ in t.monomial.powers} <= _list_resources(cone["rays"]), "a term is for other resources")
        kept = set(_keep(context, list(own | joined.keys()), cone["rays"], proofs))
        demand(kept <= own & joined.keys(), "a proof is wanted for each term that is not in the cone or in the sum")
        shown |= kept
    demand(shown == joined.keys(), "a term belongs to no cone")


def check_join_exact(context: Context) -> None:
    """As `join`, at late times without ridge and noise, where exact equations bound the loss across N = P."""
    for cone, (name, (text, rays)) in zip(context.step.given["cones"], DEFINITIONS["ridgeless"].items(), strict=True):
        (law,) = (context.premises[i] for i in cone["premises"])
        demand(cone["rays"] == rays and law.rule == "evaluate", "the loss on the two sides of N = P is wanted")
        found = law.given["unknown"], parse_ratio(context.lookup[law.premises[0]].conclusion["equations"][law.given["equation"]])
        demand(found == ("L", parse_ratio(text)), f"the equation {name} is wanted")
    check_join(context)


def check_scale(context: Context) -> None:
    """kappa in a cone: of dof/N, dof/P, and the ridge over kappa, one is 1 and limits it; the others in the cone are small."""
    (_, lead), known = take(context, "identity", "lead"), DEFINITIONS["balance"]
    growing = _list_resources(context.step.given["rays"])
    ridge = 1 / Ratio.parameter("q") if "q" in growing else Ratio.of(0)
    demand(_read_exact(context) == parse_ratio(known["equation"]).substitute({"D": ridge}), "the balance is wanted")
    small = sum((x for n, x in read_ratios(known["shares"]).items() if n in growing), Ratio.parameter("kappa"))
    tables = _read_tables(context, [lead], *context.terms)
    same_terms(_find_leading(context, small, tables, context.step.certificate), [Term(UNIT)], "what limits kappa")


def _read_exact(context: Context) -> Ratio:
    """The equation that is named, of the first premise, which holds exactly."""
    identity, name = context.premises[0], context.step.given["equation"]
    demand(not identity.given.get("modulo"), "an expansion is no exact equation")
    return parse_ratio(identity.conclusion["equations"][name])


def _read_tables(context: Context, leads: Sequence[Step], kappa: Term) -> dict[str, list[Term]]:
    """kappa, and the leading terms at it of named sums, which mean the same in all steps above."""
    tables, sums = {"kappa": [kappa]}, sums_above(context)
    for lead in leads:
        source = context.lookup[lead.premises[0]]
        known = source.rule == "power-law" and source.given["scale"] == "kappa" and source.given["symbol"] in sums
        demand(known and lead.given["rays"] == [{"u": "-1"}], "a sum, as a power law while kappa tends to zero, is wanted")
        tables[source.given["symbol"]] = [substitute(t, {"u": kappa}) for t in terms_of(lead)]
    return tables


def _find_leading(context: Context, formula: Ratio, tables: Mapping[str, list[Term]], proofs: Sequence[Any]) -> Sequence[Term]:
    """What leads in a formula of named sums and the resources of the cone."""
    rays = context.step.given["rays"]
    demand({*formula.names} <= tables.keys() | _list_resources(rays), "a name has no leading term")
    return _keep(context, evaluate_formula(formula, tables), rays, proofs)


def check_evaluate(context: Context) -> None:
    """An unknown that stands linearly in an exact equation: times what leads in its coefficient it is what leads in the rest."""
    _, scale, *leads = take(context, "identity", "scale", *["lead"] * (len(context.premises) - 2))
    given, (kappa,) = context.step.given, terms_of(scale)
    tables = _read_tables(context, leads, kappa)
    demand(given["rays"] == scale.given["rays"], "kappa is for another cone")
    settings = list_settings(list_steps(context.step.premises[:2], context.lookup))
    noise = {} if any(n == "sigma2" for n, _ in settings) else {"sigma2": Ratio.of(0)}
    late = {("D", "0"), *(("dof", n) for n, _ in kappa.monomial.powers)}
    found = {(n, x) for n, x in settings if n in ("D", "dof")}
    demand(found <= late or found == {("D", "1/q")}, "kappa is for another size, time or ridge")
    equation, unknown = _read_exact(context).substitute(noise).numerator, given["unknown"]
    slope, rest = equation.derivative(unknown), equation.substitute({unknown: Ratio.of(0)})
    demand(unknown not in slope.names, "the unknown does not stand there linearly")
    (below,), above = (_find_leading(context, x, tables, proofs)
                       for x, proofs in zip((slope, -rest), context.step.certificate, strict=True))
    same_terms([t * below for t in context.terms], above, "the unknown times its coefficient")


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
    (loss, log), second = (_read_loss(p, solved) for p in context.premises)
    sign = prove_sign(loss - second[0], context.cell, proof["difference"], "the difference")
    demand(sign > 0 or (not sign and log == second[1]), "the first is not the better one")
    demand(body == {"loss": str(loss), "log": str(log)}, "the exponent is another")


def _read_loss(step: Step, solved: Mapping[str, Ratio]) -> tuple[Ratio, Ratio]:
    """The exponent and the power of the logarithm at an optimum, or at one on a wall that holds this place."""
    body, wall = step.conclusion, read_ratios(step.given.get("substitution", {}))
    demand(step.rule in ("optimum", "log-optimum") and not body.get("iterated"), "two optima are wanted, without log log")
    demand(all(solved.get(n) == x.substitute(solved) for n, x in wall.items()), "the logarithms are for another wall")
    loss, log = (step.certificate["loss"], body["loss"]) if step.rule == "log-optimum" else (body["loss"], "0")
    return parse_ratio(loss).substitute(solved), parse_ratio(log).substitute(solved)


RULES: Final = {
    "lead": check_lead, "join": check_join, "join-exact": check_join_exact, "scale": check_scale, "evaluate": check_evaluate,
    "order": check_order, "better": check_better,
}
