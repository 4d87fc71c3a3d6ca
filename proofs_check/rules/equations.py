"""Rules on the equations of a model, its fields and sums over modes, by exact algebra; an equation is what vanishes.

Sums over modes have names: A = sum_k summand(k). A rational expression that is linear in the names, with coefficients free of
the symbols of a mode, is the sum over modes of the expression with the summands in place of the names. Each name means one thing
throughout a derivation; an underscore behind a name marks the same at the second frequency. What models and formulas there are,
which symbols belong to a mode, and which are shared by both frequencies, stands in definitions.json.
Trusted: what stands there, and that sources are independent. See docs/checker.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, Rule, demand, list_steps, read_ratios, read_terms, take
from proofs_check.signs import prove_all
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import ZERO, Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.steps import Step, list_settings

SHARED, TAKEN, FREQUENCIES, LATE = (frozenset[str](DEFINITIONS[part]) for part in ("shared", "taken", "frequencies", "late"))
FREE, INFINITE = FREQUENCIES | {"e"}, frozenset[str](n + end for n in DEFINITIONS["infinite"] for end in ("", "_"))
MODE: Final = frozenset(n + end for n in DEFINITIONS["mode-symbols"] for end in ("", "_"))
E, REST = Ratio.parameter("e"), "?"


def check_definition(context: Context) -> list[Term] | None:
    """A model of definitions.json, word by word; or a formula there, in its range, with the step's exponents put in."""
    step, given = context.step, context.step.given or {}
    found = [d for d in DEFINITIONS[step.rule] if _fits(given, d.get("given", {}))
             and ("terms" in d or _fits(step.conclusion, d["conclusion"]))]
    demand(bool(found), "the definition is not one that the checker knows")
    about = check_below(context, found[0].get("below", {}), *found[0].get("after", ()))
    said = {n: x for n, x in given.items() if n != "positive"}
    demand(not about or said.items() <= context.model().items(), "the formula is for another model")
    values = {n: parse_ratio(given[n]) for n, x in found[0].get("given", {}).items() if x == "*"}
    positive = [parse_ratio(x).substitute(values) for x in given.get("positive", ())]
    demand(all(prove_all(positive, context.cell, step.certificate or (), "the range")), "the formula is for another range")
    return [*read_terms(found[0], values)] if "terms" in found[0] else None


def _fits(body: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether data are word by word what is wanted; `|` separates alternatives, and `*` is any function of the exponents."""
    def fits(value: Any, word: Any) -> bool:
        """The same of one value."""
        if word == "*":
            return {*parse_ratio(value).names} <= {*DEFINITIONS["exponents"]}
        return bool(value in word.split("|") if isinstance(word, str) else value == word)

    return body.keys() == wanted.keys() and all(fits(body[n], word) for n, word in wanted.items())


def check_below(context: Context, below: Mapping[str, Any], *rules: str) -> tuple[Step, ...]:
    """The premises by these rules, after identities with certain equations, exactly or to an order, and the sums meant there."""
    premises = take(context, *["identity"] * len(below), *rules)
    for premise, (name, (equation, sums, *order)) in zip(premises, below.items(), strict=False):
        same = premise.conclusion["equations"][name] == equation and premise.given.get("modulo") in (None, *order)
        demand(same, f"the equation {name} is wanted below, exactly or to its order")
        demand(read_ratios(sums).items() <= sums_above(context).items(), f"a sum in {name} is another")
    return premises[len(below):]


def other(name: str) -> str:
    """What a name stands for at one frequency has this name at the other one."""
    return name if name in SHARED else name.removesuffix("_") if name.endswith("_") else name + "_"


@lru_cache(maxsize=4096)
def prime(value: Ratio) -> Ratio:
    """The same with the two frequencies exchanged."""
    return value.substitute({n: Ratio.parameter(other(n)) for n in value.names})


def sums_above(context: Context) -> dict[str, Ratio]:
    """The summands of all names in the step and above, at both frequencies; no name means two things, and there is one model."""
    steps = list_steps([context.step.id], context.lookup)
    models = [s.conclusion for s in steps if s.rule == "define"]
    sums: dict[str, Ratio] = {}
    for part in (*models, *(s.given for s in steps if s.rule in ("identity", "total"))):
        for name, summand in read_ratios(part.get("sums", {})).items():
            for n, x in ((name, summand), (other(name), prime(summand))):
                demand(sums.setdefault(n, x) == x and n not in TAKEN, f"{n} means two things")
    demand(len(models) == 1 or not (models or sums), "names of sums are those of one model, and of no two models")
    return sums


def combine_sums(value: Ratio, sums: Mapping[str, Ratio]) -> Ratio:
    """The summand of an expression that is linear in the names, with coefficients free of them and of the mode."""
    coefficients = {n for name in sums for n in value.derivative(name).names}
    demand(not coefficients & {*sums, *MODE}, "a coefficient depends on a sum, or on the mode")
    demand(not value.substitute(dict.fromkeys(sums, Ratio.of(0))), "the expression is not a combination of the sums")
    return value.substitute(sums)


def check_total(context: Context) -> None:
    """A response or a correlation, summed over modes: a field's derivatives by its independent sources give it."""
    define, solved = take(context, "define", "identity")
    ((name, equation),), model = read_ratios(context.step.conclusion["equations"]).items(), define.conclusion
    field, source, weight = model["totals"][name]
    value = Ratio.parameter(field) - parse_ratio(solved.conclusion["equations"][field])
    demand(solved.premises == (define.id,) and not solved.given, "the field is wanted without restrictions")
    demand(not {*model["fields"]} & {*value.names}, "a field is left in the solution")
    spread = [value.derivative(s) * prime(value.derivative(s)) * c for s, c in read_ratios(model.get(source, {})).items()]
    summand = (sum(spread, ZERO) if spread else value.derivative(source)) * parse_ratio(weight or "1")
    sums = sums_above(context) | {name: summand}
    rest = combine_sums(equation, sums) if weight else equation.substitute({name: summand})
    demand(not rest, "another response, correlation or sum")


def check_identity(context: Context) -> None:
    """Each equation, on a mode where sums are named, is a combination of equations of the premises and of restrictions."""
    given, proofs, known = context.step.given, context.step.certificate, _read_equations(context)
    equations, sums, order = read_ratios(context.step.conclusion["equations"]), sums_above(context), given.get("modulo")
    where, own = read_ratios(given.get("where", {})), {n: sums[n] for n in given.get("sums", {})}
    ties = _read_ties(context)
    known |= {n: Ratio.parameter(n) - value for n, value in where.items()}
    _check_divisors(context, where, known)
    demand(bool(equations) and equations.keys() == proofs.keys(), "each equation needs its cofactors")
    fixed = {n: {*x.names} for n, x in sums.items()} | {n: {n, *x.names} for n, x in ties.items()}
    totals = {n for s in context.ancestors("define") for n in s.conclusion.get("totals", ())}
    fixed |= {n: {*FREQUENCIES, *LATE} for n in INFINITE | totals} | {n: {*LATE} for n in FREQUENCIES}
    late = (FREQUENCIES | LATE) & {n for n, _ in list_settings(context.ancestors())}
    for name, equation in equations.items():
        cofactors = read_ratios(proofs[name])
        demand(cofactors.keys() <= known.keys(), f"{name} rests on what is not an equation of the premises")
        named = {n for source in cofactors for n in known[source].names}
        moving = {n for n in named if ({n} | fixed.get(n, set())) & FREQUENCIES}
        demand(not late or not moving, f"{moving} are for any frequency, and a premise is for one value of it")
        total = sum((cofactor * known[source] for source, cofactor in cofactors.items()), ZERO)
        for values in map(read_ratios, given.get("at", [])):
            used = [n for n in total.names if REST in n or values.keys() & fixed.get(n, set())]
            demand(not used, f"{used} depend on what is set to a value")
            total = total.substitute(values)
        left = total - (combine_sums(equation, own) if own.keys() & {*equation.names} else equation)
        regular = bool((left / E**order).denominator.substitute({"e": ZERO})) if order else not left
        demand(regular, f"{name} does not follow, or not to this order")


def _read_ties(context: Context) -> dict[str, Ratio]:
    """The restrictions `where`, here and above: together they can hold, and leave e and frequencies free."""
    steps, ties = list_steps([context.step.id], context.lookup), dict[str, Ratio]()
    for given in (s.given for s in steps if s.rule == "identity"):
        for name, value in read_ratios(given.get("where", {})).items():
            demand(ties.setdefault(name, value) == value, f"{name} is set to two things")
            demand(value.denominator == 1, "a restriction sets a name to a polynomial, which is never infinite")
        settings = {x for at in given.get("at", ()) for x in at.items() if x[0] in FREE}
        demand(settings <= {("D", "0"), ("D", "1/q")}, "a frequency, or e, is set to a value at which names may be infinite")
    demand(not any(n in FREE or REST in n for n in ties), "totals may be infinite at a frequency, and no rest is known")
    demand(not {n for x in ties.values() for n in x.names} & ties.keys(), "what is set to a value stands in another one")
    return ties


def _check_divisors(context: Context, where: Mapping[str, Ratio], known: Mapping[str, Ratio]) -> None:
    """What the cofactors divide by is trusted not to vanish: without ridge dof reaches a size, where a response vanishes."""
    proofs = map(read_ratios, context.step.certificate.values())
    divisors = {f for proof in proofs for c in proof.values() for f, _ in c.denominator.factors()[1]}
    idle = {f for f in divisors if not f.substitute(where)} | divisors & {e.primitive() for e in known.values()}
    demand(not idle, f"a cofactor divides by {idle}, which vanishes")
    regime = {s for s in list_settings(list_steps([context.step.id], context.lookup)) if s[0] in ("D", "dof", "dof_")}
    trusted = DEFINITIONS["nonzero"]["always"] + DEFINITIONS["nonzero"]["ridge"] * (regime == {("D", "1/q")})
    trusted += DEFINITIONS["nonzero"]["response"] * (regime <= {("D", "1/q")})
    demand({*map(str, divisors)} <= {*trusted}, "it is not known that what the cofactors divide by does not vanish")


def _read_equations(context: Context) -> dict[str, Ratio]:
    """The equations of the premises by name, at both frequencies; one to an order in e has a rest that nobody can name."""
    known: dict[str, Ratio] = {}
    for premise in take(context, *["define|total|identity"] * len(context.premises)):
        order = (premise.given or {}).get("modulo")
        settings = [(n, parse_ratio(x)) for n, x in list_settings(list_steps([premise.id], context.lookup))]
        symmetric = all(other(n) == n and prime(x) == x for n, x in settings)
        for name, equation in read_ratios(premise.conclusion["equations"]).items():
            known[name] = equation + (Ratio.parameter(name + REST) * E**order if order else ZERO)
            if symmetric:
                known[name + "_"] = prime(known[name])
    return known


RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(DEFINITIONS["definitions"], check_definition),
    "total": check_total, "identity": check_identity,
}
