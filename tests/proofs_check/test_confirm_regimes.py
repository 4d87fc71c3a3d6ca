"""Claims of the regimes are measured: what is derived is confirmed, and a planted error is contradicted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proofs_check.confirm import summarise
from proofs_check.confirm_regimes import confirm_regimes, list_regime_tasks
from scaling_sym.claims.bundle import Bundle, Claim, read_bundle
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import committed_file


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(committed_file("bahri2024").read_bytes())


def places(bundle: Bundle, label: str) -> Any:
    return next(place for labels, place in list_regime_tasks(bundle, 0, 0) if label in labels)


def verdict(bundle: Bundle, label: str) -> str:
    found = summarise(confirm_regimes(bundle, [label], places(bundle, label)))
    return "contradicted" if label in found.contradicted else "confirmed" if label in found.confirmed else "undecided"


def test_every_law_and_equation_is_asked_for(bundle: Bundle) -> None:
    asked = {label for labels, _ in list_regime_tasks(bundle, 0, 0) for label in labels}
    derived = {c.label for c in bundle.claims if not c.kind.startswith("printed-")}
    assert derived - asked == {"kernel/linear"}  # proposed from the exact means that would measure it


EQUATIONS = ("replica", "floor-model", "floor-data", "variance-data", "variance-width", "ridge", "ridge-balance", "aspect-over",
             "aspect-under", "exchange-model", "exchange-data", "exchange-difference", "stationary")


@pytest.mark.parametrize("label", [
    "kernel/ridge/limited/2", "kernel/ridge/under/1", "kernel/aspect/over/2", "kernel/kappa", "kernel/top", "kernel/nearest",
    "kernel/tail", "kernel/eigenvalues", "kernel/average", "kernel/average/depth", "kernel/moment",
    "kernel/unstable", *(f"kernel/equations/{name}" for name in EQUATIONS),
])
def test_what_is_derived_is_confirmed(bundle: Bundle, label: str) -> None:
    assert verdict(bundle, label) == "confirmed"


def plant_claim(bundle: Bundle, label: str, **changes: Any) -> Bundle:
    def change(claim: Claim) -> Claim:
        return replace(claim, statement={**claim.statement, **changes}) if claim.label == label else claim

    return replace(bundle, claims=tuple(map(change, bundle.claims)))


def plant_term(bundle: Bundle, label: str, place: int, power: str, old: str, new: str) -> Bundle:
    """The bundle with one exponent of one term of the step under a claim replaced."""
    (name,) = next(c.steps for c in bundle.claims if c.label == label)

    def change(step: Step) -> Step:
        if step.id != name:
            return step
        terms = [dict(t) for t in step.conclusion["terms"]]
        monomial = dict(terms[place]["monomial"])
        assert monomial[power] == old
        terms[place] = {**terms[place], "monomial": {**monomial, power: new}}
        return replace(step, conclusion={"terms": terms})

    return replace(bundle, steps=tuple(map(change, bundle.steps)))


def test_planted_errors_are_contradicted(bundle: Bundle) -> None:
    assert verdict(plant_claim(bundle, "kernel/top", power={"N": "-b"}), "kernel/top") == "contradicted"
    assert verdict(plant_claim(bundle, "kernel/nearest", power={"D": "-(n + 1)/d"}), "kernel/nearest") == "contradicted"
    wrong = plant_claim(bundle, "kernel/unstable", margin="1 - (1 - alpha)*y")
    assert verdict(wrong, "kernel/unstable") == "contradicted"
    for name in EQUATIONS:
        label = f"kernel/equations/{name}"
        text = next(c.statement["equation"] for c in bundle.claims if c.label == label)
        assert verdict(plant_claim(bundle, label, equation=f"{text} + kappa/q"
                                   if name == "ridge-balance" else f"{text} + kappa*K1*L"), label) == "contradicted", name


def test_a_planted_exponent_in_a_ridge_law_is_contradicted(bundle: Bundle) -> None:
    label = "kernel/ridge/limited/3"
    assert verdict(plant_term(bundle, label, 0, "q", "(-a + 1)/b", "-a/b"), label) == "contradicted"


@pytest.mark.deep
def test_all_tasks_with_random_points(bundle: Bundle) -> None:
    outcomes = [o for labels, place in list_regime_tasks(bundle, 3, 1) for o in confirm_regimes(bundle, labels, place)]
    found = summarise(outcomes)
    assert not found.contradicted
    assert found.undecided_share < 0.1
