"""Rule `spacing`: the mean p-th power of the distance to the nearest of D random points in d dimensions.

For D points uniform on a torus of volume 1 the chance that none lies within r is (1 - V r^d)^D, V = pi^(d/2)/Gamma(d/2 + 1),
while the ball fits into the torus; integrating p r^(p-1) gives V^(-p/d) Gamma(1 + p/d) Gamma(D+1)/Gamma(D+1+p/d) up to terms
smaller than every power, and Gamma(D+1)/Gamma(D+1+x) = D^(-x)(1 + O(1/D)).
Trusted: this integral and this ratio. Checked: the term.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Recompute the term."""
    demand(not context.premises and context.cell == Cell(), "the distance rests on nothing else")
    p, d = parse_ratio(context.step.given["power"]), parse_ratio(context.step.given["dimension"])
    half = d / 2
    volume = Constant.of(Atom("pi")) ** half / gamma(half + 1)
    constant = gamma(1 + p / d) * volume ** (-p / d)
    same_terms(terms_of(context.step), [Term(Monomial.of({"D": -p / d}), constant)], "the mean power of the distance")
    demand(set(p.names) | set(d.names) <= {"n", "d"} and bool(d) and d != Ratio.of(0), "a power and a dimension are wanted")
