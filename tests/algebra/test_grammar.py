"""The one reader of exact text: what it accepts, what it refuses, and that refusal takes bounded time."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest

from scaling_sym.algebra.cells import Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.values import parse_number
from scaling_sym.errors import BadInputError


@pytest.mark.parametrize(("text", "value"), [
    ("4/5", Fraction(4, 5)), ("-4/5", Fraction(-4, 5)), ("0.8", Fraction(4, 5)), ("1e-3", Fraction(1, 1000)),
    (" 7 ", Fraction(7)), ("+2.", Fraction(2)), (".5", Fraction(1, 2)),
    ("0.1", Fraction(1, 10)), ("1E2", Fraction(100)),
])
def test_numbers_are_read_exactly(text: str, value: Fraction) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize("text", [
    "", " ", "nan", "inf", "-inf", "1/0", "0/0", "1/-2", "1 /2", "1/2/3", "1_000", "0x10", "1e99999", "٣", "²", "1e",
    "--1",
    "4/5 or 1", "__import__('os')", "1" * 4301, "1\n2", "½", "1,5", "1.2.3", "e5",
])
def test_other_numbers_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInputError, match="is allowed") as info:
        parse_number(text)
    assert "\n" not in str(info.value)
    assert len(str(info.value)) < 200


@pytest.mark.parametrize(("text", "point", "value"), [
    ("1 + 2*3", {}, 7), ("-2**2", {}, -4), ("(-2)**2", {}, 4), ("2**-2", {}, Fraction(1, 4)), ("8/4/2", {}, 1),
    ("1 - 2 - 3", {}, -4), ("-x + 1", {"x": 3}, -2), ("2*x**3/(1+x)", {"x": 2}, Fraction(16, 3)), ("x**0", {}, 1),
    ("_a1*B_2", {"_a1": 2, "B_2": 5}, 10), ("x**(2)", {"x": 3}, 9), ("1--x", {"x": 3}, 4),
    ("lambda*if + None", {"lambda": 2, "if": 3, "None": 4}, 10), ("6/2*3", {}, 9), ("(x)", {"x": 9}, 9),
])
def test_formulas_mean_what_they_mean_on_paper(text: str, point: dict[str, int], value: Fraction) -> None:
    assert parse_ratio(text).at({n: Fraction(v) for n, v in point.items()}) == value


@pytest.mark.parametrize("text", [
    "", "x +", "(x", "x)", "x y", "2x", "x ** y", "x ** 2.5", "x**(1+1)", "x**--2", "1.5*x", "x^2", "x//2", "f(x)", "x.real",
    "x;y", "x**65", "x/0", "1/(x - x)", "0**-1", "lambda: 0", "'x'", "[x]", "x = 0", "+x", "a-+b", "01x", "1_0", "0x1",
    "x if x else x", "x @ x", "(x, x)", "*x", "x:=1", "x\x00", "é",
])
def test_other_formulas_are_refused(text: str) -> None:
    with pytest.raises(BadInputError) as info:
        parse_ratio(text)
    assert "\n" not in str(info.value)
    assert len(str(info.value)) < 250


HOSTILE = {
    "long": "x+" * 4000,
    "deep": "(" * 1500 + "x" + ")" * 1500,
    "tower of numbers": "(" * 35 + "2" + ")**64" * 35,
    "power of a sum of many names": "(a+b+c+d+e+f+g)**64",
    "product of sums": "*".join(f"(a{i}+b{i})" for i in range(64)),
    "sum of fractions": "+".join(f"1/(a{i}+1)" for i in range(300)),
    "sum of quotients": "+".join(f"a{i}*b{i}/(c{i}+d{i})" for i in range(100)),
    "large common divisors": "(a+b+c+d)**30/(a+b+c+d+1)**30+(a-b)**20/(a+b-c)**31",
    "powers that multiply": "(x**8)**9",
    "degree by products": "*".join(["x**13"] * 5),
    "spaces": " " * 4000,
    "long number": "9" * 401,
    "long coefficient by products": "*".join(["9" * 399] * 10),
    "powers of a sum with a long number": "((((" + "9" * 99 + " + d)**2)**8)**30)**30",
    "quotients of powers of long numbers": "(((9" + "9" * 300 + "*a + b)/(a + " + "7" * 300 + "*c))**3 + b/c)**30/(a + b)**30",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_in_bounded_time(name: str) -> None:
    """Each of these would take from minutes to for ever if it were multiplied out; a second is generous."""
    start = time.perf_counter()
    with pytest.raises(BadInputError):
        parse_ratio(HOSTILE[name])
    with pytest.raises(BadInputError):
        Sign.parse(HOSTILE[name] + "> 0")
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("text", ["(a+b+c)**12", "(x+1)**64", "x**40 + x**30 + x**60", "(x+y)**9*(x-y)**9/(x+2*y)**8"])
def test_large_but_sane_text_is_read(text: str) -> None:
    assert parse_ratio(str(parse_ratio(text))) == parse_ratio(text)


def test_long_sums_of_polynomials_are_read() -> None:
    """Degrees and terms of a sum of polynomials do not add up to the limits."""
    text = "+".join(f"{i}*x**{i}*y**{j}" for i in range(1, 20) for j in range(1, 15))
    assert len(parse_ratio(text).monomials()) == 19 * 14


@pytest.mark.parametrize(("text", "polynomial", "sign"), [
    ("2*alpha - 1 > 0", "2*alpha - 1", ">"), ("x<0", "x", "<"), ("x*y - 1 = 0", "x*y - 1", "="), ("x > 0 ", "x", ">"),
])
def test_comparisons(text: str, polynomial: str, sign: str) -> None:
    assert Sign.parse(text) == Sign.of(parse_ratio(polynomial), sign)


@pytest.mark.parametrize("text", [
    "x > 1", "x >= 0", "x", "x > 0 > 0", "1/x > 0", "> 0", "x > 00", "x > -0", "x != 0", "0 < x",
])
def test_other_comparisons_are_refused(text: str) -> None:
    with pytest.raises(BadInputError):
        Sign.parse(text)
