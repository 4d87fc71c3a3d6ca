"""Reading exact text: numbers, rational functions and comparisons of polynomials with 0, in the one grammar of the project.

A formula is made of whole numbers, names, + - * / ** and brackets; powers are whole numbers. Its tree is made by the standard
library's parser and walked here; nothing is evaluated by Python. Sizes are bounded, so that hostile text is refused in bounded
time: the length, the nesting, each power, and, from the operands, before anything is multiplied out, the degree, the number of
terms and the binary digits of every intermediate result. A VALUE is an integer, a decimal, or a fraction such as 4/5.
"""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Final

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.errors import BadInputError

LONGEST: Final = 4000
LONGEST_VALUE: Final = 4300
HIGHEST_POWER: Final = 64
HIGHEST_DEGREE: Final = 64
MOST_TERMS: Final = 1000
MOST_BITS: Final = 8000

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,4})?|[-+]?[0-9]+/0*[1-9][0-9]*")
_COMPARISON = re.compile(r"([^<>=]*)([<>=])\s*0\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_FOREIGN = re.compile(r"[^ A-Za-z_0-9+*/()-]|(?<!\w)[0-9]+[A-Za-z_]|[0-9]{401}|//")
_OPERATIONS: Final = {ast.Add: Ratio.__add__, ast.Sub: Ratio.__sub__, ast.Mult: Ratio.__mul__, ast.Div: Ratio.__truediv__}


def parse_number(text: str) -> Fraction:
    """Read an integer, a decimal or a fraction exactly; raises `BadInputError` with one sentence."""
    clean = text.strip()
    if len(clean) > LONGEST_VALUE or not _NUMBER.fullmatch(clean):
        raise BadInputError(
            f"{_shorten(text)} is not a number here: an integer, a decimal or a fraction such as 4/5 is allowed"
        )
    return Fraction(clean)


def parse_comparison(text: str) -> tuple[Ratio, str]:
    """Read `POLY > 0`, `POLY < 0` or `POLY = 0`; returns the polynomial and the sign `>`, `<` or `=`."""
    match = _COMPARISON.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST else None
    if match is None:
        raise BadInputError(f"{_shorten(text)} is not a comparison: POLY > 0, POLY < 0 or POLY = 0 is allowed")
    value = parse_ratio(match[1])
    if not value.is_polynomial:
        raise BadInputError(f"{_shorten(text)} divides by a parameter: a comparison is of a polynomial with 0")
    return value, match[2]


def parse_ratio(text: str) -> Ratio:
    """Read a rational function; raises `BadInputError` with one sentence."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadInputError(f"a formula is text of at most {LONGEST} characters")
    return _parse(text)


@lru_cache(maxsize=8192)
def _parse(text: str) -> Ratio:
    try:
        clean = " ".join(text.split())
        if strange := _FOREIGN.search(clean):
            raise ValueError(f"{strange[0][:9]!r} has no place in it")
        tree = ast.parse(_NAME.sub(r"_\g<0>", clean), mode="eval").body  # a name may be a keyword, such as lambda
        return _read(tree)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError) as error:
        why = str(error) if type(error) is ValueError else "it is no formula, or nested too deep"
        why = "division by zero" if isinstance(error, ZeroDivisionError) else why
        raise BadInputError(
            f"{_shorten(text)} cannot be read ({why}): integers, names, + - * / ** and brackets are allowed"
        ) from None


def _read(tree: ast.expr) -> Ratio:
    """The value of a tree; long sums and products are walked, not recursed into."""
    later = []
    while isinstance(tree, ast.BinOp):
        later.append((tree.op, tree.right))
        tree = tree.left
    match tree:
        case ast.Name(id=name):
            value = Ratio.parameter(name[1:])
        case ast.Constant(value=int(number)):
            value = Ratio.of(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = -_read(operand)
        case _:
            raise ValueError(f"{type(tree).__name__} has no place in it")
    for operator, right in reversed(later):
        value = _combine(value, operator, right)
    return value


def _combine(left: Ratio, operator: ast.operator, tree: ast.expr) -> Ratio:
    if isinstance(operator, ast.Pow):
        return _raise(left, tree)
    right = _read(tree)
    (a, b, low), (c, d, high) = left.measure(), right.measure()
    p, q, r, s = left.degree, left.denominator.degree, right.degree, right.denominator.degree
    if isinstance(operator, ast.Div):
        c, d, r, s = d, c, s, r
    if isinstance(operator, ast.Add | ast.Sub):
        degree, terms = max(p + s, r + q, q + s), max(a * d + b * c, b * d)
    else:
        degree, terms = max(p + r, q + s), max(a * c, b * d)
    _limit(degree, terms, low + high, len({*left.names, *right.names}))
    return _OPERATIONS[type(operator)](left, right)


def _raise(base: Ratio, tree: ast.expr) -> Ratio:
    negative = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub)
    match tree.operand if isinstance(tree, ast.UnaryOp) and negative else tree:
        case ast.Constant(value=int(power)) if power <= HIGHEST_POWER:
            *counts, bits = base.measure()
            terms = max(comb(count + power - 1, power) if count else 0 for count in counts)
            _limit(max(base.degree, base.denominator.degree) * power, terms, bits * power, len(base.names))
            return base ** (-power if negative else power)
    raise ValueError(f"a power that is not a whole number up to {HIGHEST_POWER}")


def _limit(degree: int, terms: int, bits: int, names: int) -> None:
    """Refuse an operation whose result could grow beyond the limits."""
    if degree > HIGHEST_DEGREE:
        raise ValueError(f"a degree above {HIGHEST_DEGREE}")
    if min(terms, comb(degree + names, names)) > MOST_TERMS or bits > MOST_BITS:
        raise ValueError(f"more than {MOST_TERMS} terms, or a coefficient of more than {MOST_BITS} binary digits")


def _shorten(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."
