"""Reading exact text: numbers, rational functions and comparisons, in the one grammar of the project.

    sum     := ['-'] product (('+' | '-') product)*
    product := power (('*' | '/') power)*
    power   := atom ['**' ['-'] digits]
    atom    := digits | name | '(' sum ')'
    comparison := sum ('>' | '<' | '=') '0'

A `VALUE` on the command line is an integer, a decimal, or a fraction such as `4/5`, read exactly. Text is never
evaluated by Python. Sizes are bounded, so that hostile text is refused in bounded time: at most `LONGEST` characters,
powers up to `HIGHEST_POWER`, brackets nested at most `DEEPEST`, numbers of at most `LONGEST_NUMBER` digits (a `VALUE`
alone: `LONGEST_VALUE` signs, as many as Python reads), and no
intermediate polynomial of degree above `HIGHEST_DEGREE`, of more than `MOST_TERMS` terms, or with coefficients of more
than `MOST_BITS` binary digits. The last three are bounded from the operands, before anything is multiplied out.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import comb
from typing import Final

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.errors import BadInputError

LONGEST: Final = 4000
LONGEST_NUMBER: Final = 400
LONGEST_VALUE: Final = 4300
HIGHEST_POWER: Final = 64
HIGHEST_DEGREE: Final = 64
DEEPEST: Final = 40
MOST_TERMS: Final = 1000
MOST_BITS: Final = 8000

_TOKEN = re.compile(r"\s*(?:([0-9]+)|([A-Za-z_][A-Za-z_0-9]*)|(\*\*|[-+*/()]))")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,4})?")
_FRACTION = re.compile(r"[-+]?[0-9]+/[0-9]+")
_COMPARISON = re.compile(r"([^<>=]*)([<>=])\s*0\s*")


def parse_number(text: str) -> Fraction:
    """Read an integer, a decimal or a fraction exactly; raises `BadInputError` with one sentence."""
    clean = text.strip()
    if len(clean) <= LONGEST_VALUE and (_FRACTION.fullmatch(clean) or _NUMBER.fullmatch(clean)):
        try:
            return Fraction(clean)
        except ZeroDivisionError:
            pass
    raise BadInputError(
        f"{_shorten(text)} is not a number here: an integer, a decimal or a fraction such as 4/5 is allowed"
    )


def parse_ratio(text: str) -> Ratio:
    """Read a rational function; raises `BadInputError` with one sentence."""
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadInputError(f"a formula is text of at most {LONGEST} characters")
    return _parse(text)


@lru_cache(maxsize=8192)
def _parse(text: str) -> Ratio:
    reader = _Reader(text)
    value = reader.read_sum(0)
    if reader.token is not None:
        raise reader.refuse(f"unexpected {reader.token!r}")
    return value


def parse_comparison(text: str) -> tuple[Ratio, str]:
    """Read `POLY > 0`, `POLY < 0` or `POLY = 0`; returns the polynomial and the sign `>`, `<` or `=`."""
    match = _COMPARISON.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST else None
    if match is None:
        raise BadInputError(f"{_shorten(text)} is not a comparison: POLY > 0, POLY < 0 or POLY = 0 is allowed")
    value = parse_ratio(match[1])
    if not value.is_polynomial:
        raise BadInputError(f"{_shorten(text)} divides by a parameter: a comparison is of a polynomial with 0")
    return value, match[2]


def _shorten(text: object) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


class _Reader:
    """A recursive-descent reader over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text, self.place, self.token = text, 0, None  # type: str, int, str | None
        self.advance()

    def refuse(self, why: str) -> BadInputError:
        return BadInputError(
            f"{_shorten(self.text)} cannot be read ({why}): integers, names, + - * / ** and brackets are allowed"
        )

    def limit_operands(self, left: Ratio, right: Ratio, sign: str) -> None:
        """Refuse operands whose sum, product or quotient could grow beyond the limits."""
        (a, b), (c, d) = left.count_terms(), right.count_terms()
        p, q, r, s = left.degree, left.denominator.degree, right.degree, right.denominator.degree
        if sign == "/":
            c, d, r, s = d, c, s, r
        if sign in "+-":
            degree, terms = max(p + s, r + q, q + s), max(a * d + b * c, b * d)
        else:
            degree, terms = max(p + r, q + s), max(a * c, b * d)
        self.limit(degree, terms, left.bits + right.bits, len({*left.names, *right.names}))

    def limit(self, degree: int, terms: int, bits: int, names: int) -> None:
        if degree > HIGHEST_DEGREE:
            raise self.refuse(f"a degree above {HIGHEST_DEGREE}")
        if min(terms, comb(degree + names, names)) > MOST_TERMS:
            raise self.refuse(f"more than {MOST_TERMS} terms")
        if bits > MOST_BITS:
            raise self.refuse(f"a coefficient of more than {MOST_BITS} binary digits")

    def advance(self) -> None:
        if not self.text[self.place :].strip():
            self.token = None
            return
        match = _TOKEN.match(self.text, self.place)
        if match is None:
            raise self.refuse(f"unknown sign {self.text[self.place:].strip()[0]!r}")
        self.place, self.token = match.end(), match[1] or match[2] or match[3]

    def read_sum(self, depth: int) -> Ratio:
        if depth > DEEPEST:
            raise self.refuse(f"brackets nested deeper than {DEEPEST}")
        negative = self.token == "-"
        if negative:
            self.advance()
        value = self.read_product(depth)
        value = -value if negative else value
        while self.token in ("+", "-"):
            sign = self.token
            self.advance()
            term = self.read_product(depth)
            self.limit_operands(value, term, sign)
            value = value + term if sign == "+" else value - term
        return value

    def read_product(self, depth: int) -> Ratio:
        value = self.read_power(depth)
        while self.token in ("*", "/"):
            sign = self.token
            self.advance()
            factor = self.read_power(depth)
            if sign == "/" and not factor:
                raise self.refuse("division by zero")
            self.limit_operands(value, factor, sign)
            value = value * factor if sign == "*" else value / factor
        return value

    def read_power(self, depth: int) -> Ratio:
        base = self.read_atom(depth)
        if self.token != "**":
            return base
        self.advance()
        negative = self.token == "-"
        if negative:
            self.advance()
        if self.token is None or not self.token.isdigit() or len(self.token) > 3 or int(self.token) > HIGHEST_POWER:
            raise self.refuse(f"a power that is not a whole number up to {HIGHEST_POWER}")
        power = int(self.token)
        self.advance()
        terms = max(comb(count + power - 1, power) if count else 0 for count in base.count_terms())
        self.limit(max(base.degree, base.denominator.degree) * power, terms, base.bits * power, len(base.names))
        if negative and not base:
            raise self.refuse("division by zero")
        return base ** (-power if negative else power)

    def read_atom(self, depth: int) -> Ratio:
        token = self.token
        if token is None:
            raise self.refuse("it ends too early")
        self.advance()
        if token == "(":
            value = self.read_sum(depth + 1)
            if self.token != ")":
                raise self.refuse("a bracket is not closed")
            self.advance()
            return value
        if token.isdigit():
            if len(token) > LONGEST_NUMBER:
                raise self.refuse(f"a number of more than {LONGEST_NUMBER} digits")
            return Ratio.of(int(token))
        if token[0].isalpha() or token[0] == "_":
            return Ratio.parameter(token)
        raise self.refuse(f"unexpected {token!r}")
