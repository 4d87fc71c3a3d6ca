"""Signs of polynomials on cells, and the comparison of exponents.

Algorithm. A polynomial p is *certified positive* on a cell {c_1 > 0, ..., c_k > 0} by an identity

    p = sum of w_i * (products of the c's),   w_i rational, w_i >= 0,

found by an exact linear programme over the coefficients (K. Schmuedgen, D. Handelman). Each product is positive on the
open cell, so the identity is a proof, on unbounded cells too. Comparison of two exponents a and b on a cell takes the
sign of a - b: rational sample points of every open piece tell which signs occur; one sign that is also certified gives
LESS or GREATER; anything else gives SPLIT with the polynomial that decides. It never guesses: a polynomial that is of
one sign at all samples but has no certificate is answered with SPLIT.

Vocabulary. *Weights*: the pairs (product, w_i), a product being the tuple of the multiplicities of the cell's
conditions, in their stored order.

Not covered: cells with equality conditions (substitute them first).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.linear import find_combination
from scaling_sym.algebra.ratios import Ratio, product
from scaling_sym.algebra.sampling import sample_cell

Weights = tuple[tuple[tuple[int, ...], Fraction], ...]


class Order(enum.Enum):
    """The outcome of a comparison."""

    LESS = "less"
    EQUAL = "equal"
    GREATER = "greater"
    SPLIT = "split"


@final
@dataclass(frozen=True, slots=True)
class Comparison:
    """An order, and for SPLIT the polynomial whose sign decides it."""

    order: Order
    polynomial: Ratio | None = None


@lru_cache(maxsize=16384)
def certify_positive(polynomial: Ratio, cell: Cell, extra_degree: int = 2) -> Weights | None:
    """Weights that prove `polynomial > 0` on the open cell, or `None` where none is found.

    A sample point of the cell at which the polynomial is not positive settles the matter without a search.

    Products of the conditions are tried up to the polynomial's degree plus `extra_degree`. A polynomial that is a
    positive constant has the one weight on the empty product.
    """
    constraints = [s.positive for s in cell.conditions if s.relation != "="]
    names = tuple(sorted({*cell.names, *polynomial.names}))
    if any(polynomial.at(p) <= 0 for p in _cell_points(cell, names)):
        return None
    for extra in range(extra_degree + 1):
        candidates = _product_list(tuple(constraints), max(polynomial.degree, 1) + extra)
        found = _combine(polynomial, candidates)
        if found is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def certify_empty(cell: Cell, extra_degree: int = 2) -> Weights | None:
    """Weights that prove the open cell empty: a combination of positive products that is identically zero."""
    constraints = [s.positive for s in cell.conditions if s.relation != "="]
    for degree in range(1, 2 + extra_degree):
        found = _combine(Ratio.of(0), list(_products(constraints, degree)))
        if found is not None:
            return found
    return None


def sign_on_cell(polynomial: Ratio, cell: Cell, names: Sequence[str]) -> int | None:
    """+1 or -1 where the sign is certified on the whole non-empty cell, else `None`."""
    if not polynomial:
        return None
    if polynomial.is_constant:
        return 1 if polynomial.constant() > 0 else -1
    return _certified_sign(polynomial, cell, tuple(names))


@lru_cache(maxsize=8192)
def _certified_sign(polynomial: Ratio, cell: Cell, names: tuple[str, ...]) -> int | None:
    """Sample points of the cell exclude one sign, or both; what is left needs a certificate."""
    signs = {(value > 0) - (value < 0) for value in map(polynomial.at, _cell_points(cell, names))}
    if len(signs) != 1 or 0 in signs:
        return None
    sign = signs.pop()
    return sign if certify_positive(polynomial * sign, cell) is not None else None


@lru_cache(maxsize=512)
def _cell_points(cell: Cell, names: tuple[str, ...]) -> tuple[dict[str, Fraction], ...]:
    return tuple(sample_cell(cell, names))


def compare_exponents(left: Ratio, right: Ratio, cell: Cell, names: Sequence[str]) -> Comparison:
    """Compare two exponents on a cell: LESS, EQUAL, GREATER, or SPLIT with the polynomial that decides."""
    difference = left - right
    if not difference:
        return Comparison(Order.EQUAL)
    content, factors = difference.factors()
    sign, open_factors = (1 if content > 0 else -1), []
    for factor, power in factors:
        known = sign_on_cell(factor, cell, names)
        if known is None:
            open_factors.append(factor)
        elif power % 2:
            sign *= known
    if open_factors:
        return Comparison(Order.SPLIT, product(open_factors))
    return Comparison(Order.GREATER if sign > 0 else Order.LESS)


def combine_weights(cell: Cell, weights: Weights) -> Ratio:
    """The sum of the products of the cell's conditions with the weights."""
    constraints = [s.positive for s in cell.conditions]
    return sum((product(c**e for c, e in zip(constraints, powers, strict=True)) * w for powers, w in weights), Ratio.of(0))


def check_weights(polynomial: Ratio, cell: Cell, weights: Weights) -> bool:
    """Whether the weights prove `polynomial > 0` on the open cell: one identity and the signs of the weights."""
    for powers, weight in weights:
        if weight < 0 or len(powers) != len(cell.conditions) or any(e < 0 for e in powers):
            return False
        if any(e and s.relation == "=" for e, s in zip(powers, cell.conditions, strict=True)):
            return False
    return any(weight > 0 for _, weight in weights) and combine_weights(cell, weights) == polynomial


def implied(sign: Sign, cell: Cell) -> Weights | None:
    """Weights that prove a strict condition on the cell, or `None`."""
    return None if sign.relation == "=" else certify_positive(sign.positive, cell)


def _products(constraints: Sequence[Ratio], degree: int) -> Iterator[tuple[tuple[int, ...], Ratio]]:
    """All products of the constraints up to a total polynomial degree, with their multiplicities."""
    for size in range(degree + 1):
        for chosen in combinations_with_replacement(range(len(constraints)), size):
            value = product(constraints[i] for i in chosen)
            if value.degree <= degree:
                yield tuple(chosen.count(i) for i in range(len(constraints))), value


@lru_cache(maxsize=512)
def _product_list(constraints: tuple[Ratio, ...], degree: int) -> tuple[tuple[tuple[int, ...], Ratio], ...]:
    return tuple(_products(constraints, degree))


def _combine(target: Ratio, candidates: Sequence[tuple[tuple[int, ...], Ratio]]) -> Weights | None:
    tables = [value.monomials() for _, value in candidates]
    wanted = target.monomials()
    rows = sorted({m for table in [wanted, *tables] for m in table})
    columns = [[table.get(m, Fraction(0)) for m in rows] for table in tables]
    right = [wanted.get(m, Fraction(0)) for m in rows]
    if not target:  # a proof of emptiness: the weights, not all zero, are normalised to sum to one
        columns, right = [[*c, Fraction(1)] for c in columns], [*right, Fraction(1)]
    weights = find_combination(columns, right)
    if weights is None:
        return None
    return tuple((powers, w) for (powers, _), w in zip(candidates, weights, strict=True) if w)
