"""Rule `power-sum`: the expansion of sum over j <= v of j^(-s0) (1 + u j^c)^(-k) for u -> 0, u v^c -> infinity (or v = infinity).

Trusted: the Mellin transform Gamma(s) Gamma(k-s)/Gamma(k) of (1+x)^(-k), that zeta has residue 1 at its only pole, and the
theorem that moving the line collects residues (Flajolet, Gourdon, Dumas 1995). Checked exactly: each pole, its residue, and,
where poles coincide identically, the logarithm. A bulk pole that falls
on one of the transform's beyond those counted is part of what is left out. Checked besides, at rational witness points, with
balls: the sum itself, enclosed, minus the expansion is no larger than a multiple of the first terms left out, at two u.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, log
from typing import Any

from proofs_check.enclosures import enclose_power_sum, enclose_term
from proofs_check.framework import Context, demand, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, gamma, zeta
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term

HEADS = (300, 1800)
WITNESS = {"alpha": Fraction(13, 17), "beta": Fraction(11, 19), "a": Fraction(29, 11), "b": Fraction(17, 13)}


def check(context: Context) -> None:
    """Recompute the residues, and enclose the sum at a witness."""
    given = context.step.given
    demand(context.cell == Cell() and given["kernel"] == "rational", "the rule is for rational kernels, everywhere")
    demand(given["x"] == "u" and given["upper"] in ("v", ""), "the sum runs over j <= v, or over all j, in powers of u")
    s0, c, k = parse_ratio(given["s0"]), parse_ratio(given["c"]), given["order"]
    counts = (k, given["inner"], given["outer"])
    demand(all(isinstance(n, int) and 0 < n < 9 for n in counts), "order and counts are small whole numbers")
    finite = given["upper"] == "v"
    expected = residues(s0, c, k, given["inner"], given["outer"] if finite else 0)
    same_terms(terms_of(context.step), expected, "the expansion of the sum")
    names = {n: x for n, x in WITNESS.items() if n in (*s0.names, *c.names)}
    _enclose(s0.at(names), c.at(names), counts, finite, terms_of(context.step), names)


def residues(s0: Ratio, c: Ratio, k: int, inner: int, outer: int) -> list[Term]:
    """The terms that the poles give, each family apart, double poles recognised by identity of their places."""
    place, terms = (1 - s0) / c, []
    whole = place.is_constant and place.constant().denominator == 1
    simple = not (whole and (place.constant() <= 0 or place.constant() >= k))
    for n in range(inner):
        size = Constant(Fraction((-1) ** n * comb(k + n - 1, n)))
        if place == -n:
            power = Monomial.of({"u": n})
            terms.append(Term(power, size / c, ((Monomial.of({"u": -1}), Ratio.of(1)),)))
            terms.append(Term(power, size * (Constant.of(Atom("euler")) + Constant.of(_digamma_gap(n, k) / c))))
        else:
            terms.append(Term(Monomial.of({"u": n}), size * zeta(s0 - c * n)))
    for n in range(outer):
        size = Constant(Fraction((-1) ** n * comb(k + n - 1, n)))
        if place == k + n:
            power = Monomial.of({"u": -k - n})
            terms.append(Term(power, size, ((Monomial.of({"u": 1 / c, "v": 1}), Ratio.of(1)),)))
            terms.append(Term(power, size * Constant.of(_digamma_gap(n, k) / c)))
        else:
            edge = 1 - s0 - c * (k + n)
            terms.append(Term(Monomial.of({"u": -k - n, "v": edge}), size / edge))
    if simple:
        transform = gamma(place) * gamma(k - place) / gamma(Ratio.of(k))
        terms.append(Term(Monomial.of({"u": -place}), transform / c))
    return [t for t in terms if t.constant.coefficient]


def _digamma_gap(n: int, k: int) -> Ratio:
    """psi(n+1) - psi(n+k) = H_n - H_(n+k-1)."""
    return Ratio.of(-sum((Fraction(1, i) for i in range(n + 1, n + k)), Fraction(0)))


def _enclose(
    s0: Fraction, c: Fraction, counts: tuple[int, int, int], finite: bool, terms: Any, names: dict[str, Fraction]
) -> None:
    k, inner, outer = counts
    for head in HEADS:
        u = Fraction(2 * head ** -float(c)).limit_denominator(10**9)
        v = int((32 / float(u)) ** (1 / float(c)))
        remainder = enclose_power_sum(s0, c, k, u, v if finite else 0)
        for term in terms:
            remainder -= enclose_term(term, {"u": u, "v": Fraction(v)}, names)
        x, w = float(u), float(v)
        left_out = x**inner
        if finite:
            left_out += x ** (-k - outer) * w ** float(1 - s0 - c * (k + outer)) + x**-k * w ** float(-s0 - c * k)
        small = abs(remainder) < 20 * left_out * (1 + abs(log(x)))
        demand(small, "the enclosed sum minus the expansion is larger than what was left out")
