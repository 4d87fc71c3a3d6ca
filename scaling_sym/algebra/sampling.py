"""Rational sample points in every open piece of an arrangement of polynomials.

Algorithm: open cylindrical algebraic decomposition (A. Strzebonski, *Solving systems of strict polynomial
inequalities*, J. Symbolic Computation 29 (2000) 471). The last parameter is eliminated by the projection that open
pieces need: leading coefficients, discriminants, and pairwise resultants of the irreducible factors; the projected
arrangement is sampled recursively; above each sample the real roots in the last parameter are isolated exactly and
a rational point is taken in each gap. Every connected open component of the complement of the zero sets receives at
least one point.

Vocabulary. *Arrangement*: a finite set of polynomials. *Gap*: an open interval between neighbouring real roots, or
beyond the outermost one.

Not covered: pieces of lower dimension (walls), which are treated by substituting the wall's equation first. Cost is
doubly exponential in the number of parameters; two to four are practical.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import cast

import flint

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.eliminants import discriminant, leading_coefficient, resultant
from scaling_sym.algebra.ratios import Point, Ratio

_ROOT_BITS = 160


def sample_points(
    polynomials: Iterable[Ratio], names: Sequence[str], within: Cell | None = None
) -> list[dict[str, Fraction]]:
    """One or more rational points in every open component where none of the polynomials vanishes.

    `names` lists all parameters; the points come in a fixed order. Constant polynomials are ignored. With `within`, only
    the points inside this cell are listed, and no line is looked at over a point that is outside already.
    """
    factors = _irreducible(polynomials)
    if not names:
        return [{}]
    *rest, last = names
    points: list[dict[str, Fraction]] = []
    known = Cell(tuple(s for s in within.conditions if set(s.polynomial.names) <= set(names))) if within else Cell()
    for base in sample_points(_project(factors, last), rest, within):
        values = {n: Ratio.of(v) for n, v in base.items()}
        fibre = [p.substitute(values) for p in factors if last in p.names]
        above = ({**base, last: x} for x in _sample_line(fibre, last))
        points.extend(p for p in above if known.contains(p))
    return points


def sample_cell(cell: Cell, names: Sequence[str], extra: Iterable[Ratio] = ()) -> list[dict[str, Fraction]]:
    """Rational points in every open component of `cell` cut by the zero sets of `extra`; empty iff the cell is."""
    polynomials = [s.polynomial for s in cell.conditions] + list(extra)
    return sample_points(polynomials, names, cell)


def simplest_between(low: Fraction | None, high: Fraction | None) -> Fraction:
    """The rational of smallest denominator strictly between two bounds (`None`: unbounded)."""
    if low is None and high is None:
        return Fraction(0)
    if low is None:
        assert high is not None
        return -simplest_between(-high, None)
    if low < 0 and (high is None or high > 0):
        return Fraction(0)
    if high is None:
        return Fraction(low.__floor__() + 1)
    if high <= 0:
        return -simplest_between(-high, -low)
    whole = low.__floor__()
    if whole + 1 < high:
        return Fraction(whole + 1)
    inner = simplest_between(1 / (high - whole), None if low == whole else 1 / (low - whole))
    return whole + 1 / inner


def distance_to_zero_sets(point: Point, polynomials: Iterable[Ratio]) -> float:
    """A first-order estimate of the distance from a point to the nearest zero set (for choosing good witnesses)."""
    best = float("inf")
    for p in polynomials:
        slope = sum(float(p.derivative(n).at(point)) ** 2 for n in p.names) ** 0.5
        best = min(best, abs(float(p.at(point))) / max(slope, 1e-12))
    return best


def _irreducible(polynomials: Iterable[Ratio]) -> list[Ratio]:
    found = {f for p in polynomials if p for f, _ in p.numerator.factors()[1]}
    return sorted(found, key=lambda f: (f.degree, str(f)))


def _project(factors: Sequence[Ratio], name: str) -> list[Ratio]:
    inside = [f for f in factors if name in f.names]
    projected = [f for f in factors if name not in f.names]
    for i, f in enumerate(inside):
        projected.append(leading_coefficient(f, name))
        projected.append(discriminant(f, name))
        projected.extend(resultant(f, g, name) for g in inside[:i])
    return [p for p in projected if p and not p.is_constant]


def _sample_line(fibre: Iterable[Ratio], name: str) -> list[Fraction]:
    polynomials, bits = _irreducible(fibre), _ROOT_BITS
    roots = sorted(interval for p in polynomials for interval in _isolate_roots(p, name, bits))
    while any(left[1] >= right[0] for left, right in pairwise(roots)):
        bits *= 2  # different irreducible factors share no root, so that the intervals separate in the end
        roots = sorted(interval for p in polynomials for interval in _isolate_roots(p, name, bits))
    bounds = [None, *roots, None]
    return [simplest_between(a[1] if a else None, b[0] if b else None) for a, b in pairwise(bounds)]


def _isolate_roots(polynomial: Ratio, name: str, bits: int) -> list[tuple[Fraction, Fraction]]:
    """Rational intervals around the real roots of an irreducible polynomial in one parameter."""
    dense = [0] * (polynomial.degree + 1)
    for powers, coefficient in polynomial.monomials().items():
        dense[dict(powers).get(name, 0)] = int(coefficient)
    with flint.ctx.workprec(bits):
        # The stub of FLINT says that the roots come alone; they come with their multiplicities.
        found = cast("list[tuple[flint.acb, int]]", flint.fmpz_poly(dense).complex_roots())
        real = [root.real for root, _ in found if root.imag.is_zero()]
        return [(_exact(r.lower()), _exact(r.upper())) for r in real]


def _exact(endpoint: flint.arb) -> Fraction:
    mantissa, exponent = endpoint.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
