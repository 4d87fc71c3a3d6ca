"""Terms and expansions: products, substitution, absorption along the rays of a growth."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import ONE, Constant, gamma
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.growth import Growth, absorb
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Order
from scaling_sym.algebra.terms import UNIT, Logs, Monomial, Term, log_power, merge_terms, substitute
from scaling_sym.errors import UndecidedError


def power(**exponents: str) -> Monomial:
    return Monomial.of({n: read(e) for n, e in exponents.items()})


def term(**exponents: str) -> Term:
    return Term(power(**exponents))


def log_of(d: str) -> Logs:
    return ((power(d=d), Ratio.of(1)),)


CELL = Cell.parse(["a > 0", "b - a > 0"])
NAMES = ("a", "b")
TO_INFINITY = Growth(({"d": Ratio.of(1)},))
# The window d^(-2a) << u << 1 with d -> infinity.
WINDOW = Growth(({"d": Ratio.of(1)}, {"d": Ratio.of(1), "u": read("-2*a")}))


def test_monomials_are_a_group() -> None:
    x, y = power(d="a", u="1"), power(d="-a", u="b")
    assert x * y == power(u="1 + b")
    assert x * x**-1 == UNIT
    assert (x**2).exponent("d") == read("2*a")
    assert x.exponent("z") == 0
    assert x ** read("1/a") == power(d="1", u="1/a")
    assert str(UNIT) == "1"


def test_replacement_is_simultaneous() -> None:
    x = power(d="2", r="3")
    assert substitute(Term(x), {"d": term(r="1"), "r": term(d="1")}).monomial == power(r="2", d="3")
    assert substitute(Term(x), {"d": term(f="a"), "r": term(f="1 - a")}).monomial == power(f="3 - a")
    assert x.rate({"d": read("a"), "r": read("1")}) == read("2*a + 3")
    assert power(d="a").substitute({"a": Ratio.of(Fraction(1, 2))}) == power(d="1/2")


def test_terms_multiply_with_logs_and_cells() -> None:
    log = log_of("1")
    left = Term(power(d="a"), gamma(read("a")), log, Cell.parse(["a > 0"]), "F")
    right = Term(power(d="-a"), ONE, log, Cell.parse(["b > 0"]))
    both = left * right
    assert both.monomial == UNIT
    assert both.logs == ((power(d="1"), Ratio.of(2)),)
    assert both.cell == Cell.parse(["a > 0", "b > 0"])
    assert both.name == "F"
    inverse = Term(UNIT, ONE, ((power(d="1"), Ratio.of(-1)),))
    assert (left * inverse).logs == ()
    assert substitute(both, {"d": Term(power(f="2"))}).logs == ((power(f="2"), Ratio.of(2)),)


def test_merging_adds_constants_and_drops_zeros() -> None:
    x = Term(power(d="a"), gamma(read("a")))
    assert merge_terms([x, x]) == (Term(power(d="a"), gamma(read("a")) * 2),)
    assert merge_terms([x, Term(power(d="a"), gamma(read("a")) * -1)]) == ()
    logged = Term(power(d="a"), ONE, log_of("1"))
    assert len(merge_terms([x, logged])) == 2


def test_comparison_along_one_ray() -> None:
    assert TO_INFINITY.compare(term(d="a"), term(d="b"), CELL, NAMES) is Order.LESS
    assert TO_INFINITY.compare(term(d="b"), term(d="a"), CELL, NAMES) is Order.GREATER
    assert TO_INFINITY.compare(term(d="a"), term(d="a"), CELL, NAMES) is Order.EQUAL
    with pytest.raises(UndecidedError, match="a - 1"):
        TO_INFINITY.compare(term(d="a"), term(d="1"), CELL, NAMES)


def test_comparison_in_a_window() -> None:
    """d^(-2a) << u << 1: 1/d against u^(1/(2a)): equal on the lower edge, smaller on the upper one."""
    assert WINDOW.compare(term(d="-1"), Term(power(u="1/(2*a)")), CELL, NAMES) is Order.LESS
    assert WINDOW.compare(term(u="1"), term(), CELL, NAMES) is Order.LESS
    assert WINDOW.compare(term(u="1"), term(d="-a"), CELL, NAMES) is None  # u crosses d^(-a) inside the window
    assert WINDOW.compare(term(u="1"), term(d="-2*a"), CELL, NAMES) is Order.GREATER


def test_logarithms_decide_ties_only() -> None:
    log = log_of("1")
    assert TO_INFINITY.compare(term(d="a"), Term(power(d="a"), ONE, log), CELL, NAMES) is Order.LESS
    assert TO_INFINITY.compare(term(d="b"), Term(power(d="a"), ONE, log), CELL, NAMES) is Order.GREATER
    assert log_power(log, {"d": Ratio.of(1)}) == 1
    assert log_power(log, {"u": Ratio.of(1)}) == 0
    other = log_of("2")  # log d^2 = 2 log d: same growth, but not the same term
    assert TO_INFINITY.compare(Term(power(d="a"), ONE, log), Term(power(d="a"), ONE, other), CELL, NAMES) is None


def test_absorption_keeps_the_maximal_terms() -> None:
    value = Expansion((term(d="a"), term(d="b"), term(d="-1")), (term(d="-2"), term(d="-3")))
    kept = absorb(value, TO_INFINITY, CELL, NAMES)
    assert kept.terms == (term(d="b"),)
    assert kept.errors == (term(d="a"),)  # the largest of what was dropped, above the old errors
    assert absorb(kept, TO_INFINITY, CELL, NAMES) == kept
    window = absorb(Expansion((term(u="1"), term(d="-a"), term()), ()), WINDOW, CELL, NAMES)
    assert window.terms == (term(),)
    both = absorb(Expansion((term(u="1"), term(d="-a")), ()), WINDOW, CELL, NAMES)
    assert len(both.terms) == 2


def test_absorbed_terms_are_remembered_as_an_error() -> None:
    """(d^b + d^a) - d^b is d^a: after absorption, at least O(d^a) must be left of it, not an exact zero."""
    left = absorb(Expansion((term(d="b"), term(d="a"))), TO_INFINITY, CELL, NAMES)
    difference = left + Expansion((Term(power(d="b"), Constant.of(-1)),))
    assert difference.terms == ()
    assert difference.errors == (term(d="a"),)


def test_terms_below_the_error_are_dropped() -> None:
    value = absorb(Expansion((term(), term(d="-b")), (term(d="-a"),)), TO_INFINITY, CELL, NAMES)
    assert value.terms == (term(),)
    assert value.errors == (term(d="-a"),)


def test_a_term_valid_elsewhere_absorbs_nothing() -> None:
    elsewhere = Term(power(d="b"), cell=Cell.parse(["a - 1 > 0"]))
    implied_here = Term(power(d="b"), cell=Cell.parse(["b > 0"]))
    assert term(d="a") in absorb(Expansion((term(d="a"), elsewhere)), TO_INFINITY, CELL, NAMES).terms
    assert term(d="a") not in absorb(Expansion((term(d="a"), implied_here)), TO_INFINITY, CELL, NAMES).terms


def test_products_of_expansions_carry_errors() -> None:
    """(1 + O(1/d)) (d + O(1)): product d, errors 1 (twice) and 1/d."""
    left = Expansion((term(),), (term(d="-1"),))
    right = Expansion((term(d="1"),), (term(),))
    both = left * right
    assert both.terms == (term(d="1"),)
    assert {str(e.monomial) for e in both.errors} == {"1", "d**(-1)"}
    kept = absorb(both, TO_INFINITY, CELL, NAMES)
    assert [str(e.monomial) for e in kept.errors] == ["1"]
    assert (left + right).errors == (*left.errors, *right.errors)


def test_scaling_by_one_term() -> None:
    value = Expansion((term(d="1"),), (term(),)).scale(Term(power(d="-1"), Constant.of(2)))
    assert value.terms == (Term(UNIT, Constant.of(2)),)
    assert value.errors[0].monomial == power(d="-1")
    assert value.replace({"d": power(f="a")}).errors[0].monomial == power(f="-a")
