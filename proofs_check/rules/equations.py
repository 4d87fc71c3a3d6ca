"""Rules on the equations of a model, its fields and sums over modes, by exact algebra; an equation is what vanishes.

Trusted: what stands in definitions.json, and that sources are independent. See docs/checker.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from proofs_check.framework import Context, Rule, demand, read_ratios, same_terms, take
from proofs_check.named_sums import DEFINITIONS, combine_sums, prime, sums_above
from proofs_check.signs import prove_sign
from scaling_sym.algebra.grammar import parse_number, parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.codec import decode_term

EXPONENTS: Final = frozenset({"alpha", "beta", "a", "b"})
ZERO: Final = Ratio.of(0)


def check_definition(context: Context) -> None:
    """A model, or a formula that is trusted, is as it stands in definitions.json, with what the step has for `*`."""
    given, body = context.step.given, context.step.conclusion
    said = {part: value for part, value in body.items() if part != "terms"}
    found = [d for d in DEFINITIONS[context.step.rule]
             if agrees(given, d.get("given")) and agrees(said, d.get("conclusion", {}))]
    demand(len(found) == 1, "the definition is not one that the checker knows")
    known, terms = found[0], map(decode_term, body.get("terms", ()))
    values = {n: parse_ratio(given[n]) for n, text in known.get("given", {}).items() if text == "*"}
    same_terms(terms, (replace_letters(decode_term(t), values) for t in known.get("terms", ())), "the formula", names=True)
    for (text, wanted), proof in zip(known.get("signs", ()), context.step.certificate or (), strict=True):
        sign = prove_sign(parse_ratio(text).substitute(values), context.cell, proof, "the range")
        demand(sign == wanted, "the formula is for another range")
    below = known.get("below", {})
    take(context, *["identity"] * len(below))
    equations, sums = _read_equations(context), sums_above(context)
    for name, (equation, meant) in below.items():
        demand(equations.get(name) == (parse_ratio(equation), None), f"the equation {name} is wanted below, exactly")
        demand(read_ratios(meant).items() <= sums.items(), f"a sum in {name} is another")


def agrees(body: Any, wanted: Any) -> bool:
    """Whether a body is word by word what is wanted; `*` is any function of the exponents."""
    if isinstance(wanted, dict):
        return isinstance(body, dict) and body.keys() == wanted.keys() and all(agrees(body[k], wanted[k]) for k in wanted)
    return set(parse_ratio(body).names) <= EXPONENTS if wanted == "*" else bool(body == wanted)


def replace_letters(term: Term, values: Mapping[str, Ratio]) -> Term:
    """The term with other exponents for letters."""
    logs = tuple((m.substitute(values), k.substitute(values)) for m, k in term.logs)
    return Term(term.monomial.substitute(values), term.constant.substitute(dict(values)), logs, name=term.name)


def check_solve_fields(context: Context) -> None:
    """The fields as functions of their sources: they make the equations of one group vanish."""
    (define,) = take(context, "define")
    group = read_ratios(define.conclusion["groups"][context.step.given["group"]])
    fields = read_ratios(context.step.conclusion["fields"])
    demand(fields.keys() == group.keys(), "a solution is wanted for every field of the group")
    demand(not any(fields.keys() & set(value.names) for value in fields.values()), "a field is left in the solution")
    demand(not any(equation.substitute(fields) for equation in group.values()), "the solution does not solve the equations")


def check_total(context: Context) -> None:
    """A response or a correlation, summed over modes: a field's derivatives by its independent sources give it."""
    define, solved = take(context, "define", "solve-fields")
    demand(solved.premises == (define.id,), "one model is wanted")
    name, model, known = context.step.given["total"], define.conclusion, sums_above(context)
    kind, field, source, weight = model["totals"][name]
    covariances = read_ratios(model[kind if kind in ("pair", "sets") else "sources"])
    slopes = {s: parse_ratio(solved.conclusion["fields"][field]).derivative(s) for s in covariances}
    meant = [source] if kind == "mean" else covariances  # the mean keeps the one source that is not random
    summand = sum((slopes[s] * prime(slopes[s]) * covariances[s] for s in meant), ZERO)
    summand = (slopes[source] if kind == "response" else summand) * parse_ratio(weight or "1")
    found = Ratio.parameter(name) - parse_ratio(context.step.conclusion["equations"][name])
    demand(len(context.step.conclusion["equations"]) == 1 and name not in found.names, "one equation gives the total")
    sums = {n: known[n] for n in context.step.given["sums"]}
    found = combine_sums(found, sums, model["mode-symbols"]) if weight else found
    demand(found == summand and bool(weight) >= bool(sums), "another response, correlation or sum")


def check_sum_identity(context: Context) -> None:
    """Relations between sums, on one mode, after substitutions that are concluded as equations themselves."""
    (define,), given, known = context.ancestors("define"), context.step.given, sums_above(context)
    mode, sums = define.conclusion["mode-symbols"], {n: known[n] for n in given["sums"]}
    equations, replaced = read_ratios(context.step.conclusion["equations"]), _read_replaced(given)
    said = [Ratio.parameter(old) - value for old, value in replaced]
    demand(all(e in equations.values() for e in said), "a substitution is not concluded")
    above = json.dumps([(s.cell, s.given, s.conclusion, s.certificate) for s in context.ancestors()])
    new = given.get("new", {})
    demand(new.items() <= DEFINITIONS["new"][define.conclusion["model"]].items(), "the name that is introduced is unknown")
    demand(not any(re.search(rf"\b{n}_?\b", above) for n in new), "a name that is introduced stands above already")
    values = {n: v for old, value in replaced for n, v in ((old, value), (old + "_", prime(value)))}
    for name, equation in equations.items():
        summand = ZERO if equation in said else combine_sums(equation, sums, mode).substitute(values)
        demand(vanishes(summand, _read_order(given)), f"{name} does not hold on a mode")


def _read_replaced(given: Any) -> list[tuple[str, Ratio]]:
    """What a step replaces by what, under `new` and under `where`."""
    pairs = [*given.get("new", {}).values(), *given.get("where", {}).items()]
    return [(old, parse_ratio(text)) for old, text in pairs]


def _read_order(given: Any) -> int | None:
    """The order n in e to which a step holds, where it has `modulo` [e, n]."""
    symbol, order = given.get("modulo") or ("e", None)
    demand(symbol == "e", "expansions are in e")
    return order


def vanishes(value: Ratio, order: int | None) -> bool:
    """Whether an expression is zero, or to an order n is e^n times something regular at e = 0."""
    if order is None:
        return not value
    return bool((value / Ratio.parameter("e") ** order).denominator.substitute({"e": ZERO}))


def check_identity(context: Context) -> None:
    """Each equation is a combination of equations of the premises, with cofactors that are regular where `nonzero` is."""
    given, equations, proofs = context.step.given, read_ratios(context.step.conclusion["equations"]), context.step.certificate
    demand(bool(equations) and equations.keys() == proofs.keys(), "each equation needs its cofactors")
    known, nonzero, wanted = _read_equations(context), {parse_ratio(t) for t in given["nonzero"]}, _read_order(given)
    demand(all(x == x.primitive() for x in nonzero), "what does not vanish is written without a constant factor")
    for name, equation in equations.items():
        total = ZERO
        for source, cofactor in read_ratios(proofs[name]).items():
            demand(source in known, f"{source} is not an equation of the premises")
            premise, order = known[source]
            below = {f.primitive() for f, _ in cofactor.denominator.factors()[1]}
            demand(below <= nonzero, f"a cofactor divides by something that may vanish in {name}")
            if order is not None:  # to order n it is used with a cofactor of the order that is missing
                demand(wanted is not None and vanishes(cofactor, max(0, wanted - order)), "an expansion is used beyond its order")
            total = total + cofactor * premise
        demand(vanishes(_move(context, total) - equation, wanted), f"{name} does not follow")


def _read_equations(context: Context) -> dict[str, tuple[Ratio, int | None]]:
    """The equations of the premises by name, at both frequencies, and to which order they hold."""
    known: dict[str, tuple[Ratio, int | None]] = {}
    for premise in take(context, *["define|total|sum-identity|identity"] * len(context.premises)):
        given, equations = premise.given or {}, premise.conclusion["relations" if premise.rule == "define" else "equations"]
        exact = [Ratio.parameter(old) - value for old, value in _read_replaced(given)]
        for name, equation in read_ratios(equations).items():
            demand(name not in known, f"two premises have an equation {name}")
            order = None if equation in exact else _read_order(given)
            known[name] = (equation, order)
            if not any(n.endswith("_") for n in equation.names):
                known[name + "_"] = (prime(equation), order)
    return known


def _move(context: Context, total: Ratio) -> Ratio:
    """An expression after the substitutions of `at`, where it must be regular, and on which no sum in it depends."""
    sums = sums_above(context)
    for values in map(read_ratios, context.step.given.get("at", [])):
        used = [n for n in total.names if n in sums and values.keys() & set(sums[n].names)]
        demand(not used, f"the sums {used} depend on what is set to a value")
        demand(bool(total.denominator.substitute(values)), "the combination is singular there")
        total = total.substitute(values)
    return total


def check_perturb(context: Context) -> None:
    """Expansions about m = 1: of the summands to first order in 1 - m, with y = 1/(1 + X), and of the solution in e = 1/d."""
    (step,) = take(context, "model")
    model, body, e, y = step.conclusion, context.step.conclusion, Ratio.parameter("e"), Ratio.parameter("y")
    demand(body["levels"].keys() == model["sums"].keys(), "levels are wanted for every sum of the model")
    for name, levels in body["levels"].items():
        summand = parse_ratio(model["sums"][name]["summand"])
        wanted = [s.substitute({"m": Ratio.of(1), "X": 1 / y - 1}) for s in (summand, -summand.derivative("m"))]
        found = [sum((y ** int(k) * parse_number(c) for k, c in level.items()), ZERO) for level in levels]
        demand(found == wanted, f"the expansion of the summand {name} is another")
    series, equations = read_ratios(body["series"]), read_ratios(model["equations"])
    demand(series.keys() == {"forcing-0", "forcing-1", *equations}, "a series is wanted for every equation")
    for name, equation in equations.items():
        rest = (series[name] - equation.substitute({"deficit": series["deficit"]})).substitute({"d": 1 / e})
        demand(vanishes(rest, 3 if name == "deficit" else 2), f"the series of the {name} does not solve its equation")
    demand(series["forcing-0"] + series["forcing-1"] == series["forcing"], "the parts of the forcing do not add up")
    parts = (series["forcing-0"], series["forcing-1"] * Ratio.parameter("d"))
    demand(not any("d" in part.names for part in parts), "the parts of the forcing are of order zero and one in 1/d")


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(("define", "model", "volterra", "unstable"), check_definition),
    **dict.fromkeys(("tail", "counting", "spacing", "direction", "moment", "average", "truncate"), check_definition),
    "solve-fields": check_solve_fields, "total": check_total, "sum-identity": check_sum_identity, "identity": check_identity,
    "perturb": check_perturb,
}
