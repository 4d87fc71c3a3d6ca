"""The export to Coq: accepted as it is, rejected after a planted fault. Skipped, and said so, where there is no coqc."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import PAPERS, open_bundle
from scaling_sym.cli.second_judge import ask_coq
from scaling_sym.errors import BadInputError
from scaling_sym.export.coq import write_coq

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="NOTICE: coqc is not installed: Coq judges nothing here")
BUNDLE = open_bundle()


def excerpt(rule: str, place: int = 0) -> Bundle:
    """One step of a rule with its premises, as a bundle."""
    step = [s for s in BUNDLE.steps if s.rule == rule][place]
    below = tuple(s for s in BUNDLE.steps if s.id in step.premises and s.rule != "optimum")
    return replace(BUNDLE, steps=(*below, step), claims=())


def with_fault(bundle: Bundle, old: str, new: str, part: str) -> Bundle:
    """The bundle with one text replaced once in a part of its last step."""
    step = bundle.steps[-1]
    body = json.dumps(getattr(step, part))
    assert old in body
    changed: Step = replace(step, **{part: json.loads(body.replace(old, new, 1))})
    return replace(bundle, steps=(*bundle.steps[:-1], changed))


def test_the_export_is_the_same_every_time_and_says_what_it_proves() -> None:
    first, second = (write_coq([open_bundle()]) for _ in range(2))
    assert first == second
    optima = sum(s.rule == "optimum" and "substitution" not in s.given for s in BUNDLE.steps)
    assert first.count("Lemma optimum_") == optima
    assert "Admitted" not in first
    assert "Axiom" not in first


@needs_coq
def test_coq_accepts_the_committed_bundles() -> None:
    assert ask_coq(write_coq(open_bundle(paper=p) for p in PAPERS)) == ""


@needs_coq
@pytest.mark.parametrize(("rule", "part", "old", "new"), [
    ("optimum", "certificate", '"-alpha + 1"', '"-alpha + 2"'),  # a multiplier
    ("optimum", "conclusion", '"(2*alpha + 2*beta - 1)/2"', '"(2*alpha + 2*beta - 2)/2"'),  # the loss exponent
    ("optimum", "conclusion", '"1/2"', '"1/3"'),  # the size of the model
    ("cover", "certificate", '"1/2"', '"1/3"'),  # a weight in a proof that two phases do not meet
    ("cover", "conclusion", '"4*alpha - 1 > 0"', '"5*alpha - 1 > 0"'),  # the region of a phase
])
def test_coq_rejects_a_planted_fault(rule: str, part: str, old: str, new: str) -> None:
    good = excerpt(rule)
    assert ask_coq(write_coq([good])) == ""
    assert "Error" in ask_coq(write_coq([with_fault(good, old, new, part)]))


FLOW, REGIMES, LINKS = (open_bundle(paper=p) for p in ("bordelon2024", "bahri2024", "links"))


def equation_of(bundle: Bundle, name: str) -> Bundle:
    """The step that derives an equation, with its premises."""
    step = next(s for s in bundle.steps if s.rule == "identity" and name in s.conclusion["equations"])
    below = tuple(s for s in bundle.steps if s.id in step.premises)
    return replace(bundle, steps=(*(replace(s, rule="total") if s.rule == "identity" else s for s in below), step), claims=())


def printed_of(bundle: Bundle, label: str) -> Bundle:
    """A printed claim with its comparisons, and the derived claims."""
    claim = next(c for c in bundle.claims if c.label == label)
    kept = {"law", "equation", "growth"}
    below = tuple(s for s in bundle.steps if s.id in claim.steps)
    return replace(bundle, steps=below, claims=tuple(c for c in bundle.claims if c.kind in kept or c is claim))


def with_false_claim(bundle: Bundle, label: str, old: str, new: str, part: str = "statement") -> Bundle:
    """The bundle with one text replaced once in what a claim says."""
    claims = []
    for claim in bundle.claims:
        body = json.dumps(getattr(claim, part))
        assert claim.label != label or old in body
        claims.append(replace(claim, **{part: json.loads(body.replace(old, new, 1))}) if claim.label == label else claim)
    return replace(bundle, claims=tuple(claims))


def of_flow(rule: str, place: int = 0) -> Bundle:
    step = [s for s in FLOW.steps if s.rule == rule][place]
    below = tuple(replace(s, rule="stated") if s.rule == "optimum" else s for s in FLOW.steps if s.id in step.premises)
    return replace(FLOW, steps=(*below, step), claims=())


KINDS_OF_FAULT: dict[str, Callable[[], tuple[Bundle, Bundle]]] = {
    "a wall's polynomial": lambda: (of_flow("continuity"), with_fault(
        of_flow("continuity"), '"a - b - 1"', '"a - b - 2"', "conclusion")),
    "the budget": lambda: (of_flow("optimum"), with_fault(
        of_flow("optimum"), '"N": "1", "t": "1"', '"N": "2", "t": "1"', "given")),
    "a sign": lambda: (of_flow("optimum"), with_fault(of_flow("optimum"), '"loss": "', '"loss": "-', "conclusion")),
    "the exponent of a term": lambda: (of_flow("optimum"), with_fault(of_flow("optimum"), '"monomial": {"N": "-a + 1"}',
                                                              '"monomial": {"N": "-a"}', "conclusion")),
    "a widened domain": lambda: (of_flow("cover"), with_fault(of_flow("cover"), '"a - 1 > 0"', '"a > 0"', "cell")),
    "a cofactor": lambda: (equation_of(FLOW, "gap"), with_fault(equation_of(FLOW, "gap"), "P*R02_", "2*P*R02_", "certificate")),
    "a constant in an equation": lambda: (equation_of(REGIMES, "replica"), with_fault(
        equation_of(REGIMES, "replica"), "K2*sigma2", "2*K2*sigma2", "conclusion")),
    "an equation of the links": lambda: (equation_of(LINKS, "resolvent"), with_fault(
        equation_of(LINKS, "resolvent"), "R3*T1", "R3*T1**2", "conclusion")),
    "a printed exponent": lambda: (printed_of(FLOW, "B-bottleneck/data"), with_false_claim(
        printed_of(FLOW, "B-bottleneck/data"), "B-bottleneck/data", '"-2*b"', '"-3*b"')),
    "a derived exponent": lambda: (printed_of(FLOW, "B-bottleneck/time"), with_false_claim(
        printed_of(FLOW, "B-bottleneck/time"), "dmft/time", '"t": "(-a + 1)/b"', '"t": "(-a + 2)/b"')),
    "a refutation that is none": lambda: (printed_of(FLOW, "B-early/eq83"), with_false_claim(
        printed_of(FLOW, "B-early/eq83"), "B-early/eq83", '"u": "-1"', '"u": "-1/b"')),
    "a verdict": lambda: (printed_of(FLOW, "B-early/eq83"), with_false_claim(
        printed_of(FLOW, "B-early/eq83"), "B-early/eq83", '"refuted"', '"holds"', "verdict")),
    "a printed equation": lambda: (printed_of(FLOW, "B-gap"), with_false_claim(
        printed_of(FLOW, "B-gap"), "B-gap", "R02*R02_", "2*R02*R02_")),
    "a law on a line": lambda: (printed_of(REGIMES, "C-features"), with_false_claim(
        printed_of(REGIMES, "C-features"), "C-features", '"1 - b"', '"2 - b"')),
    "the base of an unstable flow": lambda: (printed_of(REGIMES, "C-unstable"), with_false_claim(
        printed_of(REGIMES, "C-unstable"), "C-unstable", "1/y**2", "1/y")),
}


@needs_coq
@pytest.mark.parametrize("kind", KINDS_OF_FAULT)
def test_coq_rejects_every_kind_of_fault(kind: str) -> None:
    """The sound excerpt is accepted and says something; with the fault Coq finds an error in a proof."""
    good, bad = (write_coq([b]) for b in KINDS_OF_FAULT[kind]())
    assert "Lemma" in good.partition("Module")[2]
    assert ask_coq(good) == ""
    assert "Error" in ask_coq(bad)


def test_every_bundle_has_lemmas() -> None:
    """Phases of two papers, equations and printed laws of all."""
    for paper, kinds in (("paquette2024", ("optimum", "cover", "wall", "row", "equation")), ("links", ("equation",)),
                         ("bordelon2024", ("optimum", "cover", "wall", "equation", "printed", "differs")),
                         ("bahri2024", ("equation", "printed"))):
        text = write_coq([open_bundle(paper=paper)])
        assert all(f"\nLemma {kind}_" in text for kind in kinds), paper


@needs_coq
def test_coq_rejects_a_widened_phase() -> None:
    """The cell of a phase without one of its conditions: its signs and its place are then unproved or false."""
    good = excerpt("optimum", 2)
    step = good.steps[-1]
    for gone in range(len(step.cell)):
        cell: list[Any] = [c for i, c in enumerate(step.cell) if i != gone]
        try:
            text = write_coq([replace(good, steps=(*good.steps[:-1], replace(step, cell=cell)))])
        except BadInputError:  # the weights count one condition more: there is no lemma to write
            continue
        assert ask_coq(text) != ""


def test_a_malformed_certificate_is_refused() -> None:
    wrong = with_fault(excerpt("cover"), '"phase": 1', '"phase": 2', "certificate")
    with pytest.raises(BadInputError, match="certificate"):
        write_coq([wrong])
    assert write_coq([excerpt("cover")])
