"""Rule `total`: a response or a correlation of the model, summed over modes, in terms of named sums.

Trusted: independent sources, so that <f f_> = sum over sources of (df/du)(df_/du_)<u u_> for a field f that is linear in them.
Checked: linearity, and that the coefficients of the named sums, which contain no symbol of a mode, reproduce the summand
exactly. A `mean` keeps the one source that is not random; a `pair` is of two networks that share the data only, `sets` of two
data sets that share the network only.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand
from proofs_check.named_sums import check_sums, combine_sums, prime
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio


def check(context: Context) -> None:
    """Differentiate the field, and sum up."""
    name, define, solved = context.step.given["total"], context.premise("define"), context.premise("solve-fields")
    kind, field, source, weight = define.conclusion["totals"][name]
    covariances = define.conclusion[kind if kind in ("pair", "sets") else "sources"]
    demand(context.cell == Cell() and solved.premises == (define.id,), "one model is wanted")
    value = parse_ratio(solved.conclusion["fields"][field])
    sources = {s: parse_ratio(c) for s, c in covariances.items()}
    slopes = {s: value.derivative(s) for s in sources}
    rest = value - sum((slopes[s] * Ratio.parameter(s) for s in sources), Ratio.of(0))
    demand(not rest and not any(set(x.names) & set(sources) for x in slopes.values()), "the field is not linear")
    if kind == "response":
        summand = slopes[source]
    else:
        meant = {s: c for s, c in sources.items() if kind != "mean" or s == source}
        summand = sum((slopes[s] * prime(slopes[s]) * cov for s, cov in meant.items()), Ratio.of(0))
    equation, sums = parse_ratio(context.step.conclusion["equations"][name]), context.step.given["sums"]
    demand(set(context.step.conclusion["equations"]) == {name}, "one equation is concluded")
    found = Ratio.parameter(name) - equation
    demand(name not in found.names, "the equation gives the total")
    if weight:
        check_sums(context, sums)
        demand(combine_sums(found, sums, define.conclusion["mode-symbols"]) == summand * parse_ratio(weight), "another sum")
    else:
        demand(not sums and found == summand, "another response or correlation")
