"""The codec: what is written is read back as the same object; text that is no object is refused with one sentence."""

from __future__ import annotations

import contextlib
import json
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Atom, Constant, gamma, zeta
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_logs
from scaling_sym.claims.bundle import read_json
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_term
from scaling_sym.claims.encoding import encode
from scaling_sym.errors import BadInputError

A, B = Ratio.parameter("alpha"), Ratio.parameter("beta")
numbers = st.fractions(min_value=-5, max_value=5, max_denominator=7)
ratios = st.builds(lambda p, q, r: (A * p + B * q + r) / (A + B + 1), numbers, numbers, numbers)
atoms = st.one_of(
    ratios.map(lambda x: gamma(x + 7)), ratios.map(lambda x: zeta(x + 9)), st.just(Constant.of(Atom("pi"))),
    ratios.filter(bool).map(Constant.of), st.just(Constant.of(Atom("kappa", (A * 2, Ratio.parameter("rho"))))),
)
constants = st.lists(st.tuples(atoms, st.integers(-2, 2)), max_size=3).map(lambda pairs: _product(pairs))
monomials = st.dictionaries(st.sampled_from(["d", "r", "theta"]), ratios, max_size=3).map(Monomial.of)
logs = st.lists(st.tuples(monomials.filter(lambda m: bool(m.powers)), ratios), max_size=2).map(merge_logs)
terms = st.builds(Term, monomials, constants, logs, st.just(Cell()), st.sampled_from(["", "F_pp"]))


def _product(pairs: list[tuple[Constant, int]]) -> Constant:
    total = Constant(Fraction(3, 2))
    for constant, power in pairs:
        total = total * constant**power
    return total


@given(terms)
def test_terms_come_back(term: Term) -> None:
    assert decode_term(json.loads(json.dumps(encode(term)))) == term


@given(constants, constants)
def test_sums_come_back(left: Constant, right: Constant) -> None:
    total = left + right
    assert decode_constant(json.loads(json.dumps(encode(total)))).canonical() == total.canonical()


@given(st.lists(ratios.map(lambda r: r.numerator).filter(lambda p: not p.is_constant), min_size=1, max_size=4))
def test_cells_come_back(polynomials: list[Ratio]) -> None:
    cell = Cell.of(Sign.of(p) for p in polynomials)
    assert decode_cell(json.loads(json.dumps(encode(cell)))) == cell


@pytest.mark.parametrize("text", ["{", "NaN", "[" * 200 + "]" * 200, '{"a": 1' + "0" * 5000 + "}", "\x00"])
def test_text_that_is_no_json(text: str) -> None:
    with pytest.raises(BadInputError):
        read_json(text, "the text")


@pytest.mark.parametrize(
    "value", [None, 3, {"coefficient": "1"}, {"coefficient": "1", "factors": [[["eval", "1"], "1"]]},
              {"coefficient": "__import__('os')", "factors": []}, {"coefficient": "1", "factors": [[["gamma"], "1"]]}],
)
def test_hostile_constants_are_refused(value: object) -> None:
    with pytest.raises(BadInputError):
        decode_constant(value)


def _constant(*factors: list[object]) -> dict[str, object]:
    return {"coefficient": "1", "factors": [*factors]}


def _sum(name: str) -> list[object]:
    return ["sum", *(_constant([["zeta", f"{name}{i}"], "1"]) for i in range(10))]


PRIMES = (10**60 + 7) * (10**59 + 213)
HOSTILE = {
    "a power of a sum": _constant([["polynomial", "a + b + c + d + e + 1"], "100"]),
    "a product of many polynomials": _constant(*([["polynomial", f"a{i} + b{i}"], "1"] for i in range(60))),
    "a product of sums of constants": _constant(*([_sum(name), "1"] for name in "abcdefgh")),
    "gamma far from 0": _constant([["gamma", "100*a**60 + 100"], "1"]),
    "a number that is hard to factor": _constant([["polynomial", str(PRIMES)], "a"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_constants_are_compared_in_bounded_time(name: str) -> None:
    """Each of these would be multiplied out, or factored, for very long; they are refused, or not taken apart."""
    start = time.perf_counter()
    constant = decode_constant(HOSTILE[name])
    with contextlib.suppress(ValueError):
        constant.canonical()
    assert time.perf_counter() - start < 2
