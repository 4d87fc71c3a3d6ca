"""Reading the terms of the loss in the window from the committed bundle, for comparison with numbers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import derivations.paquette2024
from scaling_sym.algebra.constant_values import evaluate as evaluate_constant
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.claims.codec import decode_cell, decode_term
from scaling_sym.claims.steps import Step

FILE = Path(derivations.paquette2024.__file__).with_name("bundle.json")


def committed() -> Bundle:
    return read_bundle(FILE.read_bytes())


def window_terms(bundle: Bundle, point: dict[str, Fraction]) -> list[Term]:
    """The leading terms in (theta, d, gamma) on the cell that contains the point."""
    lookup = {s.id: s for s in bundle.steps}
    claim = next(c for c in bundle.claims if c.kind == "terms" and decode_cell(c.region).contains(point))
    step = lookup[claim.steps[0]]
    collect = step if step.rule == "collect" else lookup[step.premises[0]]
    window: Step = next(lookup[p] for p in collect.premises if lookup[p].rule == "absorb")
    return [decode_term(t) for t in window.conclusion["terms"]]


def evaluate(term: Term, resources: dict[str, float], point: dict[str, Fraction]) -> float:
    value = float(evaluate_constant(term.constant, point).mid())
    for name, exponent in term.monomial.powers:
        value *= resources[name] ** float(exponent.at(point))
    return value
