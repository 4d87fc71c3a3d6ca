"""Rules on the equations of a model, its fields and sums over modes, by exact algebra; an equation is what vanishes.

Trusted: what stands in definitions.json, and that sources are independent. See docs/checker.md.
"""

from __future__ import annotations

from math import inf
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, Rule, demand, read_ratios, take
from proofs_check.named_sums import SHARED, combine_sums, prime, sums_above
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import ZERO, Ratio
from scaling_sym.claims.steps import Step


def check_definition(context: Context) -> None:
    """A model, or a formula that is trusted, is word by word as it stands in definitions.json, below what it rests on."""
    step = context.step
    found = [d for d in DEFINITIONS[step.rule] if step.given == d.get("given") and agrees(step.conclusion, d["conclusion"])]
    demand(len(found) == 1, "the definition is not one that the checker knows")
    demand({*found[0].get("cell", ())} <= {*step.cell}, "the formula is for another range")
    below = found[0].get("below", {})
    premises = take(context, *["identity"] * len(below))
    for premise, (name, (equation, sums, *order)) in zip(premises, below.items(), strict=True):
        same = premise.conclusion["equations"][name] == equation and premise.given.get("modulo") in (None, *order)
        demand(same, f"the equation {name} is wanted below, exactly or to its order")
        demand(read_ratios(sums).items() <= sums_above(context).items(), f"a sum in {name} is another")


def agrees(body: Any, wanted: Any) -> bool:
    """Whether a body is word by word what is wanted; `*` is any function of the exponents."""
    if isinstance(wanted, dict):
        return isinstance(body, dict) and body.keys() == wanted.keys() and all(agrees(body[k], wanted[k]) for k in wanted)
    return {*parse_ratio(body).names} <= {*DEFINITIONS["exponents"]} if wanted == "*" else bool(body == wanted)


def check_total(context: Context) -> None:
    """A response or a correlation, summed over modes: a field's derivatives by its independent sources give it."""
    define, solved = take(context, "define", "identity")
    ((name, equation),) = read_ratios(context.step.conclusion["equations"]).items()
    model, known = define.conclusion, sums_above(context)
    field, source, weight = model["totals"][name]
    value = Ratio.parameter(field) - parse_ratio(solved.conclusion["equations"][field])
    demand(solved.premises == (define.id,) and solved.given.keys() == {"nonzero"}, "the field is wanted without restrictions")
    demand(not {*model["fields"]} & {*value.names}, "a field is left in the solution")
    spread = [value.derivative(s) * prime(value.derivative(s)) * c for s, c in read_ratios(model.get(source, {})).items()]
    summand = (sum(spread, ZERO) if spread else value.derivative(source)) * parse_ratio(weight or "1")
    sums = {n: known[n] for n in context.step.given["sums"]} | {name: summand}
    rest = combine_sums(equation, sums) if weight else equation.substitute({name: summand})
    demand(not rest, "another response, correlation or sum")


def check_identity(context: Context) -> None:
    """Each equation, on a mode where sums are named, is a combination of equations of the premises and of restrictions."""
    given, proofs, divisors = context.step.given, context.step.certificate, set[Ratio]()
    equations, known, sums = read_ratios(context.step.conclusion["equations"]), _read_equations(context), sums_above(context)
    totals = {n for s in context.ancestors("define") for n in s.conclusion.get("totals", ())}
    where = read_ratios(given.get("where", {}))
    demand(not where.keys() & {*DEFINITIONS["frequencies"]}, "totals may be infinite where a frequency is set to a value")
    known |= {n: (Ratio.parameter(n) - value, inf) for n, value in where.items()}
    own, order = {n: sums[n] for n in given.get("sums", {})}, given.get("modulo") or inf
    demand(bool(equations) and equations.keys() == proofs.keys(), "each equation needs its cofactors")
    for name, equation in equations.items():
        total = ZERO
        for source, cofactor in read_ratios(proofs[name]).items():
            demand(source in known, f"{source} is not an equation of the premises")
            demand(known[source][1] + order_at_zero(cofactor) >= order, "an expansion is used beyond its order")
            divisors |= {f for f, _ in cofactor.denominator.factors()[1]}
            total = total + cofactor * known[source][0]
        for values in map(read_ratios, given.get("at", [])):
            used = [n for n in total.names if n in sums and values.keys() & {*sums[n].names}]
            used += [n for n in total.names if n in totals and values.keys() & {*DEFINITIONS["frequencies"]}]
            demand(not used, f"{used} depend on what is set to a value")
            total = total.substitute(values)
        summand = combine_sums(equation, own) if own.keys() & {*equation.names} else equation
        demand(order_at_zero(total - summand) >= order, f"{name} does not follow")
    demand(given["nonzero"] == sorted(map(str, divisors)), "what the cofactors divide by is listed, and nothing else")
    idle = {f for f in divisors if not f.substitute(where)} | divisors & {e.primitive() for e, _ in known.values()}
    demand(not idle, f"a cofactor divides by {idle}, which vanishes")
    demand({*given["nonzero"]} <= {*DEFINITIONS["nonzero"]}, "it is not known that what the cofactors divide by does not vanish")
    settings = _list_settings(context, context.step)
    ridge = {str(at["D"]) for at in settings if "D" in at} == {"1/q"} and not any("dof" in at for at in settings)
    demand(ridge or not {"N - dof", "P - dof"} & {*given["nonzero"]}, "dof reaches a size where there is no ridge")


def _list_settings(context: Context, step: Step) -> list[dict[str, Ratio]]:
    """What identities at a step and above set to what."""
    above = [s for s in (step, *context.ancestors("identity", below=step)) if s.rule == "identity"]
    return [read_ratios(at) for s in above for at in (*s.given.get("at", ()), s.given.get("where", {}))]


def _read_equations(context: Context) -> dict[str, tuple[Ratio, float]]:
    """The equations of the premises by name, at both frequencies, and to which order in e they hold."""
    known: dict[str, tuple[Ratio, float]] = {}
    for premise in take(context, *["define|total|identity"] * len(context.premises)):
        order, settings = (premise.given or {}).get("modulo") or inf, _list_settings(context, premise)
        symmetric = all(n in SHARED and prime(x) == x for at in settings for n, x in at.items())
        for name, equation in read_ratios(premise.conclusion["equations"]).items():
            known[name] = equation, order
            if symmetric and not any(n.endswith("_") for n in equation.names):
                known[name + "_"] = prime(equation), order
    return known


def order_at_zero(value: Ratio) -> float:
    """The order of the zero at e = 0, negative for a pole; infinite for what vanishes identically."""
    if not value:
        return inf
    top, below = (min(dict(powers).get("e", 0) for powers in p.monomials()) for p in (value.numerator, value.denominator))
    return top - below


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("define", "model", "volterra", "unstable"), check_definition),
    **dict.fromkeys(("tail", "counting", "spacing", "direction", "simplices", "moment", "average", "truncate"), check_definition),
    "total": check_total, "identity": check_identity,
}
