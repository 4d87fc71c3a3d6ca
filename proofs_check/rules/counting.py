"""Rule `counting`: the ordered eigenvalues of a translation-invariant kernel on the d-torus from its Fourier coefficients.

A kernel with coefficients |k|^(-m), m > d, has n ~ V |k|^d eigenvalues above that of |k|, so that lambda_n is of order n^(-m/d).
Trusted: the count of lattice points in a ball. Checked: the exponent; m = d + t for a kernel whose smoothness is exactly t.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Recompute the exponent."""
    given = context.step.given
    m, d = parse_ratio(given["decay"]), parse_ratio(given["dimension"])
    demand(not context.premises and m == parse_ratio("d + t") and d == parse_ratio("d"), "smoothness t in d dimensions is meant")
    same_terms(terms_of(context.step), [Term(Monomial.of({"n": -m / d}))], "the order of the eigenvalues")
