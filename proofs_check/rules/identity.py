"""Rule `identity`: equations that follow from others by exact algebra.

An equation is an expression that vanishes. Checked: each concluded expression is the combination, with the cofactors of the
certificate, of expressions that vanish by the premises (an underscore behind a name takes the equation at the second frequency).
Where the step has `at`, after substitutions one after the other, at which the combination is regular and on which no sum over
modes depends. Where it has `modulo` [e, n], up to something divisible by e^n; an equation that holds to order m only has a
cofactor divisible by e^(n-m). Cofactors may be singular only where one of `nonzero` vanishes: these are said not to.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand
from proofs_check.named_sums import check_sums, prime, sums_above
from proofs_check.rules.sum_identity import divisible, replacements
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio


def check(context: Context) -> None:
    """Recombine the premises."""
    given, body, proof = context.step.given, context.step.conclusion["equations"], context.step.certificate
    demand(context.cell == Cell() and bool(body) and body.keys() == proof.keys(), "each equation needs its cofactors")
    known = _known(context)
    nonzero = {parse_ratio(t) for t in given["nonzero"]}
    demand(all(x == x.primitive() for x in nonzero), "what does not vanish is written without a constant factor")
    for name, text in body.items():
        total = Ratio.of(0)
        for source, cofactor in proof[name].items():
            demand(source in known, f"{source} is not an equation of the premises")
            value, (equation, order) = parse_ratio(cofactor), known[source]
            below = {f.primitive() for f, _ in value.denominator.factors()[1]}
            demand(below <= nonzero, f"a cofactor divides by something that may vanish in {name}")
            _check_order(context, value, order)
            total = total + value * equation
        _compare(context, parse_ratio(text), total, name)


def _known(context: Context) -> dict[str, tuple[Ratio, tuple[str, int] | None]]:
    """The equations of the premises by name, at both frequencies, and to which order they hold."""
    known: dict[str, tuple[Ratio, tuple[str, int] | None]] = {}
    for premise in context.premises:
        above = premise.given if isinstance(premise.given, dict) else {}
        check_sums(context, above.get("sums", {}))
        equations = dict(premise.conclusion["equations"]) if "equations" in premise.conclusion else {}
        if premise.rule == "define":
            equations = premise.conclusion["relations"]
        for name, text in equations.items():
            demand(name not in known, f"two premises have an equation {name}")
            equation = parse_ratio(text)
            exact = equation in [Ratio.parameter(old) - value for old, value in replacements(above)]
            order = tuple(above["modulo"]) if above.get("modulo") and not exact else None
            known[name] = (equation, order)
            if not any(n.endswith("_") for n in equation.names):
                known[name + "_"] = (prime(equation), order)
    return known


def _check_order(context: Context, cofactor: Ratio, order: tuple[str, int] | None) -> None:
    if order is not None:
        modulo = context.step.given.get("modulo")
        demand(bool(modulo) and modulo[0] == order[0], "an expansion is used as if it were exact")
        demand(divisible(cofactor, order[0], max(0, modulo[1] - order[1])), "an expansion is used beyond its order")


def _compare(context: Context, wanted: Ratio, total: Ratio, name: str) -> None:
    given, sums = context.step.given, sums_above(context)
    for values in given.get("at", []):
        point = {n: parse_ratio(v) for n, v in values.items()}
        used = [s for s, summand in sums.items() if s in total.names and set(summand.names) & set(point)]
        demand(not used, f"the sums {used} depend on what is set to a value")
        demand(bool(total.denominator.substitute(point)), f"{name} is singular there")
        total = total.substitute(point)
    if given.get("modulo"):
        demand(divisible(total - wanted, *given["modulo"]), f"{name} does not follow to this order")
    else:
        demand(total == wanted, f"{name} does not follow")
