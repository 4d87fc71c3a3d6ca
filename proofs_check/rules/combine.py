"""Rule `combine`: a series of the model evaluated with the expansions of its sums.

Checked: that the premises are the sums that the series names, and that the conclusion is the polynomial of their terms,
exactly. Products are formed term by term; nothing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from proofs_check.framework import Context, demand, same_terms, terms_of, tie
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms
from scaling_sym.claims.bundle import Step


def check(context: Context) -> None:
    """Multiply out the series."""
    given, perturb = context.step.given, context.premise("perturb")
    demand(context.cell == Cell(), "the series hold everywhere")
    same_width(context, given["ratio"])
    series = parse_ratio(perturb.conclusion["series"][given["series"]])
    symbols, sums = given["symbols"], [p for p in context.premises if p.rule != "perturb"]
    demand(len(symbols) == len(sums) == len(set(symbols)), "one premise is wanted for every symbol")
    tables = {s: _terms_for(s, p) for s, p in zip(symbols, sums, strict=True)}
    demand({n for n in series.names if n not in {"d", "u", "gamma"}} == set(symbols), "the symbols are not the series'")
    demand(given["gamma"] in ("resource", "constant"), "gamma is a resource or a constant")
    ((below, scale),) = series.denominator.monomials().items()
    demand(set(dict(below)) <= {"d"}, "the series are polynomial but for powers of d")
    total: list[Term] = []
    for powers, coefficient in series.numerator.monomials().items():
        exponents = dict(powers)
        resources = {n: Ratio.of(exponents.get(n, 0) - dict(below).get(n, 0)) for n in ("d", "u")}
        constant, e = Constant(coefficient / scale), exponents.get("gamma", 0)
        if given["gamma"] == "constant":
            constant = constant * Ratio.parameter("gamma") ** e
        else:
            resources["gamma"] = Ratio.of(e)
        factors = [tables[n] for n in symbols for _ in range(exponents.get(n, 0))]
        total += multiply(Term(Monomial.of(resources), constant), factors)
    same_terms(terms_of(context.step), total, given["series"])


def same_width(context: Context, ratio: str) -> None:
    """Refuse unless all sums above stop at v = rho d, or none does and the ratio is written 0."""
    uppers = {s.given["upper"] for rule in ("power-sum", "trace") for s in context.ancestors(rule)}
    demand(uppers == {"v" if ratio == "rho" else ""} and ratio in ("rho", "0"), "sums of different widths are mixed")


def multiply(head: Term, factors: Sequence[Sequence[Term]]) -> list[Term]:
    """The product of a term and several sums of terms."""
    result = [head]
    for terms in factors:
        result = list(merge_terms(a * b for a in result for b in terms))
    return result


def _terms_for(symbol: str, premise: Step) -> list[Term]:
    if symbol == "trace":
        demand(premise.rule == "trace", "the trace is wanted")
    else:
        name = f"{premise.given['sum']}_{premise.given['order']}" if premise.rule == "levels" else ""
        demand(name == symbol, f"the premise for {symbol} is another sum")
    return [tie(t, "v", "d", Ratio.parameter("rho")) for t in terms_of(premise)]
