"""Reading exact text: rational functions, in the one grammar of the project.

A formula is made of whole numbers, names, + - * / ** and brackets; powers are whole numbers. Its tree is made by the standard
library's parser and walked here; nothing is evaluated by Python. Hostile text is refused in bounded time: the length, the
nesting and each power are bounded, and, before two polynomials are multiplied, what their product could be.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache, reduce
from typing import Final

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.errors import BadInputError

LONGEST: Final = 4000
HIGHEST_POWER: Final = 64
HIGHEST_DEGREE: Final = 64
MOST_TERMS: Final = 1000
MOST_BITS: Final = 8000

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_FOREIGN = re.compile(r"[^ A-Za-z_0-9+*/()-]|(?<!\w)[0-9]+[A-Za-z_]|[0-9]{401}|//")


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
        return _read(ast.parse(_NAME.sub(r"_\g<0>", clean), mode="eval").body)  # a name may be a keyword, such as lambda
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError) as error:
        known = {ValueError: str(error), ZeroDivisionError: "division by zero"}
        why = known.get(type(error), "it is no formula, or nested too deep")
        raise BadInputError(
            f"{shorten(text)} cannot be read ({why}): integers, names, + - * / ** and brackets are allowed"
        ) from None


def _read(tree: ast.expr) -> Ratio:
    match tree:
        case ast.Name(id=name):
            return Ratio.parameter(name[1:])
        case ast.Constant(value=int(number)):
            return Ratio.of(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_read(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _add(_read(left), _read(right))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _add(_read(left), -_read(right))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _multiply(_read(left), _read(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _multiply(_read(left), 1 / _read(right))
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(power)))):
            return _raise(_read(left), -power)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return _raise(_read(left), power)
    raise ValueError("something has no place in it, or a power is not a whole number")


def _add(left: Ratio, right: Ratio) -> Ratio:
    _limit(left.numerator, right.denominator)
    _limit(left.denominator, right.numerator)
    _limit(left.denominator, right.denominator)
    return left + right


def _multiply(left: Ratio, right: Ratio) -> Ratio:
    _limit(left.numerator, right.numerator)
    _limit(left.denominator, right.denominator)
    return left * right


def _raise(base: Ratio, power: int) -> Ratio:
    if abs(power) > HIGHEST_POWER:
        raise ValueError(f"a power above {HIGHEST_POWER}")
    value = reduce(_multiply, [base] * abs(power), Ratio.of(1))
    return value if power >= 0 else 1 / value


def _limit(left: Ratio, right: Ratio) -> None:
    """Refuse to multiply two polynomials whose product could grow beyond the limits."""
    (terms, bits), (others, more) = left.measure(), right.measure()
    if left.degree + right.degree > HIGHEST_DEGREE or terms * others > MOST_TERMS or bits + more > MOST_BITS:
        raise ValueError(f"more than {MOST_TERMS} terms, a degree above {HIGHEST_DEGREE}, or {MOST_BITS} binary digits")


def shorten(text: object) -> str:
    """The beginning of a text as it is quoted in a sentence."""
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."
