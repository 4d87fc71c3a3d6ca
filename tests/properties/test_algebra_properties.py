"""Laws of the exact algebra: order, absorption, substitution, text, canonical constants."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.algebra.constants import Constant, gamma
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.growth import Growth, absorb
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Order, certify_positive, check_weights, compare_exponents
from scaling_sym.algebra.substitution import substitute_constant
from scaling_sym.algebra.terms import Monomial, Term
from tests.properties.strategies import (
    NAMES,
    Place,
    constants,
    linear,
    linear_cells,
    points,
    positive,
    ratios,
    small_ratios,
)

OPPOSITE = {Order.LESS: Order.GREATER, Order.GREATER: Order.LESS, Order.EQUAL: Order.EQUAL, Order.SPLIT: Order.SPLIT}


@given(ratios)
def test_text_reads_back(value: Ratio) -> None:
    assert parse_ratio(str(value)) == value


@given(ratios, ratios, points)
def test_arithmetic_is_that_of_fractions(left: Ratio, right: Ratio, at: Place) -> None:
    try:
        a, b = left.at(at), right.at(at)
    except ZeroDivisionError:
        assume(False)
    assert (left + right).at(at) == a + b
    assert (left * right).at(at) == a * b
    assert (left == right) == (not (left - right))
    if left == right:
        assert hash(left) == hash(right)
        assert a == b


@given(ratios, ratios, ratios, points)
def test_evaluation_commutes_with_substitution(value: Ratio, for_x: Ratio, for_y: Ratio, at: Place) -> None:
    try:
        inner = {"x": for_x.at(at), "y": for_y.at(at)}
        expected = value.at(inner)
        replaced = value.substitute({"x": for_x, "y": for_y})
    except ZeroDivisionError:
        assume(False)
    assert replaced.at(at) == expected


@given(small_ratios, small_ratios, linear_cells())
def test_comparison_is_antisymmetric(left: Ratio, right: Ratio, cell: Cell) -> None:
    first, second = compare_exponents(left, right, cell, NAMES), compare_exponents(right, left, cell, NAMES)
    assert second.order is OPPOSITE[first.order]
    assert first.polynomial == second.polynomial
    assert compare_exponents(left, left, cell, NAMES).order is Order.EQUAL


@given(linear(), linear(), linear(), linear_cells())
def test_comparison_of_linear_exponents_is_transitive(a: Ratio, b: Ratio, c: Ratio, cell: Cell) -> None:
    """For linear functions on a linear cell Farkas' lemma gives a certificate whenever the sign is one."""
    first, second, both = (compare_exponents(p, q, cell, NAMES).order for p, q in ((a, b), (b, c), (a, c)))
    for side in (Order.LESS, Order.GREATER):
        if {first, second} <= {side, Order.EQUAL} and side in (first, second):
            assert both is side


@given(small_ratios, small_ratios, small_ratios, linear_cells(), points)
def test_comparisons_hold_at_every_point(a: Ratio, b: Ratio, c: Ratio, cell: Cell, at: Place) -> None:
    """Whatever is claimed is true of the numbers, so that no chain of claims can contradict another."""
    assume(cell.contains(at))
    for left, right in ((a, b), (b, c), (a, c)):
        order = compare_exponents(left, right, cell, NAMES).order
        try:
            gap = left.at(at) - right.at(at)
        except ZeroDivisionError:
            assert order in (Order.SPLIT, Order.EQUAL)
            continue
        assert order is Order.SPLIT or (gap > 0, gap < 0) == (order is Order.GREATER, order is Order.LESS)


@given(small_ratios, linear_cells(), points)
def test_certificates_are_true(value: Ratio, cell: Cell, at: Place) -> None:
    polynomial = value.numerator
    weights = certify_positive(polynomial, cell)
    if weights is not None:
        assert check_weights(polynomial, cell, weights)
        assert not cell.contains(at) or polynomial.at(at) > 0


CELL = Cell.parse(["x > 0", "y > 0"])
GROWTH = Growth(({"d": Ratio.of(1)}, {"d": Ratio.of(1), "u": Ratio.of(-2)}))


@st.composite
def expansions(draw: st.DrawFn) -> Expansion:
    """Sums with positive constants (nothing cancels), exponents k x: comparable everywhere on the cell."""
    def term() -> Term:
        d, u, k = draw(st.integers(-3, 3)), draw(st.integers(-2, 2)), draw(st.integers(0, 1))
        x = Ratio.parameter("x")
        logs = ((Monomial.of({"d": 1}), Ratio.of(1)),) if k else ()
        return Term(Monomial.of({"d": x * d, "u": x * u}), Constant.of(draw(positive)), logs)

    terms = tuple(term() for _ in range(draw(st.integers(1, 4))))
    return Expansion(terms, tuple(term() for _ in range(draw(st.integers(0, 2)))))


def shape(value: Expansion) -> tuple[frozenset[object], frozenset[object]]:
    """Terms with constants, and errors without: their constants mean nothing."""
    return frozenset((t.monomial, t.logs, t.constant) for t in value.terms), bounds(value.errors)


def bounds(terms: Iterable[Term]) -> frozenset[object]:
    return frozenset((t.monomial, t.logs) for t in terms)


def reduce(value: Expansion) -> Expansion:
    return absorb(value + Expansion(()), GROWTH, CELL, NAMES)


@given(expansions())
def test_absorption_is_idempotent(a: Expansion) -> None:
    assert shape(reduce(reduce(a))) == shape(reduce(a))


@given(expansions(), expansions(), expansions())
@settings(max_examples=20)
def test_absorption_is_associative(a: Expansion, b: Expansion, c: Expansion) -> None:
    whole = shape(reduce(a + b + c))
    assert shape(reduce(reduce(a + b) + c)) == whole
    assert shape(reduce(a + reduce(b + c))) == whole
    assert shape(reduce(c + (b + a))) == whole


@given(expansions(), expansions())
@settings(max_examples=20)
def test_absorption_respects_products(a: Expansion, b: Expansion) -> None:
    """The leading terms of a product are those of the product of the leading terms."""
    direct, absorbed = reduce(a * b), reduce(reduce(a) * reduce(b))
    assert shape(direct)[0] == shape(absorbed)[0]


@given(constants(), positive, positive)
@settings(max_examples=20)
def test_canonical_constants_keep_their_value(value: Constant, x: Fraction, y: Fraction) -> None:
    """Off the whole numbers, where a shifted form may be 0/0: it is for comparison, not for evaluation."""
    at = {"x": x + Fraction(1, 1013), "y": y + Fraction(1, 1019)}
    assert evaluate(value, at).overlaps(evaluate(value.canonical(), at))
    assert value.canonical().canonical() == value.canonical()


@given(constants(), constants(), st.integers(-4, 4))
def test_canonical_constants_see_through_shifts(left: Constant, right: Constant, n: int) -> None:
    x = Ratio.parameter("x")
    steps = Constant.of(1)
    for k in range(abs(n)):
        steps = steps * (x + k) if n > 0 else steps / (x - 1 - k)
    shifted = left * gamma(x + n) * right
    assert shifted.canonical() == (right * left * steps * gamma(x)).canonical()


@given(constants(), positive, positive)
def test_constants_evaluate_after_substitution(value: Constant, x: Fraction, y: Fraction) -> None:
    at = {"x": x, "y": y}
    assert evaluate(substitute_constant(value, {n: Ratio.of(v) for n, v in at.items()}), {}).overlaps(evaluate(value, at))
