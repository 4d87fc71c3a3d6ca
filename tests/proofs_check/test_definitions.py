"""The definitions that the checker trusts: the same as those of the models, and of the form that its rules rely on."""

from __future__ import annotations

import pytest
import sympy as sp

from proofs_check.named_sums import SHARED, prime
from proofs_check.rules import equations
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims import frequencies
from scaling_sym.models.dmft import define_online, define_steps, definition, noisy_sgd

DEFINITIONS = equations.DEFINITIONS
LINEAR = [d["conclusion"] for d in DEFINITIONS["define"] if "groups" in d["conclusion"]]


def test_they_are_those_of_the_models() -> None:
    steps = [define_steps(name) for name in ("dmft-descent", "dmft-momentum")]
    assert [d["conclusion"] for d in DEFINITIONS["define"]] == [definition(), *steps, define_online(), noisy_sgd()]


@pytest.mark.parametrize("model", LINEAR, ids=lambda m: str(m["model"]))
def test_fields_are_determined_by_their_sources(model: dict[str, dict[str, str]]) -> None:
    """What `solve-fields` and `total` rely on, with the linear algebra of SymPy."""
    sources = sp.symbols(list(model["sources"]))
    for group in model["groups"]:
        fields = sp.symbols(list(group))
        rows = sp.Matrix([sp.sympify(text, {n: sp.Symbol(n) for n in ("E", "N", "Q", "beta")}) for text in group.values()])
        left, right = rows.jacobian(fields), rows.jacobian(sources)
        assert sp.simplify(rows - left * sp.Matrix(fields) - right * sp.Matrix(sources)) == sp.zeros(len(fields), 1)
        assert not {*fields, *sources} & (left.free_symbols | right.free_symbols)
        assert left.det() != 0
        assert right.rank() == len(fields)


def test_where_the_unstable_flow_converges() -> None:
    (unstable,) = DEFINITIONS["unstable"]
    assert parse_ratio(unstable["conclusion"]["margin"]) == parse_ratio("alpha - (1 - alpha)*y")


def test_names_that_may_be_introduced_are_solved_for_and_the_same_on_all_modes() -> None:
    modes = {m for model in LINEAR for m in model["mode-symbols"]}
    for new, (old, text) in (pair for names in DEFINITIONS["new"].values() for pair in names.items()):
        equation = parse_ratio(text) - Ratio.parameter(old)
        assert not modes & set(equation.names)
        top = equation.numerator
        assert new in top.names
        assert new not in top.derivative(new).names


@pytest.mark.parametrize("text", sorted({t for d in DEFINITIONS["corrections"].values() for t in d["equations"].values()}))
def test_first_orders_treat_both_frequencies_alike(text: str) -> None:
    """Exchanged, an equation keeps its value or changes its sign: A10, C0 and C1 are their own partners."""
    both = {n + "_": Ratio.parameter(n) for n in ("A10", "C0", "C1")}
    equation = parse_ratio(text)
    assert prime(equation).substitute(both) in (equation, -equation)


def test_the_letters_without_a_frequency_are_those_of_the_proposers() -> None:
    """Two lists, since the checker trusts nobody else's: where they differ, an equation at the second frequency is another."""
    assert frequencies.SHARED == SHARED
