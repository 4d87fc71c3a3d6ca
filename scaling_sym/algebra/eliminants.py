"""Discriminants, resultants and leading coefficients of polynomials in one of their names, by FLINT.

Needed where a plane is cut along walls (`sampling`, and the drawing of cells); nothing that is checked rests on them.
"""

from __future__ import annotations

from math import lcm

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx, fmpz_mpoly_ctx

from scaling_sym.algebra.ratios import Ratio, product


def _lower(value: Ratio, names: tuple[str, ...]) -> fmpq_mpoly:
    """A polynomial as FLINT holds it, in the names given."""
    context = fmpq_mpoly_ctx.get(names, Ordering.deglex)
    terms = {tuple(dict(powers).get(n, 0) for n in names): fmpq(c.numerator, c.denominator)
             for powers, c in value.monomials().items()}
    return context.from_dict(terms)


def _lift(value: fmpq_mpoly) -> Ratio:
    context, scale = fmpz_mpoly_ctx.get(value.context().names(), Ordering.deglex), lcm(*(int(c.q) for c in value.coeffs()))
    return Ratio(context.from_dict({m: int((c * scale).p) for m, c in value.to_dict().items()}), context.constant(scale))


def degree_in(value: Ratio, name: str) -> int:
    """The degree of a polynomial in one name."""
    return max((dict(powers).get(name, 0) for powers in value.monomials()), default=0)


def leading_coefficient(value: Ratio, name: str) -> Ratio:
    """The coefficient of the highest power of `name` in a polynomial."""
    top = degree_in(value, name)
    rest = {m: c for m, c in value.monomials().items() if dict(m).get(name, 0) == top}
    return sum((product(Ratio.parameter(n) ** e for n, e in m if n != name) * c for m, c in rest.items()), Ratio.of(0))


def discriminant(value: Ratio, name: str) -> Ratio:
    """The discriminant of a polynomial in `name`; 1 where the degree is at most one."""
    if degree_in(value, name) < 2:
        return Ratio.of(1)
    return _lift(_lower(value, value.names).discriminant(name))


def resultant(left: Ratio, right: Ratio, name: str) -> Ratio:
    """The resultant of two polynomials with respect to `name`."""
    names = tuple(sorted({*left.names, *right.names}))
    return _lift(_lower(left, names).resultant(_lower(right, names), name))
