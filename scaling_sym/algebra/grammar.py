"""Reading exact text: rational functions, in the one grammar of the project.

A formula is made of whole numbers, names, + - * / ** and brackets; powers are whole numbers. Its tree is made by the standard
library's parser and walked here; nothing is evaluated by Python. Hostile text is refused in bounded time: the length, the
nesting and each power are bounded, and, before two polynomials are multiplied, what their product could be.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.errors import BadInputError

LONGEST: Final = 4000
HIGHEST_POWER: Final = 64
LARGEST: Final = (1000, 64, 8000)  # of a product: terms, degree, binary digits
SIGNS: Final[Mapping[type[ast.operator], str]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

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
        why = str(error) if isinstance(error, ValueError | ZeroDivisionError) else "it is no formula, or nested too deep"
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
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(power))) if power <= HIGHEST_POWER:
            return _read(base).power(power, LARGEST)
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as power)):
            return 1 / _read(ast.BinOp(base, ast.Pow(), power))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in SIGNS:
            return _read(left).combine(SIGNS[type(operator)], _read(right), LARGEST)
    raise ValueError(f"something has no place in it, or a power is no whole number up to {HIGHEST_POWER}")


def shorten(text: object) -> str:
    """The beginning of a text as it is quoted in a sentence."""
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."
