"""Traps in the exact algebra, the power sums and the phases: what must be refused or split, beside what must succeed.

Each test holds the trap and its nearest harmless neighbour. The expected answers are derived by hand in the docstrings,
or come from the table of errors met in other tools (mathematics.md, section 6); none is our own output.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constant_values import evaluate as evaluate_constant
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.growth import Growth, SplitNeededError
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Order, certify_empty, check_weights, compare_exponents, sign_on_cell
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.algebra.values import parse_number
from scaling_sym.asymptotics.optimum import Budget, Problem
from scaling_sym.asymptotics.phases import find_phases
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small, find_walls
from scaling_sym.errors import BadInputError, OutsideDomainError, UndecidedError
from tests.asymptotics.test_power_sums import evaluate


def power(**exponents: str) -> Monomial:
    return Monomial.of({n: read(e) for n, e in exponents.items()})


def order(left: str, right: str, *cell: str) -> Order:
    return compare_exponents(read(left), read(right), Cell.parse(cell), ("a", "b")).order


def test_maximum_of_two_symbols() -> None:
    """SymPy's limit of log(N^-a + N^-b)/log N answers with the name that sorts first. For a, b > 0 alone the answer
    is open, -min(a, b); with b > a it is -a, because N^-b is then smaller."""
    growth, left, right = Growth(({"N": Ratio.of(1)},)), Term(power(N="-a")), Term(power(N="-b"))
    with pytest.raises(SplitNeededError) as split:
        growth.compare(left, right, Cell.parse(["a > 0", "b > 0"]), ("a", "b"))
    assert split.value.polynomial == read("a - b")
    assert growth.compare(left, right, Cell.parse(["a > 0", "b - a > 0"]), ("a", "b")) is Order.GREATER
    assert growth.compare(left, right, Cell.parse(["b > 0", "a - b > 0"]), ("a", "b")) is Order.LESS


def test_semidefinite() -> None:
    """(a - b)^2 vanishes on the diagonal, which the quadrant contains and the half-plane a > b does not."""
    assert order("(a - b)**2", "0", "a > 0", "b > 0") is Order.SPLIT
    assert order("(a - b)**2", "0", "a - b > 0") is Order.GREATER
    assert order("a**2 + b**2 + 1", "2*a*b", "a > 0", "b > 0") is Order.SPLIT  # positive, but no certificate of ours
    assert order("a**2 + b**2 + 1 + a*b", "0", "a > 0", "b > 0") is Order.GREATER


def test_division_that_changes_sign() -> None:
    """1/(2a - 1) against 0: the sign is that of 2a - 1; across a = 1/2 there is no value at all."""
    assert order("1/(2*a - 1)", "0", "a > 0") is Order.SPLIT
    assert order("1/(2*a - 1)", "0", "2*a - 1 > 0") is Order.GREATER
    assert order("1/(2*a - 1)", "0", "2*a - 1 < 0") is Order.LESS
    with pytest.raises(BadInputError):
        Sign.parse("1/(2*a - 1) > 0")
    assert Sign.parse("2*a - 1 > 0") == Sign(read("2*a - 1"), ">")


def test_empty_cells() -> None:
    """On a < -1 and a > 0 everything is true, so nothing is claimed; on 0 < a < 1 the sign of a is +1."""
    empty, inhabited = Cell.parse(["a > 0", "a + 1 < 0"]), Cell.parse(["a > 0", "a - 1 < 0"])
    assert sign_on_cell(read("a"), empty, ("a",)) is None
    assert certify_empty(empty) is not None
    assert sign_on_cell(read("a"), inhabited, ("a",)) == 1
    assert certify_empty(inhabited) is None


def test_certificates_need_a_positive_weight_and_their_own_cell() -> None:
    """a = 1 * a proves a > 0 on {a > 0}; on {a < 0} the same weights prove -a > 0."""
    weights = (((1,), Fraction(1)),)
    assert check_weights(read("a"), Cell.parse(["a > 0"]), weights)
    assert not check_weights(read("a"), Cell.parse(["a < 0"]), weights)
    assert check_weights(read("-a"), Cell.parse(["a < 0"]), weights)
    assert not check_weights(Ratio.of(0), Cell.parse(["a > 0"]), (((1,), Fraction(0)),))


@pytest.mark.parametrize(("bad", "good"), [
    ("1/0", "1/1"), ("nan", "0"), ("inf", "1"), ("4/-5", "-4/5"), ("1e99999", "1e99"), ("٤", "4"),
])
def test_numbers(bad: str, good: str) -> None:
    with pytest.raises(BadInputError):
        parse_number(bad)
    parse_number(good)


def test_kappa_outside_its_domain() -> None:
    """k int_0^oo du/(k + u^c) diverges for c <= 1, where the closed form (pi/c / sin(pi/c))^-c may still be finite, as
    at c = 2/5: sin(5 pi/2) = 1. At c = 2: k^(1/2) pi/2 = 1, k = 4/pi^2. For rho <= 1 the left side stays below 1."""
    def kappa(c: str, rho: str) -> Constant:
        return Constant.of(Atom("kappa", (read(c), read(rho))))

    for c, rho in (("2/5", "0"), ("2", "1"), ("2", "1/2"), ("0", "3")):
        with pytest.raises(OutsideDomainError):
            evaluate_constant(kappa(c, rho), {})
    four = Constant.of(4) / (Constant.of(Atom("pi")) ** 2)
    assert evaluate_constant(kappa("2", "0"), {}).overlaps(evaluate_constant(four, {}))


def test_fractional_powers_of_negative_numbers() -> None:
    """(1 - 2a)^(1/2) is 1 at a = 0 and not real at a = 1."""
    root = Constant.of(read("1 - 2*a")) ** read("1/2")
    assert evaluate_constant(root, {"a": Fraction(0)}).overlaps(evaluate_constant(Constant.of(1), {}))
    with pytest.raises(OutsideDomainError):
        evaluate_constant(root, {"a": Fraction(1)})


def test_divergent_neighbour_of_a_convergent_sum() -> None:
    """mathematics.md, section 5: sum 1/(1 + 1e-6 k^(3/2)) = 24183.49 (nsum says 13170.36). With k^1 it diverges."""
    good = expand_small(PowerSum(Ratio.of(0), read("3/2"), Kernel("rational", 1), "x"))
    assert abs(evaluate(good.terms, {"x": "1e-6"}, {}) - 24183.49) < 0.005  # half of the last digit printed there
    with pytest.raises(BadInputError, match="diverges"):
        expand_small(PowerSum(Ratio.of(0), Ratio.of(1), Kernel("rational", 1), "x"))


def test_symbolic_powers_are_not_dropped() -> None:
    """SymPy's series of 1/(1 + u^(2a)) drops u^(2a). For sum j^-s/(1 + x j^c), s > 1, both 1 = x^0 and the bulk power
    x^((s-1)/c) must appear: the first is zeta(s), the second comes from j ~ x^(-1/c)."""
    found = expand_small(PowerSum(read("a + 1"), read("b"), Kernel("rational", 1), "x"))
    assert {t.monomial for t in found.terms} == {Monomial(), power(x="1"), power(x="a/b")}


def test_formula_on_its_wall() -> None:
    """At s0 = 1, zeta(s0) and Gamma((1-s0)/c) are both infinite while the sum is log(1/x)/c + ...: off the wall the
    formula has a value, on it it has none, and `find_walls` says where; put in before, s0 = 1 gives the logarithm."""
    symbolic = PowerSum(read("a"), Ratio.of(2), Kernel("rational", 1), "x")
    found = expand_small(symbolic)
    with pytest.raises(OutsideDomainError):
        evaluate(found.terms, {"x": "1e-4"}, {"a": Fraction(1)})
    assert read("a - 1") in find_walls(symbolic)
    near = evaluate(found.terms, {"x": "1e-4"}, {"a": 1 + Fraction(1, 10**9)})
    logged = expand_small(PowerSum(Ratio.of(1), Ratio.of(2), Kernel("rational", 1), "x"))
    assert [str(m) for t in logged.terms for m, _ in t.logs] == ["x**(-1)"]
    assert abs(near - evaluate(logged.terms, {"x": "1e-4"}, {})) < 1e-6  # continuous: the difference is O(1e-9 log^2)


def test_cancelled_leading_terms_leave_an_error() -> None:
    """(d^2 + d) - d^2 = d: after absorption of d, the difference is O(d) and not exactly nothing."""
    from scaling_sym.algebra.growth import absorb

    growth = Growth(({"d": Ratio.of(1)},))
    left = absorb(Expansion((Term(power(d="2")), Term(power(d="1")))), growth, Cell(), ())
    minus = Expansion((Term(power(d="2"), Constant.of(-1)),))
    assert (left + minus).terms == ()
    assert [t.monomial for t in (left + minus).errors] == [power(d="1")]
    exact = Expansion((Term(power(d="2")), Term(power(d="1")))) + minus
    assert [t.monomial for t in exact.terms] == [power(d="1")]
    assert exact.errors == ()


def problem(*terms: Term, cost: Monomial | None = None) -> Problem:
    budget = Budget(cost or power(N="1", D="1"))
    return Problem(terms, ("N", "D"), budget, Cell.parse(["a > 0", "b > 0"]), ("a", "b"))


def test_budget_without_limit() -> None:
    """With cost N/D a larger N is paid for by a larger D, without end; with N D the optimum of N^-a + D^-b is at
    a x = b (1 - x)."""
    terms = Term(power(N="-a"), name="model"), Term(power(D="-b"), name="data")
    with pytest.raises(UndecidedError, match="no optimum"):
        find_phases(problem(*terms, cost=power(N="1", D="-1")))
    [phase] = find_phases(problem(*terms)).phases
    assert phase.vertex.loss == read("a*b/(a + b)")


def test_phase_that_is_no_conjunction() -> None:
    """N^-1 + D^-1 with N^(-1/2) besides where a > 1 and b > 1: outside, loss 1/2 on an L-shaped set that is no
    conjunction of signs of a - 1 and b - 1. With the third term on a > 1, the rest is a < 1: two phases, losses
    1/2 and, from x/2 = 1 - x, 1/3."""
    one, two = Term(power(N="-1"), name="model"), Term(power(D="-1"), name="data")
    with pytest.raises(UndecidedError, match="not one conjunction"):
        find_phases(problem(one, two, Term(power(N="-1/2"), cell=Cell.parse(["a - 1 > 0", "b - 1 > 0"]), name="slow")))
    phases = find_phases(problem(one, two, Term(power(N="-1/2"), cell=Cell.parse(["a - 1 > 0"]), name="slow"))).phases
    assert {str(ph.vertex.loss) for ph in phases} == {"1/2", "1/3"}


def test_validity_decides_before_size() -> None:
    """A term that is larger, but lives on a > 1 only, must not be counted for a < 1: there the loss stays 1/2."""
    one, two = Term(power(N="-1"), name="model"), Term(power(D="-1"), name="data")
    big = Term(power(N="-1/100"), cell=Cell.parse(["a - 1 > 0"]), name="big")
    phases = find_phases(problem(one, two, big)).phases
    [left] = [ph for ph in phases if ph.cell.contains({"a": Fraction(1, 2), "b": Fraction(1)})]
    [right] = [ph for ph in phases if ph.cell.contains({"a": Fraction(3, 2), "b": Fraction(1)})]
    assert left.vertex.loss == Fraction(1, 2)
    assert right.vertex.loss == Fraction(1, 101)  # x/100 = 1 - x
