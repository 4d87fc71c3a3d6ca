"""Laws of the mean-field model are measured: what is derived is confirmed, and a planted error is contradicted."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from proofs_check.confirm import confirm_bundle, summarise
from proofs_check.confirm_laws import confirm_laws, list_law_tasks
from proofs_check.confirm_walls import confirm_walls
from proofs_check.measured import Outcome
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.claims.bundle import Bundle, Claim, read_bundle
from scaling_sym.claims.codec import decode_cell
from scaling_sym.claims.steps import Step
from scaling_sym.cli.bundles import committed_file

PLACE = {"a": Fraction(3), "b": Fraction(5, 4)}
IN_PLACE = ("dmft/model/1", "dmft/data/2", "dmft/bias/2", "dmft/time", "dmft/late/2", "dmft/late/under/1",
            "dmft/correction/model/1", "dmft/correction/data/2", "dmft/early/response", "dmft/sgd/time/1", "dmft/sgd/size/1")
COMPUTE = ("dmft/compute/loss/2", "dmft/compute/size/2", "dmft/compute/steps/2", "dmft/compute/asymmetry/2")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(committed_file("bordelon2024").read_bytes())


def plant(bundle: Bundle, label: str, **changes: Any) -> Bundle:
    def change(claim: Claim) -> Claim:
        return replace(claim, statement={**claim.statement, **changes}) if claim.label == label else claim

    return replace(bundle, claims=tuple(map(change, bundle.claims)))


def laws(bundle: Bundle) -> list[Claim]:
    return [c for c in bundle.claims if c.kind == "law"]


def bundle_power(bundle: Bundle, label: str) -> str:
    return str(next(c for c in bundle.claims if c.label == label).statement["power"]["C"])


def results(outcomes: list[Outcome]) -> set[str]:
    return {o.result for o in outcomes}


def test_laws_hold_at_a_point_of_their_region(bundle: Bundle) -> None:
    found = summarise(confirm_laws(bundle, IN_PLACE, PLACE))
    assert set(found.confirmed) == set(IN_PLACE)
    assert not found.contradicted
    assert found.undecided_share == 0
    assert all(o.error < 1e-6 for o in found.outcomes if o.what.startswith("power"))


@pytest.mark.parametrize(("label", "power"), [
    ("dmft/model/1", {"N": "1 - a"}),  # what the paper prints where a - 1 < 2 b
    ("dmft/time", {"t": "(1 - a)/b + 1/50000"}), ("dmft/correction/model/1", {"N": "-1", "t": "(2 - a)/b"}),
    ("dmft/correction/data/2", {"P": "-2", "t": "(2 - a)/b"}), ("dmft/sgd/time/1", {"r": "(1 - a)/b"}),
])
def test_a_planted_exponent_is_contradicted(bundle: Bundle, label: str, power: dict[str, str]) -> None:
    assert "contradicted" in results(confirm_laws(plant(bundle, label, power=power), [label], PLACE))


@pytest.mark.parametrize("label", ["dmft/model/1", "dmft/data/2", "dmft/time", "dmft/correction/model/1"])
def test_a_planted_constant_is_contradicted(bundle: Bundle, label: str) -> None:
    (claim,) = (c for c in bundle.claims if c.label == label)
    constant = {**claim.statement["constant"], "coefficient": "2001/2000"}
    found = confirm_laws(plant(bundle, label, constant=constant), [label], PLACE)
    assert [o.what for o in found if o.result == "contradicted"] == ["log constant"]


def test_a_planted_term_of_the_late_law_is_contradicted(bundle: Bundle) -> None:
    (claim,) = (c for c in bundle.claims if c.label == "dmft/late/2")

    def change(step: Step) -> Step:
        if step.id != claim.steps[0]:
            return step
        terms = [dict(t) for t in step.conclusion["terms"]]
        (other,) = (t for t in terms if "N" in t["monomial"])
        other["monomial"] = {"N": "-1", "P": "2 - a"}
        return replace(step, conclusion={"terms": terms})

    # a step is named by its digest: a changed step keeps the name here, for nothing is replayed
    steps = tuple(change(s) for s in bundle.steps)
    wrong = replace(bundle, steps=steps, claims=tuple(
        replace(c, steps=(new.id,)) if c.label == claim.label else c
        for c in bundle.claims for new in [next(n for n, s in zip(steps, bundle.steps, strict=True) if s.id == claim.steps[0])]))
    assert "contradicted" in results(confirm_laws(wrong, [claim.label], PLACE))


def test_compute_optimal_laws_and_a_planted_one(bundle: Bundle) -> None:
    wrong = plant(bundle, "dmft/compute/loss/2", power={"C": "-(a - 1)/(b + 1)"})
    found = summarise(confirm_laws(wrong, COMPUTE, {"a": Fraction(5), "b": Fraction(3, 2)}))
    assert found.contradicted == ("dmft/compute/loss/2",)
    assert set(found.confirmed) == set(COMPUTE) - {"dmft/compute/loss/2"}


def test_laws_at_the_end_of_training(bundle: Bundle) -> None:
    """N P = C at t = inf, where the optimum keeps away from the peak N = P; and a planted exponent."""
    labels = [f"dmft/compute-late/{name}/1" for name in ("loss", "size", "data")]
    wrong = plant(bundle, labels[1], power={"C": "a/(a + b)"})
    found = summarise(confirm_laws(wrong, labels, {"a": Fraction(19, 10), "b": Fraction(13, 10)}))
    assert found.contradicted == (labels[1],)
    assert found.confirmed == (labels[2], labels[0])


def test_budgets_of_data_and_steps(bundle: Bundle) -> None:
    """P t = C at N = inf, where the optimum has t ~ P^b; and a planted exponent."""
    labels = [f"dmft/compute-wide/{name}/1" for name in ("loss", "data", "steps")]
    wrong = plant(bundle, labels[0], power={"C": "-(a - 1)/a"})
    found = summarise(confirm_laws(wrong, labels, {"a": Fraction(19, 10), "b": Fraction(13, 10)}))
    assert found.contradicted == (labels[0],)
    assert found.confirmed == (labels[1], labels[2])


def test_the_better_of_two_ways_to_spend(bundle: Bundle) -> None:
    """C = N min(P, t): at a = 8, b = 11/10 steps with all data are better, and late times are claimed instead."""
    place = {"a": Fraction(8), "b": Fraction(11, 10)}
    label = next(c.label for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == "compute-min/loss"
                 and decode_cell(c.region).contains(place))
    assert parse_ratio(bundle_power(bundle, label)) == parse_ratio("(1 - a)/a")
    wrong = plant(bundle, label, power={"C": "-2*b/(b + 2)"})
    assert results(confirm_laws(wrong, [label], place)) == {"contradicted"}


def test_logarithms_on_walls_and_planted_ones(bundle: Bundle) -> None:
    place = {"a": Fraction(4), "b": Fraction(3, 2)}
    labels = ["dmft/data/a=2*b+1", "dmft/correction/data/a=2*b+1"]
    assert results(confirm_walls(bundle, labels, place)) == {"confirmed"}
    assert "contradicted" in results(confirm_walls(plant(bundle, labels[0], log="2"), labels, place))
    assert "contradicted" in results(confirm_walls(plant(bundle, labels[1], power={"P": "-1", "t": "(1 - 2*b)/b + 1/9999"}),
                                                   labels, place))
    (claim,) = (c for c in bundle.claims if c.label == labels[0])
    constant = {**claim.statement["constant"], "coefficient": "2001/2000"}
    assert "contradicted" in results(confirm_walls(plant(bundle, labels[0], constant=constant), labels, place))


def test_next_to_a_wall_nothing_is_decided(bundle: Bundle) -> None:
    """a - 1 - b = 1/1000: the correction N^-0.001 has not died at any size that is a double."""
    near = {"a": Fraction(2251, 1000), "b": Fraction(5, 4)}
    assert results(confirm_laws(bundle, ["dmft/model/1"], near)) == {"undecided"}


def test_every_law_has_a_witness_in_its_region(bundle: Bundle) -> None:
    tasks = list_law_tasks(bundle, 0, 0)
    regions = {c.label: decode_cell(c.region) for c in laws(bundle)}
    assert {label for labels, _ in tasks for label in labels} == set(regions)
    assert all(regions[label].contains(place) for labels, place in tasks for label in labels)


def test_random_points_are_in_the_region_and_repeat(bundle: Bundle) -> None:
    one, two = (list_law_tasks(bundle, 2, seed=3) for _ in range(2))
    assert one == two != list_law_tasks(bundle, 2, seed=4)


@pytest.mark.deep
def test_random_points_of_all_regions(bundle: Bundle) -> None:
    found = confirm_bundle(bundle, deep=True, seed=1, workers=2)
    assert not found.contradicted
    assert set(found.confirmed) == {c.label for c in laws(bundle)}
    assert found.undecided_share < 0.1
