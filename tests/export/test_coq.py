"""The export to Coq: accepted as it is, rejected after a planted fault. Skipped, and said so, where there is no coqc."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import Any

import pytest

from scaling_sym.claims.bundle import Bundle, Step
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
    optima = sum(s.rule == "optimum" for s in BUNDLE.steps)
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
