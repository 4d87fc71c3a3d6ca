"""Arranging sign conditions, cells and regions for display, as inequalities that a reader takes in at once.

Algorithm. (1) The conditions on one parameter alone, of degree one or two, are solved exactly (`surds`); where they
leave one open interval together, it is printed: 1/4 < alpha < 1 - 1/sqrt(2). (2) Any other polynomial is printed with
its negative terms moved to the other side, a common factor divided out: alpha + beta > 1/2, a b + b < a. (3) Links that
end and begin with the same letter or number are joined: 1/2 < beta < alpha.

The text printed has exactly the meaning of the conditions: nothing is dropped but bounds that another bound implies.

Not covered: solving for a parameter whose coefficient contains other parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from math import gcd, isqrt, lcm
from typing import Final, TypeAlias

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.regions import Region
from scaling_sym.export.formulas import arrange_polynomial
from scaling_sym.export.layout import (
    ZERO,
    Chain,
    Listing,
    Node,
    Number,
    Quotient,
    Root,
    Sum,
    Symbol,
    Words,
    add,
    divide,
    multiply,
    negate,
    rational,
)
from scaling_sym.export.surds import Surd, compare_surds, find_roots

Interval: TypeAlias = "tuple[Surd | None, Surd | None]"
Link: TypeAlias = tuple[Node, ...]

_LINE: Final[Sequence[Interval]] = ((None, None),)
_LARGEST_SQUARE: Final = 10**9


def arrange_sign(sign: Sign) -> Node:
    """One condition as an inequality or equation."""
    return arrange_cell(Cell((sign,)))


def arrange_cell(cell: Cell) -> Node:
    """A conjunction of conditions; the whole space is `everywhere`."""
    loose = [s for s in cell.conditions if s.relation != "="]
    links: list[Link] = []
    chains: list[Node] = [_arrange_equation(s.polynomial) for s in cell.conditions if s.relation == "="]
    for name in cell.names:
        own = [s for s in loose if s.polynomial.names == (name,) and find_roots(s.polynomial) is not None]
        interval = _intersect(own)
        if own and interval is not None:
            links.append(_bounds(name, interval))
            loose = [s for s in loose if s not in own]
    for sign in loose:
        left, right = _sides(sign.polynomial)
        if _is_simple(left) and _is_simple(right):
            links.append((left, right) if sign.relation == "<" else (right, left))
        else:
            chains.append(Chain((left, right), sign.relation))
    return _list([*(_turn(link) for link in _join(links)), *chains], "and", "everywhere")


def arrange_region(region: Region) -> Node:
    """A union of cells; the empty one is `nowhere`."""
    return _list([arrange_cell(cell) for cell in region.cells], "or", "nowhere")


def arrange_surd(value: Surd) -> Node:
    """A root as it is written by hand: 1 - 1/sqrt(2), (1 + sqrt(5))/2."""
    if not value.sign:
        return rational(value.rational)
    factor, inside = _extract_square(value.square)
    low = inside.denominator
    sign = "+" if value.sign > 0 else "-"
    root: Node = Root(Number(low if inside.numerator == 1 else inside.numerator * low))
    if inside.numerator == 1 and low > 1:  # s / sqrt(w)
        return _sum_of_surd(value, sign, Number(factor.numerator), multiply([Number(factor.denominator), root]))
    size = factor / low
    return _sum_of_surd(value, sign, multiply([Number(size.numerator), root]), Number(size.denominator))


def _sum_of_surd(value: Surd, sign: str, above: Node, below: Node) -> Node:
    """The rational piece and above/below, over one line where the denominators agree."""
    if value.rational and below == Number(value.rational.denominator) and value.rational.denominator > 1:
        start = rational(Fraction(value.rational.numerator))
        return Quotient(_join_sum(start, sign, above), below)
    return _join_sum(rational(value.rational) if value.rational else None, sign, divide(above, below))


def _join_sum(start: Node | None, sign: str, part: Node) -> Node:
    """start + part with the positive of the two first."""
    if start is None:
        return part if sign == "+" else negate(part)
    first = start.parts if isinstance(start, Sum) else (("+", start),)
    parts = [*first, (sign, part)]
    return add(sorted(parts, key=lambda p: p[0] == "-"))


def _extract_square(value: Fraction) -> tuple[Fraction, Fraction]:
    """(s, r) with value = s^2 r and r without square factors (large numbers are left as they are)."""
    pieces = []
    for n in (value.numerator, value.denominator):
        root, rest, k = 1, n, 2
        while n <= _LARGEST_SQUARE and k <= isqrt(rest):
            while rest % (k * k) == 0:
                root, rest = root * k, rest // (k * k)
            k += 1
        pieces.append((root, rest))
    (a, b), (c, d) = pieces
    return Fraction(a, c), Fraction(b, d)


def _intersect(signs: Sequence[Sign]) -> Interval | None:
    """The one open interval that the conditions leave, or `None` where they leave none or several."""
    pieces = list(_LINE)
    for sign in signs:
        pieces = [m for a in pieces for b in _solve(sign) if (m := _meet(a, b)) is not None]
    return pieces[0] if len(pieces) == 1 and pieces[0] != (None, None) else None


def _solve(sign: Sign) -> list[Interval]:
    """The open intervals on which a strict condition on one parameter holds."""
    roots = find_roots(sign.polynomial) or []
    edges = [None, *roots, None]
    gaps = list(pairwise(edges))
    (name,) = sign.polynomial.names
    return [gap for gap in gaps if sign.holds_at({name: _between(*gap)})]


def _between(low: Surd | None, high: Surd | None) -> Fraction:
    """A rational strictly between two bounds."""
    if low is None or high is None:
        if low is not None:
            return low.enclose(4)[1] + 1
        return high.enclose(4)[0] - 1 if high is not None else Fraction(0)
    bits = 8
    while low.enclose(bits)[1] >= high.enclose(bits)[0]:
        bits *= 2
    return (low.enclose(bits)[1] + high.enclose(bits)[0]) / 2


def _meet(left: Interval, right: Interval) -> Interval | None:
    lows = sorted((x for x in (left[0], right[0]) if x is not None), key=cmp_to_key(compare_surds))
    highs = sorted((x for x in (left[1], right[1]) if x is not None), key=cmp_to_key(compare_surds))
    low, high = lows[-1] if lows else None, highs[0] if highs else None
    if low is not None and high is not None and compare_surds(low, high) >= 0:
        return None
    return low, high


def _bounds(name: str, interval: Interval) -> Link:
    low, high = interval
    middle = Symbol(name)
    return tuple(
        node
        for node in (arrange_surd(low) if low else None, middle, arrange_surd(high) if high else None)
        if node is not None
    )


def _sides(polynomial: Ratio) -> tuple[Node, Node]:
    """The two sides of `polynomial relation 0`, both without minus signs, linear common factors divided out."""
    terms = polynomial.monomials()
    letters = [c for m, c in terms.items() if m]
    common = Fraction(gcd(*(c.numerator for c in letters)), lcm(*(c.denominator for c in letters)))
    if polynomial.degree > 1 and (terms.get((), Fraction(0)) / common).denominator > 1:
        common = Fraction(1)
    left, right = Ratio.of(0), Ratio.of(0)
    for powers, coefficient in terms.items():
        term = Ratio.of(abs(coefficient) / common)
        for name, power in powers:
            term = term * Ratio.parameter(name) ** power
        left, right = (left + term, right) if coefficient > 0 else (left, right + term)
    return arrange_polynomial(left), arrange_polynomial(right)


def _is_simple(node: Node) -> bool:
    """Whether a side may stand in the middle of a chain: a letter or a number."""
    match node:
        case Symbol() | Number():
            return True
        case Quotient(above, below):
            return isinstance(above, Number) and isinstance(below, Number)
        case _:
            return False


def _join(links: Sequence[Link]) -> list[Link]:
    """Join links, each ascending, where one ends with the letter or number with which another begins."""
    joined = list(links)
    while True:
        pair = next(
            ((i, j) for i, a in enumerate(joined) for j, b in enumerate(joined)
             if i != j and a[-1] == b[0] and a[-1] != ZERO),
            None,
        )
        if pair is None:
            return joined
        i, j = pair
        joined[min(pair)] = (*joined[i], *joined[j][1:])
        del joined[max(pair)]


def _turn(link: Link) -> Chain:
    """A chain of two is written with the parameter first: alpha > 1/2; a longer one ascends."""
    if len(link) == 2 and not isinstance(link[0], Symbol):
        return Chain((link[1], link[0]), ">")
    return Chain(link, "<")


def _arrange_equation(polynomial: Ratio) -> Node:
    roots = find_roots(polynomial)
    if not roots:
        return Chain(_sides(polynomial), "=")
    sides: list[Node] = [Symbol(polynomial.names[0])]
    if len(roots) == 2 and roots[0].sign:
        high = arrange_surd(roots[1])
        return Chain((*sides, _plus_minus(high)), "=")
    return _list([Chain((*sides, arrange_surd(root)), "=") for root in roots], "or", "nowhere")


def _plus_minus(node: Node) -> Node:
    """Turn the last sign of r + sqrt(s) into ±."""
    match node:
        case Sum(parts):
            *rest, (_, last) = sorted(parts, key=lambda p: _has_root(p[1]))
            return Sum((*rest, ("±", last)))
        case Quotient(Sum() as above, below):
            return Quotient(_plus_minus(above), below)
        case _:
            return Sum((("±", node),))


def _has_root(node: Node) -> bool:
    match node:
        case Root():
            return True
        case Quotient(above, below):
            return _has_root(above) or _has_root(below)
        case _:
            return any(_has_root(f) for f in getattr(node, "factors", ()))


def _list(items: Sequence[Node], joint: str, none: str) -> Node:
    return Words(none) if not items else items[0] if len(items) == 1 else Listing(tuple(items), joint)


