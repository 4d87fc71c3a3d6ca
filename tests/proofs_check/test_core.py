"""The exact core: what a sum of terms may look like, gaps that planted faults do not reach by themselves, and its page."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flint import arb, ctx, fmpq

from proofs_check.framework import RefusedError, same_terms
from proofs_check.replay import replay, replay_step
from proofs_check.signs import drop_terms, prove_inside
from proofs_check.steps import RULES
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import open_bundle

PLRF = open_bundle()
STEPS = {s.id: s for s in PLRF.steps}
DOCS = Path(__file__).parents[2] / "docs"
SECTIONS = {name for f in DOCS.glob("checker.md") for name in re.findall(r"^### (\S+)$", f.read_text(encoding="utf-8"), re.M)}


def first_step(rule: str) -> Step:
    return next(s for s in PLRF.steps if s.rule == rule)


def refusal(step: Step, **changes: Any) -> str:
    """Why a changed step does not replay; nothing where it does."""
    before = {k: s for k, s in STEPS.items() if k != step.id}
    assert replay_step(step, before) is None
    fault = replay_step(replace(step, **changes), before)
    return "" if fault is None else fault.reason


ZERO_TERM = {"constant": {"coefficient": "0", "factors": []}, "logs": [], "monomial": {"d": "100"}}
CANCELLED = {"constant": {"coefficient": "1", "factors": [[["sum", {"coefficient": "1", "factors": []},
                                                            {"coefficient": "-1", "factors": []}], "1"]]},
             "logs": [], "monomial": {"d": "100"}}


@pytest.mark.parametrize("rule", ["trace", "power-sum", "combine", "renew", "transfer", "absorb", "collect", "floor"])
@pytest.mark.parametrize("idle", [ZERO_TERM, CANCELLED])
def test_an_idle_term_is_refused(rule: str, idle: dict[str, Any]) -> None:
    """A term 0 * d^100 changes no sum, but could be said to dominate every other term further on."""
    step = first_step(rule)
    more = {**step.conclusion, "terms": [*step.conclusion["terms"], idle]}
    assert "not the one that follows" in refusal(step, conclusion=more)


def test_a_split_term_is_refused() -> None:
    step = first_step("trace")
    one, *rest = step.conclusion["terms"]
    half = {**one, "constant": {**one["constant"], "coefficient": "1/2"}}
    assert refusal(step, conclusion={"terms": [half, half, *rest]})


def test_sums_are_compared_term_by_term() -> None:
    one, two = Term(Monomial.of({"d": 1})), Term(Monomial.of({"d": 2}))
    same_terms([one, two], [two, one], "a sum")
    with pytest.raises(RefusedError):
        same_terms([one], [one, two], "a sum")


def test_a_cell_does_not_lie_inside_an_equality() -> None:
    """On {a > 0} the polynomial a is positive, which does not put it inside {a = 0}."""
    with pytest.raises(RefusedError, match="open"):
        prove_inside(Cell.parse(["a > 0"]), Cell.parse(["a = 0"]), [[[[[[1], "1"]]], []]], "a trap", {})


def test_a_tie_on_every_ray_is_no_dominance() -> None:
    one = Term(Monomial.of({"d": 1}))
    with pytest.raises(RefusedError, match="ties"):
        drop_terms([one, one], [None, {"by": 0, "rays": [None]}], [{"d": Ratio.of(1)}], Cell())


def test_a_term_is_dropped_because_of_one_that_stays() -> None:
    """On {a > 0} the term d^a is larger than 1, so that only 1 is dropped; both are not dropped because of each other."""
    terms, proof = [Term(Monomial.of({"d": Ratio.parameter("a")})), Term(Monomial())], {"by": 0, "rays": [[[[[[1], "1"]]], []]]}
    rays, cell = [{"d": Ratio.of(1)}], Cell.parse(["a > 0"])
    assert drop_terms(terms, [None, proof], rays, cell) == terms[:1]
    with pytest.raises(RefusedError, match="negative"):
        drop_terms(terms, [proof, None], rays, cell)
    with pytest.raises(IndexError):
        drop_terms(terms, [proof, proof], rays, cell)


def test_a_term_does_not_tie_with_itself() -> None:
    """One term named twice fills the trade-off, but it does not determine the sizes."""
    step = first_step("optimum")
    one = step.conclusion["tradeoff"][0]
    proof = {**step.certificate, "basis": [step.certificate["basis"][0]] * 2}
    assert "do not balance" in refusal(step, conclusion={**step.conclusion, "tradeoff": [one, one]}, certificate=proof)
    assert "trade-off are others" in refusal(step, conclusion={**step.conclusion, "tradeoff": [one, one]})


def test_a_piece_has_the_name_of_its_series_all_the_way_to_time() -> None:
    """Named otherwise, it would be another piece in each step; and what stands still is no other piece than the floor."""
    for rule in ("combine", "renew", "transfer", "absorb", "collect"):
        step = first_step(rule)
        terms = [{**t, "name": {"F_pp": "F_ac", "F_ac": "K_pp", "K_pp": "F_pp", "F_0": "F_pp"}[t["name"]]}
                 for t in step.conclusion["terms"]]
        assert "not the one that follows" in refusal(step, conclusion={"terms": terms})


def test_the_loss_has_all_its_pieces() -> None:
    """A piece alone in its window, with the floor, is not the loss; nor is the kernel's part without the forcing's."""
    collect = first_step("collect")
    window, floor = (STEPS[p] for p in collect.premises)
    moved = STEPS[window.premises[0]]
    alone = next(s for s in PLRF.steps if s.rule == "absorb" and len(s.premises) == 1)
    piece = Step("piece", "absorb", collect.cell, alone.premises, None, {"terms": []}, [])
    steps = {**STEPS, "piece": piece}
    fault = replay_step(replace(collect, premises=("piece", floor.id)), {k: s for k, s in steps.items() if k != collect.id})
    assert fault is not None
    assert "another model" in fault.reason
    renewed = STEPS[moved.premises[0]]
    forcing, kernel = renewed.premises
    assert "are wanted" in refusal(renewed, premises=(kernel, forcing))
    before = {k: s for k, s in STEPS.items() if k != renewed.id}
    fault = replay_step(renewed, {**before, forcing: replace(STEPS[forcing], given={"series": ["F_pp"]})})
    assert fault is not None
    assert "are wanted" in fault.reason


@pytest.mark.parametrize(("c", "rho"), [(Fraction(26, 17), Fraction(4)), (Fraction(3), Fraction(2))])
def test_kappa_is_the_root_of_the_balance(c: Fraction, rho: Fraction) -> None:
    """k int_0^rho du/(k + u^c) - 1 changes sign at the ball, by lower and upper Riemann sums of the decreasing integrand."""
    def ball(x: Fraction) -> arb:
        return arb(fmpq(x.numerator, x.denominator))

    def excess(k: arb) -> arb:
        n, step = 2000, ball(rho / 2000)
        values = [1 / (k + ball(i * rho / n) ** ball(c)) for i in range(n + 1)]
        lower, upper = sum(values[1:], arb(0)) * step, sum(values[:-1], arb(0)) * step
        return k * lower.union(upper) - 1

    with ctx.workprec(90):
        root = evaluate(Constant.of(Atom("kappa", (Ratio.of(c), Ratio.of(rho)))), {})
        margin = arb(2) ** -6  # the sums of 2000 rectangles are that close
        assert excess(root * (1 - margin)) < 0 < excess(root * (1 + margin))


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_has_its_section(rule: str) -> None:
    assert rule in SECTIONS


def test_an_infinite_trace_is_finite_where_the_cell_says_so() -> None:
    """zeta(b) is the trace for b > 1 alone: on the whole plane the learning rate 2 s/zeta(b) is wrong."""
    bundle = open_bundle(paper="bordelon2024")
    step = next(s for s in bundle.steps if s.rule == "learning-rate" and s.cell == ["b - 1 > 0"])
    before = {s.id: s for s in bundle.steps if s.id != step.id}
    assert replay_step(step, before) is None
    fault = replay_step(replace(step, cell=[], certificate=[[[[[[], "1"]]], []]]), before)
    assert fault is not None
    assert "the range" in fault.reason


@pytest.mark.parametrize("rule", ["floor", "learning-rate"])
def test_a_formula_holds_in_its_range_and_for_the_model_that_it_stands_for(rule: str) -> None:
    """The floor is of order d^(-c) for w > 1 and d^(1-w-c) for w < 1; and c, w and the last mode are those of the model."""
    step = first_step(rule)
    (*_, side) = step.given["positive"]
    first, _, second = side.split()
    turned = {**step.given, "positive": [*step.given["positive"][:-1], f"{second} - {first}"]}
    assert "the range" in refusal(step, given=turned)
    assert "not one" in refusal(step, given={**step.given, "positive": []})
    for name, value in (("c", "3*alpha"), ("upper", ""), ("model", "flow")):
        found = refusal(step, given={**step.given, name: value})
        assert "another model" in found or "not one" in found


def test_a_budget_is_spent_on_the_loss_that_its_law_names() -> None:
    """C = P t joined from the train-test gap in place of the loss, and C = N min(P, t) by way of C = P t, are other laws."""
    bundle = open_bundle(paper="bordelon2024")
    assert not replay(bundle, ()).faults
    gap = [replace(s, given={"order": "gap"}) if s.rule == "corrections" else s for s in bundle.steps]
    wide = next(c.steps[0] for c in bundle.claims if c.label == "dmft/compute-wide/loss/1")
    other = [replace(s, premises=(wide, s.premises[1])) if s.rule == "better" else s for s in bundle.steps]
    for steps, label in ((gap, "dmft/compute-wide/"), (other, "dmft/compute-min/")):
        refused = {f.step for f in replay(replace(bundle, steps=tuple(steps)), ()).faults}
        assert {c.label for c in bundle.claims if c.label.startswith(label)} <= refused


def test_a_premise_holds_on_an_open_part_of_its_cell() -> None:
    """Where parts are taken at all, but not on a zero set: there two powers may coincide, and the terms are other ones."""
    bundle = open_bundle(paper="bordelon2024")
    lookup = {s.id: s for s in bundle.steps}
    for rule, parts in (("order", True), ("lead", False)):
        step = next(s for s in bundle.steps if s.rule == rule and s.cell and lookup[s.premises[0]].cell)
        before = {k: s for k, s in lookup.items() if k != step.id}
        outcomes = [replay_step(replace(step, cell=[*step.cell, more]), before) for more in ("b - 7 > 0", "b - 7 = 0")]
        refused = [o is not None and o.reason in ("a premise is for another cell", "an open cell is wanted") for o in outcomes]
        assert refused == [not parts, True]
