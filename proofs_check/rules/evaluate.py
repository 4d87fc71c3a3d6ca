"""Rule `evaluate`: an unknown from an equation, with the leading terms of the sums, kappa replaced by its term in a size.

Checked: the formula solves the equation of the premise (where the symbols of `zero` vanish); with the symbols of `small` set
to zero, after the smallness of what they stand for is proved on the rays, it is a polynomial over a product; small symbols only
multiply what is there without them, with a positive sign (so that what is dropped is small against what is kept); each sum has
one leading term where it is divided by; the conclusion is the product of the terms, exactly.
"""

from __future__ import annotations

from typing import Any

from proofs_check.framework import Context, demand, prove_sign, same_terms, terms_of
from proofs_check.rules.combine import multiply
from proofs_check.rules.invert import put
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Solve, then multiply out."""
    given = context.step.given
    formula = parse_ratio(given["formula"])
    _check_solution(context, formula)
    tables = _read_sums(context)
    _check_small(context, tables)
    _check_factors(formula, set(given["small"]))
    rest = formula.substitute({n: Ratio.of(0) for n in given["small"]})
    same_terms(terms_of(context.step), evaluate(rest, tables), "the value")


def _check_solution(context: Context, formula: Ratio) -> None:
    given = context.step.given
    equations = {n: t for p in context.premises if p.rule == "identity" for n, t in p.conclusion["equations"].items()}
    demand(given["equation"] in equations, "the equation is not that of a premise")
    demand(set(given["zero"]) <= {"sigma2"}, "only the noise may be set to zero")
    at = {n: Ratio.of(0) for n in given["zero"]} | {n: parse_ratio(t) for n, t in given["branch"].items()}
    size = terms_of(context.premise("invert|regularise"))[0].monomial.powers[0][0]
    demand(given["branch"] in ({}, {"dof": size}), "dof is the size that kappa was found for")
    equation = parse_ratio(equations[given["equation"]]).substitute(at)
    small = {n: parse_ratio(t) for n, t in given["small"].items()}
    demand(given["unknown"] not in formula.names, "the unknown is left in the formula")
    value = formula.substitute(small)
    demand(given["unknown"] in equation.names and not equation.substitute({given["unknown"]: value}),
           "the formula does not solve the equation")


def _read_sums(context: Context) -> dict[str, list[Term]]:
    """The leading terms of the named sums in the sizes, and of kappa itself."""
    inverted = context.premise("invert|regularise")
    (kappa,) = terms_of(inverted)
    demand(inverted.cell in (context.step.cell, []), "kappa is for another cell")
    demand(inverted.rule == "invert" or inverted.given["rays"] == context.step.given["rays"], "kappa is for another cone")
    tables = {"kappa": [kappa]}
    for symbol, place in context.step.given["symbols"].items():
        lead = context.premises[place]
        source = context.lookup[lead.premises[0]] if lead.rule == "lead" else lead
        demand(lead.rule == "lead" and source.rule == "power-law" and source.given["symbol"] == symbol, "another sum")
        demand(source.given["scale"] == "kappa" and lead.given["rays"] == [{"u": "-1"}], "kappa tends to zero")
        demand(lead.cell == context.step.cell or lead.cell == [], "a sum is for another cell")
        tables[symbol] = [put(t, "u", kappa) for t in terms_of(lead)]
    return tables


def _check_small(context: Context, tables: dict[str, list[Term]]) -> None:
    given, proofs = context.step.given, context.step.certificate
    rays = [{n: parse_ratio(x) for n, x in ray.items()} for ray in given["rays"]]
    demand(bool(given["small"]) <= bool(rays) and set(proofs) == set(given["small"]), "a proof is wanted for each small symbol")
    for name, text in given["small"].items():
        terms = evaluate(parse_ratio(text), tables)
        demand(len(proofs[name]) == len(terms), "a proof is wanted for each term")
        for term, signs in zip(terms, proofs[name], strict=True):
            demand(len(signs) == len(rays) and not term.logs, "a proof is wanted on each ray")
            rates = [term.monomial.rate(ray) for ray in rays]
            found = [prove_sign(r, context.cell, s, f"{name} is small") for r, s in zip(rates, signs, strict=True)]
            demand(max(found) <= 0 and min(found) < 0, f"{name} is not small")


def _check_factors(formula: Ratio, small: set[str]) -> None:
    """Refuse unless, in numerator and denominator, small symbols multiply monomials that stand there without them too."""
    for part in (formula.numerator, formula.denominator):
        rests: dict[bool, set[Any]] = {True: set(), False: set()}
        signs = set()
        for powers, coefficient in part.monomials().items():
            touched = any(n in small for n, _ in powers)
            rests[touched].add(tuple((n, e) for n, e in powers if n not in small))
            signs |= set() if touched else {coefficient > 0}
        demand(not small or (len(signs) == 1 and rests[True] <= rests[False]), "a small symbol stands where it is not a factor")


def evaluate(formula: Ratio, tables: dict[str, list[Term]]) -> list[Term]:
    """A rational formula whose denominator is one product, in the terms of its symbols; other names are resources."""
    ((below, scale),) = formula.denominator.monomials().items()
    head = Term(Monomial(), Constant.of(1 / Ratio.of(scale)))
    for name, power in below:
        terms = tables.get(name, [Term(Monomial.of({name: 1}))])
        demand(len(terms) == 1 and not terms[0].logs, f"{name} has no single leading term to divide by")
        head = head * Term(terms[0].monomial**-power, terms[0].constant ** Ratio.of(-power))
    total: list[Term] = []
    for powers, coefficient in formula.numerator.monomials().items():
        factors = [tables.get(n, [Term(Monomial.of({n: 1}))]) for n, e in powers for _ in range(e)]
        total += multiply(head * Term(Monomial(), Constant(coefficient)), factors)
    return total
