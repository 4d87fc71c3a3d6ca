"""Rigorous enclosures at rational witness points, with Arb balls; the checker's own, independent of `scaling_sym.numerics`.

A power sum is enclosed by adding its first terms and expanding the rest, where u j^c >= 2, in powers of 1/(u j^c), each power
summed by the Hurwitz zeta function; the alternating remainder is bounded by the first term left out.

Not covered: kernels other than (1 + x)^(-k).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from math import comb

from flint import arb, ctx, fmpq

from proofs_check.framework import demand
from scaling_sym.algebra.constant_values import solve_kappa
from scaling_sym.algebra.terms import Term

BITS = 90
TAIL_TERMS = 60


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
        total = arb(0)
        for j in range(1, head + 1):
            total += _ball(j) ** _ball(-s0) / (1 + x * _ball(j) ** power) ** k
        if not v or head < v:
            total += _enclose_tail(s0, c, k, x, head, v)
        return total


def _enclose_tail(s0: Fraction, c: Fraction, k: int, x: arb, head: int, v: int) -> arb:
    total = arb(0)
    for n in range(TAIL_TERMS + 1):
        s = _ball(s0 + c * (k + n))
        low, high = arb(head + 1), arb(v + 1)
        if not v:
            demand(bool(s > 1), "the sum diverges at the witness")
            between = s.zeta(low)
        else:
            between = high.digamma() - low.digamma() if s == 1 else s.zeta(low) - s.zeta(high)
        part = comb(k + n - 1, n) * x ** -(k + n) * between
        if n == TAIL_TERMS:
            bound = abs(part).upper()
            return total + arb(0, bound * 2)
        total += (-1) ** n * part
    return total


def enclose_term(term: Term, resources: Mapping[str, Fraction], point: Mapping[str, Fraction]) -> arb:
    """A ball around a term at given resources and parameters."""
    with ctx.workprec(BITS):
        value = term.constant.evaluate(point, 24)
        for name, exponent in term.monomial.powers:
            value *= _ball(resources[name]) ** _ball(exponent.at(point))
        for argument, power in term.logs:
            inner = arb(1)
            for name, exponent in argument.powers:
                inner *= _ball(resources[name]) ** _ball(exponent.at(point))
            value *= inner.log() ** _ball(power.at(point))
        return value


@cache
def bracket_kappa(c: Fraction, rho: Fraction) -> None:
    """Refuse unless k int_0^rho du/(k + u^c) - 1 changes sign across a small neighbourhood of the ball for kappa."""
    with ctx.workprec(BITS):
        root = solve_kappa(c, rho)
        low, high = arb(root.lower()), arb(root.upper())
        signs = [_excess(low * (1 - arb(2) ** -6), c, rho), _excess(high * (1 + arb(2) ** -6), c, rho)]
        demand(bool(signs[0] < 0) and bool(signs[1] > 0), "the root kappa is not bracketed")


def _excess(k: arb, c: Fraction, rho: Fraction) -> arb:
    """k int_0^rho du/(k + u^c) - 1 by lower and upper Riemann sums of the decreasing integrand."""
    n = 2000
    step = _ball(rho / n)
    values = [1 / (k + (_ball(Fraction(i) * rho / n)) ** _ball(c)) for i in range(n + 1)]
    low, high = sum(values[1:], arb(0)) * step, sum(values[:-1], arb(0)) * step
    return k * low.union(high) - 1
