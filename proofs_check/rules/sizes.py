"""Rules on terms in sizes and times: which lead, and what an equation gives for an unknown.

See docs/checker.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, demand, list_steps, read_ratios, same_terms, take, terms_of
from proofs_check.rules.equations import check_below, sums_above
from proofs_check.rules.expansions import evaluate_formula
from proofs_check.signs import drop_terms
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import UNIT, Term, merge_terms, substitute
from scaling_sym.claims.steps import Step, list_settings


def find_leading(context: Context) -> Iterable[Term]:
    """The terms that lead along the rays of a cone; each other one is dominated."""
    (premise,) = take(context, DEFINITIONS["leading"])
    gone = {n: Term(UNIT) for p in context.pieces(premise) if p.rule == "lead" for n in _list_resources(p.given["rays"])}
    laws = [s for s in (premise, *(context.lookup[p] for p in premise.premises)) if s.rule == "power-law"]
    demand(all(_converges(context, law) for law in laws), "the cell does not say that the sum converges")
    terms = terms_of(premise)
    demand(all(t == substitute(t, gone) for t in terms), "a resource that was sent to infinity stands there still")
    return _keep(context, terms, context.step.given["rays"], context.step.certificate)


def _converges(context: Context, law: Step) -> bool:
    """Whether s0 + c n > 1: it is a sum, with factors that are not below 1, of products of what the cell says is above 1."""
    given = context.lookup[law.premises[1]].given
    rate = parse_ratio(given["s0"]) + parse_ratio(given["c"]) * given["order"]
    above = {s.polynomial + 1 for s in context.cell.conditions if s.relation == ">"}
    large = bool(rate.names) and {*map(Ratio.parameter, rate.names)} <= above
    return large and rate.denominator == 1 and min(rate.monomials().values()) >= 1


def _list_resources(rays: Sequence[Mapping[str, str]]) -> set[str]:
    return {name for ray in rays for name in ray}


def _keep(context: Context, terms: Sequence[Term], rays: Sequence[Mapping[str, str]], proofs: Sequence[Any]) -> Sequence[Term]:
    """What stays where dominated powers are dropped; one whose terms cancel is not known, and must be among these."""
    demand(bool(rays) and all(rays), "a cone has rays along which resources grow")
    kept = drop_terms(sorted(set(map(_bare, terms)), key=str), proofs, [read_ratios(ray) for ray in rays], context.cell)
    found = merge_terms(replace(t, name="") for t in terms if _bare(t) in kept)
    known, powers = [t for t in found if t.constant.canonical().coefficient], {t.monomial for t in kept}
    demand(len(known) == len(kept) == len(powers), "terms cancel to leading order, or their logarithms may")
    return found


def _bare(term: Term) -> Term:
    return Term(term.monomial, logs=term.logs)


def join_cones(context: Context) -> Iterable[Term]:
    """One sum, constants aside, that in each of several cones is of the order of the cone's own terms."""
    premises, cones = take(context, *["lead|evaluate|glue"] * len(context.premises), part=True), context.step.given["cones"]
    joined, shown = dict.fromkeys(map(_bare, terms_of(context.step))), set[Term]()
    demand({i for cone in cones for i in cone["premises"]} == set(range(len(premises))), "every premise belongs to a cone")
    laws = [(p.given["rays"], cone["rays"]) for cone in cones for i in cone["premises"] for p in context.pieces(premises[i])]
    alike = all(own == rays for own, rays in laws) or all(len(own) == 1 for own, _ in laws)
    demand(alike, "a law is for another cone, or laws inside cones are mixed with laws of limits")
    for cone, proofs in zip(cones, context.step.certificate, strict=True):
        own = {_bare(t) for i in cone["premises"] for t in terms_of(premises[i])}
        names = {n for t in own for n, _ in t.monomial.powers}
        demand(names <= _list_resources(cone["rays"]), "a term is for other resources")
        kept = set(_keep(context, list(own | joined.keys()), cone["rays"], proofs))
        demand(kept <= own & joined.keys(), "a proof is wanted for each term that is not in the cone or in the sum")
        shown |= kept
    demand(shown == joined.keys(), "a term belongs to no cone")
    stem = terms_of(context.step)[0].name.rpartition("_")[0]
    return [replace(t, name=f"{stem}_{i}") for i, t in enumerate(joined, 1)]  # numbered, without constants


def join_exact(context: Context) -> Iterable[Term]:
    """As `join`, at late times without ridge and noise, where exact equations bound the loss across N = P."""
    known = DEFINITIONS["ridgeless"]
    demand(context.step.given["cones"] == known["cones"], "the two sides of N = P are wanted")
    for law, equation in zip(context.premises, known["equations"], strict=True):
        same = law.rule == "evaluate" and law.given["unknown"] == "L" and _read_exact(context, law) == parse_ratio(equation)
        demand(same, f"the loss by the equation {equation} is wanted")
    return join_cones(context)


def check_scale(context: Context) -> None:
    """kappa in a cone: of dof/N, dof/P, and the ridge over kappa, one is 1 and limits it; the others in the cone are small."""
    known, growing = DEFINITIONS["balance"][context.step.given["equation"]], _list_resources(context.step.given["rays"])
    (lead,) = check_below(context, known["below"], "lead")
    small = sum((x for n, x in read_ratios(known["sizes"]).items() if n in growing), parse_ratio(known["small"]))
    (found,) = _evaluate(context, terms_of(context.step), [lead], small)
    same_terms(found, [Term(UNIT)], "what limits kappa")


def _read_exact(context: Context, step: Step) -> Ratio:
    """The equation that a step names, of its first premise, which holds exactly."""
    identity = context.lookup[step.premises[0]]
    demand(not identity.given.get("modulo"), "an expansion is no exact equation")
    return parse_ratio(identity.conclusion["equations"][step.given["equation"]])


def _evaluate(context: Context, kappa: Sequence[Term], leads: Sequence[Step], *formulas: Ratio) -> list[Sequence[Term]]:
    """What leads in formulas of kappa, of resources of the cone, and of named sums, by their leading terms at kappa."""
    (scale,), sums, rays, tables = kappa, sums_above(context), context.step.given["rays"], {"kappa": kappa}
    for lead in leads:
        source = context.lookup[lead.premises[0]]
        known = source.rule == "power-law" and source.given["scale"] == "kappa" and source.given["symbol"] in sums
        demand(known and lead.given["rays"] == [{"u": "-1"}], "a sum, as a power law while kappa tends to zero, is wanted")
        tables[source.given["symbol"]] = [substitute(t, {"u": scale}) for t in terms_of(lead)]
    names = {n for formula in formulas for n in formula.names}
    demand(names <= tables.keys() | _list_resources(rays), "a name has no leading term")
    return [_keep(context, evaluate_formula(formula, tables), rays, proofs)
            for formula, proofs in zip(formulas, context.step.certificate, strict=True)]


def check_evaluate(context: Context) -> None:
    """An unknown that stands linearly in an exact equation: times what leads in its coefficient it is what leads in the rest.

    The noise is zero unless it is set above; dof may be set to the size in kappa, at late times without a ridge.
    """
    _, scale, *leads = take(context, "identity", "scale", *["lead"] * (len(context.premises) - 2))
    demand(context.step.given["rays"] == scale.given["rays"], "kappa is for another cone")
    settings, (kappa,) = list_settings(list_steps(context.step.premises[:2], context.lookup)), terms_of(scale)
    late = {("D", "0"), *(("dof", n) for n, _ in kappa.monomial.powers)}
    found = {(n, x) for n, x in settings if n in ("D", "dof")}
    demand(found <= late or found == {("D", "1/q")}, "kappa is for another size, time or ridge")
    noise = {} if "sigma2" in dict(settings) else {"sigma2": Ratio.of(0)}
    equation, unknown = _read_exact(context, context.step).substitute(noise).numerator, context.step.given["unknown"]
    slope, rest = equation.derivative(unknown), equation.substitute({unknown: Ratio.of(0)})
    demand(unknown not in slope.names, "the unknown does not stand there linearly")
    (below,), above = _evaluate(context, [kappa], leads, slope, -rest)
    same_terms([t * below for t in terms_of(context.step)], above, "the unknown times its coefficient")


RULES: Final = {
    "lead": find_leading, "join": join_cones, "join-exact": join_exact, "scale": check_scale, "evaluate": check_evaluate,
}
