"""Arranging exact objects for display: rational functions, constants, monomials, terms, expansions.

Rules for a rational function, in this order.
1. One fraction; the rational content goes above and below the line.
2. Numerator and denominator are printed in irreducible factors unless the expanded polynomial is clearly shorter.
3. Where a point or a cell is given, every factor that is a sum is written so that it is positive there, and the sign of
   the whole stands in front: on 2 alpha < 1 one reads 1 - 2 alpha, and no two minus signs that cancel. Without one, a
   minus sign goes into the first factor that then has no more negative terms than positive ones, else in front.
4. Terms fall by degree, then by name. Where that would start with a minus sign, positive terms come first instead, and
   each group rises by degree: 2 beta - alpha - 2 alpha beta.

Constants have negative whole powers below the line, symbolic powers above it. The Euler-Mascheroni constant is written
with an index, because gamma is the learning rate; kappa carries its exponent as index and the ratio v/d as argument.

Not covered: nested fractions, common subexpressions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.ratios import Point, Ratio, product
from scaling_sym.algebra.signs import sign_on_cell
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.export.layout import (
    UNITY,
    ZERO,
    Call,
    Integral,
    Mark,
    Node,
    Number,
    Power,
    Quotient,
    Sum,
    Symbol,
    add,
    divide,
    multiply,
    negate,
    weigh,
)

Where: TypeAlias = "Point | Cell | None"
Factors: TypeAlias = Sequence[tuple[Ratio, int]]
Powers: TypeAlias = tuple[tuple[str, int], ...]
Signed: TypeAlias = tuple[int, Node, Node]

_SLACK: Final = 2  # factors are worth this many extra signs on paper
_LARGEST_EXPANDED: Final = 12


def arrange_ratio(value: Ratio | Fraction | int, where: Where = None) -> Node:
    """A rational function as one fraction; `where` is a point or cell on which each printed factor is positive."""
    sign, above, below = _split_ratio(Ratio.of(value), where)
    return _signed(sign, divide(above, below))


def arrange_polynomial(value: Ratio) -> Node:
    """A polynomial, expanded, in the order of terms that rule 4 of the module gives."""
    return add([("+" if c > 0 else "-", _monomial_of(m, abs(c))) for m, c in _ordered(value)])


def arrange_constant(value: Constant, where: Where = None) -> Node:
    """A symbolic constant, with negative whole powers below the line."""
    sign, above, below = _split_constant(value, where)
    return _signed(sign, divide(above, below))


def arrange_monomial(value: Monomial, where: Where = None) -> Node:
    """A product of powers of resources; negative powers stay powers."""
    return multiply(_power(Symbol(name), exponent, where) for name, exponent in value.powers)


def arrange_term(value: Term, where: Where = None) -> Node:
    """Constant, powers and logarithms; the term's name and cell are not shown."""
    sign, body = _split_term(value, where)
    return _signed(sign, body)


def arrange_expansion(value: Expansion, where: Where = None) -> Node:
    """The terms with their signs, and each error as O(...)."""
    parts = [part for term in value.terms for part in _signed_parts(*_split_term(term, where))]
    for error in value.errors:
        size = Term(error.monomial, logs=error.logs)
        parts.append(("+", Call("O", (arrange_term(size, where),))))
    return add(parts)


def _signed_parts(sign: int, body: Node) -> list[tuple[str, Node]]:
    """A body as parts of a larger sum, its own sum written out where that turns no sign."""
    if isinstance(body, Sum) and sign > 0:
        return list(body.parts)
    return [("+" if sign > 0 else "-", body)]


def _signed(sign: int, body: Node) -> Node:
    """The body, with a minus sign in front where the sign is negative."""
    return body if sign > 0 else negate(body)


def _split_ratio(value: Ratio, where: Where) -> Signed:
    return _split_anywhere(value) if where is None else _split_at(value, where)


@lru_cache(maxsize=4096)
def _split_anywhere(value: Ratio) -> Signed:
    return _split_at(value, None)


def _split_at(value: Ratio, where: Where) -> Signed:
    content, factors = value.factors()
    if not content:
        return 1, ZERO, UNITY
    sign, oriented = _orient(1 if content > 0 else -1, factors, where)
    above = _arrange_factors(abs(content.numerator), [(f, e) for f, e in oriented if e > 0])
    below = _arrange_factors(content.denominator, [(f, -e) for f, e in oriented if e < 0])
    return sign, above, below


def _orient(sign: int, factors: Factors, where: Where) -> tuple[int, list[tuple[Ratio, int]]]:
    """Turn the signs of factors round by rule 3 of the module; returns the sign that is left in front."""
    oriented = list(factors)
    sums = [i for i, (f, _) in enumerate(factors) if len(f.monomials()) > 1]
    if where is not None:
        for i in sums:
            factor, power = factors[i]
            if _sign_where(factor, where) < 0:
                oriented[i] = (-factor, power)
                sign = -sign if power % 2 else sign
        return sign, oriented
    if sign < 0:
        odd = sorted((i for i in sums if factors[i][1] % 2), key=lambda i: factors[i][1] < 0)
        alone = len(factors) == 1 and factors[0][1] == 1
        choice = next((i for i in odd if alone or _is_balanced(-factors[i][0])), None)
        if choice is not None:
            oriented[choice] = (-factors[choice][0], factors[choice][1])
            sign = 1
    return sign, oriented


def _is_balanced(polynomial: Ratio) -> bool:
    """Whether at least half of the terms are positive."""
    return sum(1 if c > 0 else -1 for c in polynomial.monomials().values()) >= 0


def _sign_where(factor: Ratio, where: Point | Cell) -> int:
    """The sign of a factor at a point (0 where it vanishes or is unknown), or certified on a cell."""
    if isinstance(where, Cell):
        strict = Cell.of(s for s in where.conditions if s.relation != "=")
        names = tuple(sorted({*strict.names, *factor.names}))
        return sign_on_cell(factor, strict, names) or 0
    if any(name not in where for name in factor.names):
        return 0
    value = factor.at(where)
    return (value > 0) - (value < 0)


def _arrange_factors(content: int, factors: Factors) -> Node:
    """A positive number times powers of polynomials: in factors, or expanded where that is clearly shorter."""
    single = [f for f in factors if len(f[0].monomials()) == 1]
    sums = sorted((f for f in factors if len(f[0].monomials()) > 1), key=lambda f: _size(f[0]))
    parts = [_whole_power(arrange_polynomial(f), e) for f, e in [*single, *sums]]
    factored = multiply([Number(content), *parts])
    if sum(f.degree * e for f, e in factors) > _LARGEST_EXPANDED or not sums:
        return factored
    expanded = arrange_polynomial(product(f**e for f, e in factors) * content)
    return expanded if weigh(expanded) + _SLACK < weigh(factored) else factored


def _size(polynomial: Ratio) -> tuple[int, int, str]:
    return polynomial.degree, len(polynomial.monomials()), str(polynomial.primitive())


def _whole_power(base: Node, power: int) -> Node:
    return base if power == 1 else Power(base, Number(power))


def _ordered(value: Ratio) -> list[tuple[Powers, Fraction]]:
    """The terms of a polynomial with their coefficients, in the order of rule 4."""

    def rank(item: tuple[Powers, Fraction]) -> tuple[int, list[tuple[str, int]]]:
        """A key that puts higher degrees first, then the names in order."""
        return -sum(e for _, e in item[0]), [(n, -e) for n, e in item[0]]

    terms = sorted(value.monomials().items(), key=rank)
    if not terms or terms[0][1] > 0 or all(c < 0 for _, c in terms):
        return terms
    return sorted(terms, key=lambda item: (item[1] < 0, -rank(item)[0], rank(item)[1]))


def _monomial_of(powers: Powers, coefficient: Fraction) -> Node:
    above = multiply([Number(coefficient.numerator), *(_whole_power(Symbol(n), e) for n, e in powers)])
    return divide(above, Number(coefficient.denominator))


def _power(base: Node, exponent: Ratio, where: Where) -> Node:
    return base if exponent == 1 else Power(base, arrange_ratio(exponent, where))


def _split_constant(value: Constant, where: Where) -> Signed:
    algebraic, above, below = Ratio.of(value.coefficient), [], []
    for atom, exponent in value.factors:
        whole = exponent.is_constant and exponent.constant().denominator == 1
        argument = atom.arguments[0] if atom.arguments else None
        if atom.head == "polynomial" and whole and isinstance(argument, Ratio):
            algebraic = algebraic * argument ** int(exponent.constant())
            continue
        base = _arrange_atom(atom, where)
        if _is_negative(exponent):
            below.append(_power(base, -exponent, where))
        else:
            above.append(_power(base, exponent, where))
    sign, numerator, denominator = _split_ratio(algebraic, where)
    if numerator == ZERO:
        return 1, ZERO, UNITY
    return sign, multiply([numerator, *above]), multiply([denominator, *below])


def _arrange_atom(atom: Atom, where: Where) -> Node:
    ratios = [a for a in atom.arguments if isinstance(a, Ratio)]
    match atom.head:
        case "pi" | "euler":
            return Mark(atom.head)
        case "gamma" | "zeta":
            return Call(atom.head, (arrange_ratio(ratios[0], where),))
        case "kappa":
            return _arrange_kappa(ratios[0], ratios[1], where)
        case "scaled":
            return _arrange_integral(ratios[0], ratios[1], ratios[2], where)
        case "halfbeta":
            return _arrange_half_beta(ratios[0], ratios[1], where)
        case "sum":
            split = [_split_constant(c, where) for c in atom.arguments if isinstance(c, Constant)]
            split.sort(key=lambda s: s[0] < 0)
            return add([("+" if s > 0 else "-", divide(above, below)) for s, above, below in split])
        case _:
            return arrange_ratio(ratios[0], where)


def _ratio_of_sizes(rho: Ratio, where: Where) -> Node:
    return arrange_ratio(rho, where) if rho else Mark("infinity")


def _arrange_kappa(c: Ratio, rho: Ratio, where: Where) -> Node:
    return Call("kappa", (_ratio_of_sizes(rho, where),), arrange_ratio(c, where))


def _arrange_integral(s: Ratio, c: Ratio, rho: Ratio, where: Where) -> Node:
    """The integral of x^(-s) / (kappa + x^c) over (0, rho); the variable is a letter that is no parameter of it."""
    taken = {*s.names, *c.names, *rho.names}
    x = Symbol(next(letter for letter in ("x", "y", "w", "xi", "eta_1") if letter not in taken))
    below = Sum((("+", _arrange_kappa(c, rho, where)), ("+", _power(x, c, where))))
    above = _power(x, -s, where) if s else UNITY
    return Integral(Quotient(above, below), x, ZERO, _ratio_of_sizes(rho, where))


def _arrange_half_beta(p: Ratio, q: Ratio, where: Where) -> Node:
    """The integral of y^(p-1) (2 - y)^(-q) over (0, 1)."""
    y = Symbol(next(letter for letter in ("y", "x", "w") if letter not in {*p.names, *q.names}))
    rest = Sum((("+", arrange_ratio(Ratio.of(2), where)), ("-", y)))
    return Integral(Quotient(_power(y, p - 1, where), _power(rest, q, where)), y, ZERO, UNITY)


def _split_term(value: Term, where: Where) -> tuple[int, Node]:
    sign, above, below = _split_constant(value.constant, where)
    if above == ZERO:
        return 1, ZERO
    logs_above = [_log(m, k, where) for m, k in value.logs if not _is_negative(k)]
    logs_below = [_log(m, -k, where) for m, k in value.logs if _is_negative(k)]
    constant = divide(above, below)
    powers = arrange_monomial(value.monomial, where)
    body = multiply([constant, powers, *logs_above])
    return sign, divide(body, multiply(logs_below))


def _is_negative(exponent: Ratio) -> bool:
    """Whether an exponent is a negative number; a symbolic one counts as positive and stays above the line."""
    return exponent.is_constant and exponent.constant() < 0


def _log(argument: Monomial, power: Ratio, where: Where) -> Node:
    return _power(Call("log", (arrange_monomial(argument, where),)), power, where)


