"""Rigorous enclosures at rational witness points, with Arb balls; the checker's own, independent of `scaling_sym.numerics`.

A power sum is enclosed by adding its first terms and expanding the rest, where u j^c >= 2, in powers of 1/(u j^c), each power
summed by the Hurwitz zeta function; the alternating remainder is bounded by the first term left out. Replay does without:
`confirm` lays the expansions of a bundle, which rest on a trusted table of poles, beside the sums themselves.
Not covered: kernels other than (1 + x)^(-k).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache, partial
from math import comb, log
from typing import Final

from flint import arb, ctx, fmpq

from proofs_check.framework import demand, terms_of
from proofs_check.rules.expansions import WITNESS
from proofs_check.steps import Fault, find_fault
from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.steps import Step

BITS: Final = 90
TAIL_TERMS: Final = 60
HEADS: Final = (300, 1800)


def find_false_sums(steps: Iterable[Step]) -> list[Fault]:
    """The steps `power-sum` whose expansion is not that of the sum."""
    found = (find_fault(s.id, s.rule, partial(_check_sum, s)) for s in steps if s.rule == "power-sum")
    return [fault for fault in found if fault is not None]


def _check_sum(step: Step) -> None:
    given = step.given
    s0, c, counts = parse_ratio(given["s0"]), parse_ratio(given["c"]), (given["order"], given["inner"], given["outer"])
    enclose_remainder(s0, c, counts, bool(given["upper"]), terms_of(step))


def enclose_remainder(s0: Ratio, c: Ratio, counts: tuple[int, int, int], finite: bool, terms: Iterable[Term]) -> None:
    """Refuse unless, at a witness and two u, the sum minus its expansion is of the size of the first terms left out."""
    (k, inner, outer), s, e = counts, s0.at(WITNESS), c.at(WITNESS)
    for head in HEADS:
        u = Fraction(2 * head ** -float(e)).limit_denominator(10**9)
        v = int((32 / float(u)) ** (1 / float(e)))
        remainder = enclose_power_sum(s, e, k, u, v if finite else 0)
        for term in terms:
            remainder -= enclose_term(term, {"u": u, "v": Fraction(v)}, WITNESS)
        x, w = float(u), float(v)
        left_out = x**inner
        if finite:
            left_out += x ** (-k - outer) * w ** float(1 - s - e * (k + outer)) + x**-k * w ** float(-s - e * k)
        small = bool(abs(remainder) < 20 * left_out * (1 + abs(log(x))))
        demand(small, "the enclosed sum minus the expansion is larger than what was left out")


def _ball(x: Fraction | int) -> arb:
    exact = Fraction(x)
    return arb(fmpq(exact.numerator, exact.denominator))


@cache
def enclose_power_sum(s0: Fraction, c: Fraction, k: int, u: Fraction, v: int) -> arb:
    """A ball around sum over 1 <= j <= v of j^(-s0) (1 + u j^c)^(-k); v = 0 stands for infinity, if the sum converges."""
    with ctx.workprec(BITS):
        x, power = _ball(u), _ball(c)
        turn = int(((2 / x) ** (1 / power)).upper().ceil().unique_fmpz() or 0) + 1
        head = min(v, turn) if v else turn
        total = sum((_ball(j) ** _ball(-s0) / (1 + x * _ball(j) ** power) ** k for j in range(1, head + 1)), arb(0))
        if head == v:
            return total
        part, low, high = arb(0), arb(head + 1), arb(v + 1)
        for n in range(TAIL_TERMS + 1):
            total, s = total + part, _ball(s0 + c * (k + n))
            demand(v > 0 or bool(s > 1), "the sum diverges at the witness")
            rest = s.zeta(high) if v else arb(0)
            between = high.digamma() - low.digamma() if s == 1 else s.zeta(low) - rest
            part = (-1) ** n * comb(k + n - 1, n) * x ** -(k + n) * between
        return total + arb(0, abs(part).upper() * 2)


def enclose_term(term: Term, resources: Mapping[str, Fraction], point: Mapping[str, Fraction]) -> arb:
    """A ball around a term at given resources and parameters."""
    def raise_to(monomial: Monomial) -> arb:
        """A ball around a monomial."""
        value = arb(1)
        for name, exponent in monomial.powers:
            value *= _ball(resources[name]) ** _ball(exponent.at(point))
        return value

    with ctx.workprec(BITS):
        value = evaluate(term.constant, point, 24) * raise_to(term.monomial)
        for argument, power in term.logs:
            value *= raise_to(argument).log() ** _ball(power.at(point))
        return value
