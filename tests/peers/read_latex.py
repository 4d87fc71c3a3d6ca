r"""A reader of LaTeX formulas that shares nothing with the writer: text -> nested tuples -> value at a point.

Understands what a reader of a paper understands: `\frac`, `\sqrt`, brackets with and without `\left`, implicit
products, `\cdot`, slashes, powers and indices in braces, Greek, `\pm`, the functions Gamma, zeta, sin, log, kappa and
O, one kind of integral, chains of inequalities, lists, and `\text{or}`. Values are exact fractions as long as only
arithmetic occurs, mpmath numbers of 40 digits beyond that. `read_plain` first spells Unicode text as LaTeX.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import mpmath

_TOKEN = re.compile(r"\\mathrm\{[A-Za-z0-9]+\}|\\mathtt\{[^}]*\}|\\text\{[a-z]+\}|\\[A-Za-z]+|\\.|\d+|[A-Za-z]|\S")
_SKIPPED = {r"\left", r"\right", r"\,", r"\ "}
_CALLS = {r"\Gamma", r"\zeta", r"\sin", r"\log", r"\kappa", "O"}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ρ": "rho", "κ": "kappa", "λ": "lambda", "μ": "mu",
    "Γ": "Gamma", "ζ": "zeta", "π": "pi", "∞": "infty", "±": "pm", "·": "cdot",
}
DIGITS = 40

Tree = Any
Value = Any


def read(text: str) -> Tree:
    """The tree of one formula."""
    reader = _Reader([t for t in _TOKEN.findall(text) if t not in _SKIPPED])
    tree = reader.sum()
    assert reader.peek() == "", f"{reader.tokens[reader.place:]} is left over in {text}"
    return tree


def read_conditions(text: str) -> list[list[tuple[list[Tree], str]]]:
    r"""Alternatives (`\text{or}`) of conjunctions (commas) of chains: sides and their relation."""
    alternatives = re.split(r"\\ \\text\{or\}\\ | or ", text)
    return [[_read_chain(part) for part in re.split(r",\\ |, ", one)] for one in alternatives]


def _read_chain(text: str) -> tuple[list[Tree], str]:
    (relation,) = set(re.findall(r"[<>=]", text))
    return [read(side) for side in text.split(relation)], relation


def spell(text: str, names: Iterable[str] = ()) -> str:
    """Unicode text as LaTeX; `names` are the names of several letters that occur."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z_0-9])", rf"\\mathtt{{{name}}}", text)
    text = re.sub("([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda m: "^{" + "".join(_RAISED[c] for c in m[1]) + "}", text)
    text = re.sub(r"√(\d+)", r"\\sqrt{\1}", text).replace("−", "-").replace("γ_E", r"\gamma_{\mathrm{E}}")
    text = re.sub(r"(?<![A-Za-z\\])(sin|log)\(", r"\\\1(", text)
    return "".join(rf"\{_GREEK[c]} " if c in _GREEK else c for c in text)


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        assert token if not expected else token == expected, f"{expected or 'more'} expected at place {self.place}"
        self.place += 1
        return token

    def sum(self) -> Tree:
        parts = []
        while True:
            sign = self.take() if self.peek() in ("+", "-", r"\pm") else "+"
            parts.append((sign, self.product()))
            if self.peek() not in ("+", "-", r"\pm"):
                return parts[0][1] if len(parts) == 1 and parts[0][0] == "+" else ("sum", parts)

    def product(self) -> Tree:
        tree = self.power()
        while (token := self.peek()) and token not in (")", "}", "+", "-", r"\pm", ","):
            divided = token == "/"
            if token in ("/", r"\cdot"):
                self.take()
            tree = ("quotient" if divided else "product", tree, self.power())
        return tree

    def power(self) -> Tree:
        base = self.atom()
        return ("power", base, self.group("^")) if self.peek() == "^" else base

    def group(self, mark: str) -> Tree:
        self.take(mark)
        if self.peek() not in ("{", "("):
            return self.atom()
        close = "}" if self.take() == "{" else ")"
        tree = self.sum()
        self.take(close)
        return tree

    def braces(self) -> Tree:
        self.take("{")
        tree = self.sum()
        self.take("}")
        return tree

    def atom(self) -> Tree:
        token = self.take()
        if token == "(":
            tree = self.sum()
            self.take(")")
            return ("bracket", tree)
        if token.isdigit():
            return ("number", Fraction(token))
        if token == r"\frac":
            return ("quotient", self.braces(), self.braces())
        if token == r"\sqrt":
            return ("sqrt", self.braces())
        if token == r"\int":
            return self.integral()
        if token in _CALLS and self.peek() in ("(", "^", "_"):
            return self.call(token)
        if token in (r"\pi", r"\infty"):
            return ("mark", token)
        return self.name(token)

    def call(self, token: str) -> Tree:
        index = self.group("_") if self.peek() == "_" else None
        power = self.group("^") if self.peek() == "^" else None
        self.take("(")
        tree = ("call", token, index, self.sum())
        self.take(")")
        return tree if power is None else ("power", tree, power)

    def integral(self) -> Tree:
        low, high, body = self.group("_"), self.group("^"), self.power()
        self.take("d")
        return ("integral", body, self.take(), low, high)

    def name(self, token: str) -> Tree:
        word = re.sub(r"\\mathrm\{|\\mathtt\{|\}|\\", "", token)
        assert re.fullmatch(r"\w+", word), f"{token} is no name"
        if self.peek() != "_":
            return ("name", word)
        self.take("_")
        inside = self.take() if self.peek() != "{" else ""
        if not inside:
            self.take("{")
            while self.peek() != "}":
                inside += re.sub(r"\\mathrm\{|\}|\\", "", self.take())
            self.take("}")
        if (word, inside) == ("gamma", "E"):
            return ("mark", "euler")
        return ("name", word + ("" if inside.isdigit() else "_") + inside)


def value(tree: Tree, point: Mapping[str, Value]) -> Value:
    """The value at a point; error terms O(...) count as 0."""
    with mpmath.workdps(DIGITS):
        return _value(tree, point)


def holds(conditions: list[list[tuple[list[Tree], str]]], point: Mapping[str, Fraction]) -> bool:
    """Whether one of the conjunctions holds at a point."""
    return any(all(_chain_holds(sides, relation, point) for sides, relation in one) for one in conditions)


def _chain_holds(sides: list[Tree], relation: str, point: Mapping[str, Fraction]) -> bool:
    values = [_real(value(s, point)) for s in sides]
    compare = {"<": operator.lt, ">": operator.gt, "=": operator.eq}[relation]
    return all(compare(a, b) for a, b in pairwise(values))


def _real(x: Value) -> Value:
    return mpmath.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def _value(tree: Tree, point: Mapping[str, Value]) -> Value:
    match tree:
        case ("number", x):
            return x
        case ("bracket", inside):
            return _value(inside, point)
        case ("name", name):
            return point[name]
        case ("mark", mark):
            return {r"\pi": +mpmath.pi, r"\infty": mpmath.inf, "euler": +mpmath.euler}[mark]
        case ("sum", parts):
            return _combine(parts, point)
        case ("product", a, b):
            return _operate(lambda x, y: x * y, _value(a, point), _value(b, point))
        case ("quotient", a, b):
            return _operate(lambda x, y: x / y, _value(a, point), _value(b, point))
        case ("power", a, b):
            return _raise(_value(a, point), _value(b, point))
        case ("sqrt", a):
            return mpmath.sqrt(_real(_value(a, point)))
        case ("integral", body, x, low, high):
            ends = [_real(_value(low, point)), _real(_value(high, point))]
            ends[1:1] = [mpmath.mpf(1)] if ends[1] == mpmath.inf else []
            with mpmath.workdps(18):
                return mpmath.quad(lambda u: _real(_value(body, {**point, x: u})), ends, maxdegree=8)
        case ("call", function, index, argument):
            return _call(function, index, _real(_value(argument, point)) if function != "O" else 0, point)
    raise AssertionError(tree)


def _combine(parts: list[tuple[str, Tree]], point: Mapping[str, Value]) -> Value:
    total: Value = Fraction(0)
    for sign, part in parts:
        assert sign in ("+", "-")
        total = _operate(lambda x, y: x + y, total, _operate(lambda x, y: x * y, _value(part, point),
                                                              Fraction(1 if sign == "+" else -1)))
    return total


def _operate(operation: Any, a: Value, b: Value) -> Value:
    both = isinstance(a, Fraction) and isinstance(b, Fraction)
    return operation(a, b) if both else operation(_real(a), _real(b))


def _raise(a: Value, b: Value) -> Value:
    if isinstance(b, Fraction) and b.denominator == 1:
        return a ** int(b)
    return mpmath.power(_real(a), _real(b))


def _call(function: str, index: Tree, x: Value, point: Mapping[str, Value]) -> Value:
    if function == "O":
        return Fraction(0)
    if function == r"\kappa":
        return _kappa(_real(_value(index, point)), x)
    return {r"\Gamma": mpmath.gamma, r"\zeta": mpmath.zeta, r"\sin": mpmath.sin, r"\log": mpmath.log}[function](x)


@cache
def _kappa(c: Value, rho: Value) -> Value:
    """The root k of k int_0^rho du/(k + u^c) = 1, by bisection on a tanh-sinh rule of fixed degree."""
    ends = [0, 1, mpmath.inf] if rho == mpmath.inf else [0, rho]
    low, high = mpmath.mpf(10) ** -8, mpmath.mpf(10) ** 4
    with mpmath.workdps(18):
        while high / low > 1 + mpmath.mpf(10) ** -12:
            k = mpmath.sqrt(low * high)
            size = k * mpmath.quad(lambda u, k=k: 1 / (k + u**c), ends, maxdegree=7)
            low, high = (k, high) if size < 1 else (low, k)
    return low
