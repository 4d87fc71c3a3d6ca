"""Independent derivations are found in the graph of steps; printed claims are as consistent as what they are laid beside."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from proofs_check.judge import judge
from proofs_check.replay import replay
from proofs_check.standing import EXACT, Library, find_steps_beside, stand
from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.claims.bundle import read_bundle, read_step
from scaling_sym.claims.codec import decode_constant
from scaling_sym.claims.steps import Step
from scaling_sym.claims.writing import find_step, step_body
from scaling_sym.cli.bundles import PAPERS, committed_file

BUNDLES = {p: read_bundle(committed_file(p).read_bytes()) for p in PAPERS}
FLOW = BUNDLES["bordelon2024"]
LIBRARY = Library.of(BUNDLES.values())


def claimed(label: str) -> Step:
    claim = next(c for c in FLOW.claims if c.label == label)
    return find_step(FLOW, claim.steps[0])


FLOOR = next(s.id for s in FLOW.steps if s.rule == "floor" and "a - b - 1 > 0" in s.cell)


def with_step(place: str, **changes: Any) -> Library:
    """The library of one bundle, with one of its steps changed."""
    steps = tuple(read_step({**step_body(s), **changes}) if s.id == place else s for s in FLOW.steps)
    return Library.of([replace(FLOW, steps=steps)])


@pytest.mark.parametrize("label", ["dmft/model/1", "dmft/model/2"])
def test_two_routes_to_the_late_loss(label: str) -> None:
    """The static equations, and the Riemann sum at the floor: constants that look different and agree to 20 digits by mpmath."""
    own = claimed(label)
    [(paper, other)] = LIBRARY.find_others(("bordelon2024", own.id))
    found = LIBRARY.step((paper, other))
    assert (own.rule, found.rule) == ("evaluate", "floor")
    point = {"a": Fraction(7, 2) if label.endswith("1") else Fraction(2), "b": Fraction(3, 2)}
    balls = [evaluate(decode_constant(s.conclusion["terms"][0]["constant"]), point) for s in (own, found)]
    a, b = (mpmath.mpf(x.numerator) / x.denominator for x in point.values())
    with mpmath.workdps(25):
        kappa = (mpmath.pi / b / mpmath.sin(mpmath.pi / b)) ** -b  # kappa int dx/(kappa + x^b) = 1
        place = (1 - a + b) / b  # int x^(b - a) dx/(kappa + x^b), by its closed form
        tail = kappa ** (place - 1) * mpmath.pi / b / mpmath.sin(mpmath.pi * place)
        direct = mpmath.zeta(a - b) / kappa if label.endswith("1") else tail
    assert all(abs(float(x.mid()) - float(direct)) < 1e-12 * float(direct) for x in balls)


def test_shared_steps_make_no_second_derivation() -> None:
    """The floor, made to rest on an expansion that the static route uses too, is no independent derivation any more."""
    own, other = claimed("dmft/model/1"), FLOOR
    shared = next(s.id for s in LIBRARY.above(("bordelon2024", own.id)) if s.rule == "power-sum")
    assert with_step(other).find_others(("bordelon2024", own.id)) == [("bordelon2024", other)]
    floor = find_step(FLOW, other)
    mixed = with_step(other, premises=[*floor.premises, shared])
    assert mixed.find_others(("bordelon2024", own.id)) == []


@pytest.mark.parametrize("change", ["constant", "power", "cell"])
def test_another_conclusion_is_no_second_derivation(change: str) -> None:
    floor = step_body(find_step(FLOW, FLOOR))
    if change == "cell":
        floor["cell"] = [*floor["cell"], "a - 7 > 0"]
    else:
        old, new = ('"coefficient": "1"', '"coefficient": "2"') if change == "constant" else ('"-b"', '"-b - 1"')
        floor["conclusion"] = json.loads(json.dumps(floor["conclusion"]).replace(old, new))
    assert with_step(FLOOR, **floor).find_others(("bordelon2024", claimed("dmft/model/1").id)) == []


def test_correction_and_gap_have_one_power_and_are_two_things() -> None:
    """Both fall as t^((2-a)/b)/P; their constants are not determined, so that nothing says that they are one."""
    assert LIBRARY.find_others(("bordelon2024", claimed("dmft/correction/data/2").id)) == []


def test_routes_leave_out_exact_algebra_only() -> None:
    assert {"power-sum", "floor", "optimum", "transfer", "lead", "combine"}.isdisjoint(EXACT)


def test_printed_claims_are_as_consistent_as_what_they_are_laid_beside() -> None:
    outcome = replay(FLOW, ())
    beside = {"dmft/data/1", "dmft/data/2"}
    counts = {}
    for confirmed in (beside, {"dmft/data/1"}, set[str]()):
        found = {j.claim.label: j for j in stand(FLOW, judge(FLOW, outcome, confirmed), LIBRARY)}
        counts[len(confirmed)] = found["B-bottleneck/data"].status
        assert found["B-bottleneck/model"].derivations == 2
        assert found["B-numbers"].derivations == 0
    assert counts == {2: "numerically consistent", 1: "derived", 0: "derived"}


def test_a_printed_claim_is_laid_beside_the_steps_of_its_matches() -> None:
    claim = next(c for c in FLOW.claims if c.label == "B-bottleneck/data")
    assert set(find_steps_beside(claim, FLOW)) == {claimed("dmft/data/1").id, claimed("dmft/data/2").id}


def test_a_copy_in_another_bundle_is_the_same_step() -> None:
    """The kernel's law is derived by the same static equations; its second derivation is the floor, which stands elsewhere."""
    kernel = BUNDLES["bahri2024"]
    claim = next(c for c in kernel.claims if c.label == "kernel/model/1")
    assert [p for p, _ in LIBRARY.find_others(("bahri2024", claim.steps[0]))] == ["bordelon2024"]
    assert Library.of([kernel]).find_others(("bahri2024", claim.steps[0])) == []
