"""Planted faults: which are caught, which mean nothing, and that the count is honest."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from proofs_check import replay as replaying
from proofs_check import steps
from proofs_check.faults import KINDS, NAMED, Fault, body_of, draw_faults, list_sites, look_up, plant
from proofs_check.judge import compare_verdicts, judge
from proofs_check.meaning import canonical_form, count_sign_changes
from proofs_check.mutate import CAUGHT, MEANINGLESS, SURVIVED, Subject, mutate
from proofs_check.records import find_wrong_record
from scaling_sym.claims.assumptions import ASSUMPTIONS
from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.writing import step_body
from scaling_sym.cli.bundles import PAPERS, open_bundle

BUNDLES = [open_bundle(paper=p) for p in PAPERS]
PLRF = open_bundle()
SUBJECT = Subject.of(PLRF)
SITES = list_sites([PLRF])


def step_place(rule: str, place: int = 0) -> int:
    return [i for i, s in enumerate(PLRF.steps) if s.rule == rule][place]


def claim_place(label: str) -> int:
    return next(i for i, c in enumerate(PLRF.claims) if c.label == label)


def fate(section: str, index: int, path: tuple[Any, ...], value: Any) -> str:
    return SUBJECT.try_fault(Fault("by hand", PLRF.paper, section, index, path, value)).outcome


def test_no_fault_survives() -> None:
    found = mutate(BUNDLES, 30, seed=5)
    assert len(found.fates) == 30
    assert [f.description for f in found.survivors] == []
    assert sum(f.outcome == CAUGHT for f in found.fates) >= 20


@pytest.mark.deep
def test_no_fault_of_two_thousand_survives() -> None:
    found = mutate(BUNDLES, 2000, seed=1, workers=2)
    assert len(found.fates) == 2000
    assert [f.description for f in found.survivors] == []


def test_the_seed_alone_decides() -> None:
    one, two = (mutate(BUNDLES, 6, seed=3, workers=w) for w in (1, 2))
    assert one == two
    assert draw_faults(BUNDLES, 12, 3) != draw_faults(BUNDLES, 12, 4)


def test_two_thousand_faults_reach_every_bundle_and_rule_with_every_named_kind() -> None:
    """The ten kinds of the contract, more than half of all faults, and none of them less than a twentieth."""
    papers, sites = {b.paper: b for b in BUNDLES}, list_sites(BUNDLES)
    reached: dict[str, set[tuple[str, str]]] = {kind: set() for kind in KINDS}
    faults = draw_faults(BUNDLES, 2000, 11)
    for fault in faults:
        item = body_of(papers[fault.paper], fault.section, fault.index)
        reached[fault.kind].add((fault.paper, str(item.get("rule") or item.get("kind") or fault.section)))
    assert len(faults) == 2000
    assert {kind: set(sites[kind]) - reached[kind] for kind in NAMED} == {kind: set() for kind in NAMED}
    counts = {kind: sum(f.kind == kind for f in faults) for kind in NAMED}
    assert sum(counts.values()) > 1000
    assert min(counts.values()) >= 100


def test_a_checker_that_accepts_everything_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With rules and claims that refuse nothing, faults in exponents survive: being caught is no tautology."""
    monkeypatch.setattr(steps, "RULES", dict.fromkeys(steps.RULES, lambda _context: None))
    monkeypatch.setattr(replaying, "follow_claim", lambda _context: None)
    place = step_place("power-sum")
    path = ("conclusion", "terms", 0, "constant", "coefficient")
    assert look_up(step_body(PLRF.steps[place]), path) == "-1/2"
    assert fate("steps", place, path, "-1/3") == SURVIVED


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_places_and_changes_something(kind: str) -> None:
    assert SITES[kind]
    for group in SITES[kind].values():
        item = body_of(PLRF, group[0].section, group[0].index)
        path = KINDS[kind].places(item)[0]
        assert plant(item, path, "something else") != item


@pytest.mark.parametrize(("section", "index", "path", "value", "outcome"), [
    # (2 alpha + 2 beta - 1)/2 written otherwise, and another exponent
    ("claims", claim_place("plrf/Ib/loss"), ("statement", "exponent"), "alpha + beta - 1/2", MEANINGLESS),
    ("claims", claim_place("plrf/Ib/loss"), ("statement", "exponent"), "alpha + beta - 1/3", CAUGHT),
    # another point of Ib (1/3 + 1/3 > 1/2), and a point outside it
    ("claims", claim_place("plrf/Ib/loss"), ("statement", "witness", "beta"), "1/3", MEANINGLESS),
    ("claims", claim_place("plrf/Ib/loss"), ("statement", "witness", "beta"), "2/3", CAUGHT),
    # the same region with a condition multiplied by 2, and a wider one
    ("claims", claim_place("plrf/Ib/loss"), ("region", 1), "4*alpha - 2 < 0", MEANINGLESS),
    ("claims", claim_place("plrf/Ib/loss"), ("region", 1), "alpha - 2 < 0", CAUGHT),
    # an assumption dropped, one that is not needed, another name of the claim, another paper; a note of reading
    ("claims", claim_place("plrf/F_pp"), ("assumptions",), ["uniform-transfer"], CAUGHT),
    ("claims", claim_place("plrf/F_pp"), ("assumptions",),
     ["deterministic-equivalent", "uniform-transfer", "sgd-follows-volterra"], CAUGHT),
    ("claims", claim_place("P-Fpp"), ("label",), "P-Fqq", CAUGHT),
    ("claims", claim_place("P-Fpp"), ("source", "paper"), "bahri2024", CAUGHT),
    ("claims", claim_place("P-Fpp"), ("source", "note"), "", MEANINGLESS),
    ("claims", claim_place("P-Fpp"), ("verdict",), "refuted", CAUGHT),
    # a claim that would stop a careless reader
    ("claims", claim_place("P-universal"), ("kind",), "phase", CAUGHT),
    # the wall of a printed learning rate moved to where nothing was derived
    ("claims", claim_place("P-stability"), ("statement", "learning_rate", 1, "region", 0), "2*alpha - 2 = 0", CAUGHT),
    # premises: collect asks for each by its rule, and match by its place
    ("steps", step_place("collect"), ("premises",), list(reversed(PLRF.steps[step_place("collect")].premises)), CAUGHT),
    ("steps", step_place("match"), ("premises",), list(reversed(PLRF.steps[step_place("match")].premises)), CAUGHT),
    # an optimum that rests on a learning rate instead of terms
    ("steps", step_place("optimum"), ("premises", 0), PLRF.steps[step_place("learning-rate")].id, CAUGHT),
])
def test_faults_by_hand(section: str, index: int, path: tuple[Any, ...], value: Any, outcome: str) -> None:
    assert fate(section, index, path, value) == outcome


def test_a_prefactor_with_a_negative_base_is_caught() -> None:
    """(-(2 alpha + 2 beta - 1))**x has the right size and is no real number."""
    index = next(i for i, s in enumerate(PLRF.steps) if s.rule == "prefactor" and s.conclusion["loss"] is not None)
    factors = PLRF.steps[index].conclusion["loss"]["factors"]
    turned = 0
    for i, (atom, exponent) in enumerate(factors):
        if atom[0] == "polynomial" and ("alpha" in exponent) and "alpha" in atom[1]:
            turned += 1
            assert fate("steps", index, ("conclusion", "loss", "factors", i, 0, 1), f"-({atom[1]})") == CAUGHT
    assert turned


def test_a_trace_that_diverges_is_caught() -> None:
    """zeta(1/2) has a value; sum j^(-1/2) has none."""
    index = next(i for i, s in enumerate(PLRF.steps) if s.rule == "trace" and not s.given["upper"])
    assert fate("steps", index, ("given", "c"), "1/2") == CAUGHT


def test_sturm_counts_roots() -> None:
    """(x - 1/4)(x - 3/4) = 3/16 - x + x^2 has two roots in (0, 1), x^2 + 1 none."""
    from fractions import Fraction

    two, none = [Fraction(3, 16), Fraction(-1), Fraction(1)], [Fraction(1), Fraction(0), Fraction(1)]
    assert count_sign_changes(two, 0) - count_sign_changes(two, 1) == 2
    assert count_sign_changes(none, 0) - count_sign_changes(none, 1) == 0


def test_canonical_forms_tell_terms_apart() -> None:
    """Random changes of one leaf: the forms are equal only where both read as the same mathematics."""
    rng = random.Random("forms")
    item = step_body(PLRF.steps[step_place("collect")])
    same = canonical_form(item, "steps", SUBJECT.steps)
    assert canonical_form({**item, "certificate": None}, "steps", SUBJECT.steps) == same
    terms = item["conclusion"]["terms"]
    shuffled = rng.sample(terms, len(terms))
    assert canonical_form(plant(item, ("conclusion", "terms"), shuffled), "steps", SUBJECT.steps) == same
    other = plant(item, ("conclusion", "terms", 0, "constant", "coefficient"), "7/11")
    assert canonical_form(other, "steps", SUBJECT.steps) != same


def test_faulty_text_of_an_assumption_is_caught() -> None:
    bundle: Bundle = replace(PLRF, assumptions={**PLRF.assumptions, "uniform-transfer": "Whatever."})
    wrong = {c.label for c in PLRF.claims if "uniform-transfer" in c.assumptions}
    assert wrong
    assert {f.step for f in compare_verdicts(judge(bundle, replaying.replay(bundle, ())))} == wrong


def test_an_idle_assumption_is_caught() -> None:
    bundle: Bundle = replace(PLRF, assumptions={**PLRF.assumptions, "uniform-points": ASSUMPTIONS["uniform-points"]})
    assert all(find_wrong_record(c, bundle) for c in bundle.claims)


def test_an_assumption_that_a_step_uses_is_not_left_out() -> None:
    """In replay itself, without what stands in records: a claim that hides an assumption says more than its steps."""
    claim = next(c for c in PLRF.claims if "uniform-transfer" in c.assumptions and c.steps)
    hidden = replace(claim, assumptions=tuple(a for a in claim.assumptions if a != "uniform-transfer"))
    bundle: Bundle = replace(PLRF, claims=tuple(hidden if c is claim else c for c in PLRF.claims))
    assert [f.step for f in replaying.replay(bundle, ()).faults] == [claim.label]
