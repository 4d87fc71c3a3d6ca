"""Expansions of power-law sums against sums worked out by a peer that knows no Mellin transform.

The terms named as errors are the first ones left out, with their constants. So the test is sharper than a bound: the
remainder divided by the sum of the error terms must tend to 1, which also shows that it falls at the claimed rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pytest

from scaling_sym.algebra.constant_values import evaluate as evaluate_constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.power_sums import (
    Kernel,
    PowerSum,
    expand_falling_exponential,
    expand_large,
    expand_small,
    expand_trace,
    find_walls,
)
from scaling_sym.errors import BadInputError, OutsideDomainError
from tests.peers.power_sums import add_up, context_of

CONTEXT = context_of()


def peer_kernel(kernel: Kernel) -> Callable[..., object]:
    if kernel.name == "exp":
        return lambda y: y.context.exp(-y)  # in the peer's own context, which raises its precision to differentiate
    return lambda y: (1 + y) ** -kernel.order


def number(value: Fraction) -> object:
    return CONTEXT.mpf(value.numerator) / value.denominator


def evaluate(terms: tuple[Term, ...], sizes: Mapping[str, str], point: Mapping[str, Fraction]) -> object:
    """The sum of the terms at given resources; logs included."""
    logarithm = {n: CONTEXT.log(CONTEXT.mpf(v)) for n, v in sizes.items()}

    def rate(monomial: Monomial) -> object:
        return sum((number(e.at(point)) * logarithm[n] for n, e in monomial.powers), CONTEXT.mpf(0))

    total = CONTEXT.mpf(0)
    for t in terms:
        value = CONTEXT.mpf(evaluate_constant(t.constant, point, 40).str(50, radius=False))
        for argument, k in t.logs:
            value *= rate(argument) ** number(k.at(point))
        total += value * CONTEXT.exp(rate(t.monomial))
    return total


@dataclass(frozen=True)
class Case:
    s0: str
    c: str
    kernel: Kernel
    x: tuple[str, str]
    v: str = ""
    inner: int = 2
    outer: int = 1
    edge: int = 1


EXP, ONE, TWO, THREE = Kernel("exp"), Kernel("rational", 1), Kernel("rational", 2), Kernel("rational", 3)
CASES = {
    "order 1": Case("0", "8/5", ONE, ("1e-2", "1e-4")),
    "order 1, four terms": Case("3/10", "8/5", ONE, ("1e-2", "1e-3"), inner=4),
    "order 2, s0 < 0": Case("-1/2", "9/5", TWO, ("1e-2", "1e-4")),
    "order 3": Case("11/5", "6/5", THREE, ("1e-2", "1e-4")),
    "exp": Case("1/2", "8/5", EXP, ("1e-2", "1e-4")),
    "exp, five terms": Case("7/3", "4/5", EXP, ("1e-1", "1e-2"), inner=5),
    "log at n = 0": Case("1", "2", ONE, ("1e-2", "1e-4")),
    "log at n = 1": Case("3", "2", ONE, ("1e-2", "1e-3"), inner=3),
    "log at n = 0, order 3": Case("1", "7/5", THREE, ("1e-2", "1e-4")),
    "log at n = 1, order 2": Case("5/2", "3/2", TWO, ("1e-2", "1e-4")),
    "log, exp, n = 0": Case("1", "7/5", EXP, ("1e-2", "1e-4")),
    "log, exp, n = 2": Case("3", "1", EXP, ("1e-2", "1e-3"), inner=3),
    "log in the error": Case("3", "2", ONE, ("1e-3", "1e-5"), inner=1),
    "bulk below the error": Case("5", "2", TWO, ("1e-2", "1e-4"), inner=1),
    "finite": Case("0", "8/5", ONE, ("1e-3", "1e-4"), "10000000", inner=2),
    "finite, divergent without an end": Case("0", "3/5", ONE, ("1e-2", "1e-3"), "1000000000000", inner=2, outer=4),
    "finite, order 2": Case("1/5", "4/5", TWO, ("1e-2", "1e-3"), "10000000000", inner=2, outer=2),
    "finite, edge 2": Case("-1", "2", ONE, ("1e-2", "1e-3"), "1000", inner=3, outer=3, edge=2),
    "finite, edge 3": Case("1/3", "5/2", TWO, ("1e-2", "1e-3"), "100", inner=4, outer=12, edge=3),
    "outer log": Case("0", "1", ONE, ("1e-3", "1e-4"), "100000000", inner=3, outer=1),
    "outer log, corrected": Case("0", "1", ONE, ("1e-2", "1e-3"), "100000", inner=6, outer=4, edge=2),
    "outer log at n = 1": Case("0", "1/2", ONE, ("1e-2", "1e-3"), "100000000000000", inner=3, outer=3),
    "outer log, order 2": Case("-1", "1", TWO, ("1e-2", "1e-3"), "10000000", inner=3, outer=2),
    "outer log in the error": Case("0", "1/2", ONE, ("1e-2", "1e-3"), "1000000000000", inner=3, outer=1),
}


@pytest.mark.parametrize("name", CASES)
def test_remainder_is_what_was_left_out(name: str) -> None:
    """Remainder over errors tends to 1 as x falls tenfold or more and v grows a thousandfold.

    0.3 and 0.1 allow for the terms after those, whose relative size is a power of x or of 1/(x v^c); none is 1/log,
    because the constants beside logarithms are among the errors.
    """
    case = CASES[name]
    s0, c = Fraction(case.s0), Fraction(case.c)
    found = expand_small(
        PowerSum(Ratio.of(s0), Ratio.of(c), case.kernel, "x", "v" if case.v else ""), case.inner, case.outer, case.edge
    )
    ratios = []
    for x, more in zip(case.x, ("", "000"), strict=True):
        sizes = {"x": x, "v": (case.v and case.v + more) or "1"}
        total = add_up(case.s0, case.c, peer_kernel(case.kernel), x, case.v and sizes["v"])
        remainder = total - evaluate(found.terms, sizes, {})
        assert abs(remainder) > 1e-19 * abs(total), "the peer has about 20 digits; choose larger x"
        ratios.append(abs(remainder / evaluate(found.errors, sizes, {}) - 1))
    assert ratios[0] < 0.3
    assert ratios[1] < 0.1
    assert ratios[1] < max(ratios[0], 1e-3)


SYMBOLIC = PowerSum(read("2*alpha + 2*beta"), read("2*alpha"), ONE, "x", "v")


@pytest.mark.parametrize(("alpha", "beta"), [("7/10", "2/5"), ("3/10", "2/3"), ("6/5", "1/10"), ("9/20", "1/3")])
def test_one_formula_with_symbols_serves_all_points(alpha: str, beta: str) -> None:
    """x = 1e-4, v = 1e14: the next inner term is x^2; 1e-6 is 100 times that, and above every outer term."""
    found = expand_small(SYMBOLIC)
    point = {"alpha": Fraction(alpha), "beta": Fraction(beta)}
    s0, c = str(2 * sum(point.values())), str(2 * point["alpha"])
    total = add_up(s0, c, peer_kernel(ONE), "1e-4", "1e14")
    value = evaluate(found.terms, {"x": "1e-4", "v": "1e14"}, point)
    assert abs(value / total - 1) < 1e-6


def test_symbols_on_a_wall_have_no_value_and_the_wall_is_found() -> None:
    """alpha = 7/10, beta = -1/5: s0 = 1, so the inner pole n = 0 and the bulk pole coincide; off it they do not."""
    wall, place = {"alpha": Fraction(7, 10), "beta": Fraction(-1, 5)}, find_walls(SYMBOLIC, 2, 2)
    assert place == [
        read(t) for t in ("2*alpha + 2*beta - 1", "2*beta - 1", "4*alpha + 2*beta - 1", "6*alpha + 2*beta - 1")
    ]
    assert [p.at(wall) for p in place].count(0) == 1
    with pytest.raises((OutsideDomainError, ZeroDivisionError)):
        evaluate(expand_small(SYMBOLIC).terms, {"x": "1e-4", "v": "1e14"}, wall)
    substituted = PowerSum(SYMBOLIC.s0.substitute({"beta": read("1/2 - alpha")}), SYMBOLIC.c, ONE, "x", "v")
    logs = [t for t in expand_small(substituted).terms if t.logs]
    assert len(logs) == 1
    assert logs[0].monomial == Monomial()


def test_walls_that_are_everywhere_are_not_walls() -> None:
    """s0 = 1 + c: the poles coincide identically, which `expand_small` treats; there is nothing to split."""
    always = PowerSum(read("1 + a"), read("a"), ONE, "x")
    assert find_walls(always, 3) == []  # the bulk pole is always at -1
    assert sum(bool(t.logs) for t in expand_small(always).terms) == 1


def test_walls_of_the_exponential_have_no_outer_family() -> None:
    found = find_walls(PowerSum(read("s"), read("c"), EXP, "x", "v"), inner=1, outer=3)
    assert [str(p) for p in found] == ["s - 1"]


@pytest.mark.parametrize("kernel", [ONE, TWO, THREE])
def test_large_argument(kernel: Kernel) -> None:
    """x = 50 and 500: the next term relative to the error term is about 1/x, times at most 4."""
    found = expand_large(PowerSum(read("1/3"), read("8/5"), kernel, "x"), count=3)
    for x in ("50", "500"):
        total = add_up("1/3", "8/5", peer_kernel(kernel), x)
        remainder = total - evaluate(found.terms, {"x": x}, {})
        assert abs(remainder / evaluate(found.errors, {"x": x}, {}) - 1) < 4 / float(x)


def test_large_argument_of_the_exponential_is_smaller_than_every_power() -> None:
    assert expand_large(PowerSum(read("1/2"), read("1"), EXP, "x")) == Expansion(())
    assert abs(add_up("1/2", "1", peer_kernel(EXP), "60")) < CONTEXT.mpf(60) ** -14


@pytest.mark.parametrize(("s0", "c"), [("2", "-1"), ("7/5", "-8/5"), ("3/2", "-1/2")])
def test_falling_exponential(s0: str, c: str) -> None:
    """One term up to smaller than every power of 1/x: at x = 1e4, e^(-O(x^(1/(1+|c|)))) is below 1e-15 here."""
    found = expand_falling_exponential(PowerSum(read(s0), read(c), EXP, "x"))
    total = add_up(s0, c, peer_kernel(EXP), "1e4", decades=90)
    tail = CONTEXT.mpf(10) ** (90 * (1 - number(Fraction(s0)))) / number(Fraction(s0) - 1)  # what the peer cut off
    assert abs((total + tail) / evaluate(found.terms, {"x": "1e4"}, {}) - 1) < 1e-15


@pytest.mark.parametrize(("s0", "c", "kernel", "v"), [
    ("3", "-1", ONE, ""), ("2", "-8/5", TWO, ""), ("3/2", "-7/5", ONE, ""), ("1", "-1", ONE, "1e8"),
])
def test_flipped_sums(s0: str, c: str, kernel: Kernel, v: str) -> None:
    """c < 0: the sum in 1/x, times x^(-k); x = 1e3 with two inner terms leaves less than 1e-4 of the sum."""
    flipped, factor = PowerSum(read(s0), read(c), kernel, "x", "v" if v else "").flip()
    assert str(flipped.c) == str(-read(c))
    found = expand_small(flipped, inner=3, outer=2).scale(factor).replace({"inverse_x": Monomial.of({"x": -1})})
    total = add_up(s0, c, peer_kernel(kernel), "1e3", v, decades=60)
    assert abs(evaluate(found.terms, {"x": "1e3", "v": v or "1"}, {}) / total - 1) < 1e-4
    remainder = total - evaluate(found.terms, {"x": "1e3", "v": v or "1"}, {})
    assert abs(remainder) < 2 * abs(evaluate(found.errors, {"x": "1e3", "v": v or "1"}, {})) + 1e-17 * total


def test_products_with_powers_shift_the_sum() -> None:
    """sum j^(-s0) (x j^c)^p g(x j^c) = x^p sum j^(-(s0 - c p)) g(x j^c)."""
    base = PowerSum(read("1/2"), read("2"), Kernel("rational", 4), "x")
    shifted = base.times_power(read("3/2"))
    assert shifted.s0 == read("1/2 - 3")
    total = add_up("1/2", "2", lambda y: y ** CONTEXT.mpf("1.5") * (1 + y) ** -4, "1e-3")
    value = evaluate(expand_small(shifted).scale(Term(Monomial.of({"x": read("3/2")}))).terms, {"x": "1e-3"}, {})
    assert abs(value / total - 1) < 1e-9  # next term x^2 relative to the bulk x^(-1.75): 1e-11, times zeta values


@pytest.mark.parametrize(("s", "v"), [("8/5", ""), ("8/5", "1e3"), ("1/2", "1e4"), ("1", "1e4"), ("-1/2", "1e3")])
def test_traces(s: str, v: str) -> None:
    found = expand_trace(read(s), "v" if v else "")
    total = add_up(s, "1", lambda y: y * 0 + 1, "1", v, decades=40)
    if not v:
        total += CONTEXT.mpf(10) ** (40 * (1 - number(Fraction(s)))) / number(Fraction(s) - 1)
    remainder = abs(total - evaluate(found.terms, {"v": v or "1"}, {}))
    bound = abs(evaluate(found.errors, {"v": v}, {})) if v else 0
    assert remainder <= bound * 1.01 + 1e-18 * abs(total)
    assert not v or remainder > bound / 4  # the error named is the one made: v^(-s)/2


@pytest.mark.parametrize("power_sum", [
    PowerSum(read("0"), read("3/5"), ONE, "x"),  # sum of j^(-3/5) diverges
    PowerSum(read("0"), read("1"), ONE, "x"),  # harmonic
    PowerSum(read("1 - 2*a"), read("a"), TWO, "x"),  # s0 + 2c = 1, identically
    PowerSum(read("2"), read("-1"), ONE, "x"),
    PowerSum(read("2"), read("0"), EXP, "x"),
])
def test_divergent_sums_are_refused(power_sum: PowerSum) -> None:
    with pytest.raises(BadInputError):
        expand_small(power_sum)


def test_other_bad_input() -> None:
    for name, order in (("exp", 1), ("rational", 0), ("rational", -1), ("gauss", 1)):
        with pytest.raises(BadInputError, match="no kernel"):
            Kernel(name, order)
    with pytest.raises(BadInputError, match="Euler-Maclaurin"):
        expand_small(PowerSum(read("0"), read("2"), ONE, "x"), edge=4)
    with pytest.raises(BadInputError, match="without an upper end"):
        expand_large(PowerSum(read("0"), read("2"), ONE, "x", "v"))
    with pytest.raises(BadInputError, match="falling"):
        expand_falling_exponential(PowerSum(read("2"), read("-1"), ONE, "x"))
    with pytest.raises(BadInputError, match="s0 > 1"):
        expand_falling_exponential(PowerSum(read("1"), read("-1"), EXP, "x"))
    with pytest.raises(BadInputError, match="only rational"):
        PowerSum(read("1"), read("-1"), EXP, "x").flip()
