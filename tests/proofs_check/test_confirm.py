"""Confirmation: true claims are confirmed in all seven phases, planted faults are contradicted, no claim by luck."""

from __future__ import annotations

import random
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check.confirm import Confirmation, confirm_bundle, confirm_point, doubt_sums, draw_point, list_tasks, summarise
from proofs_check.measure import correction_rates, extrapolate
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.values import parse_number
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.claims.codec import decode_cell

PHASES = ("Ia", "Ib", "Ic", "II", "III", "IVa", "IVb")


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(files("derivations.paquette2024").joinpath("bundle.json").read_bytes())


def measure(bundle: Bundle, prefix: str) -> Confirmation:
    """Every claim of one phase, or one claim of terms, at its witness."""
    tasks = [t for t in list_tasks(bundle, 0, 0) if any(label.startswith(prefix) for label in t[0])]
    assert len(tasks) == 1
    return summarise(confirm_point(bundle, *tasks[0]))


def plant_exponent(bundle: Bundle, label: str, shift: str) -> Bundle:
    claims = tuple(
        replace(c, statement={**c.statement, "exponent": f"{parse_ratio(c.statement['exponent']) + parse_number(shift)}"})
        if c.label == label else c for c in bundle.claims
    )
    return replace(bundle, claims=claims)


def plant_factor(bundle: Bundle, label: str, factor: str) -> Bundle:
    """Multiply the constants under a claim of terms or of prefactors."""
    (target,) = next(c.steps for c in bundle.claims if c.label == label)

    def spoil(constant: dict[str, object]) -> dict[str, object]:
        return {**constant, "coefficient": str(parse_number(str(constant["coefficient"])) * parse_number(factor))}

    steps = []
    for s in bundle.steps:
        said = s.conclusion
        if s.id == target and "terms" in said:
            said = {**said, "terms": [{**t, "constant": spoil(t["constant"])} for t in said["terms"]]}
        elif s.id == target:
            said = {**said, "loss": spoil(said["loss"]), "size": spoil(said["size"])}
        steps.append(replace(s, conclusion=said))
    return replace(bundle, steps=tuple(steps))


@pytest.mark.parametrize("phase", PHASES)
def test_exponents_and_prefactors_are_confirmed_at_the_witness(bundle: Bundle, phase: str) -> None:
    found = measure(bundle, f"plrf/{phase}/")
    assert {f"plrf/{phase}/loss", f"plrf/{phase}/size"} <= set(found.confirmed)
    assert not found.contradicted
    assert (f"plrf/{phase}/prefactor" in found.confirmed) == (phase in ("Ic", "II", "III", "IVb"))
    assert all(abs(o.measured - o.derived) < 1e-6 for o in found.outcomes)  # the accuracy that the claim is held to


@pytest.mark.parametrize(("label", "shift"), [("plrf/II/loss", "1/1000"), ("plrf/IVb/size", "-1/100000")])
def test_a_wrong_exponent_is_contradicted(bundle: Bundle, label: str, shift: str) -> None:
    planted = plant_exponent(bundle, label, shift)
    found = measure(planted, label.rsplit("/", 1)[0] + "/")
    assert label in found.contradicted
    assert label not in found.confirmed


@pytest.mark.parametrize("label", ["plrf/III/prefactor", "plrf/terms/1", "plrf/terms/5"])
def test_a_wrong_constant_is_contradicted(bundle: Bundle, label: str) -> None:
    found = measure(plant_factor(bundle, label, "1001/1000"), label)  # ten times the accuracy asked for
    assert label in found.contradicted


@pytest.mark.parametrize("number", ["1", "2", "3", "4", "5", "7"])
def test_constants_of_the_terms_are_confirmed(bundle: Bundle, number: str) -> None:
    found = measure(bundle, f"plrf/terms/{number}")
    assert found.confirmed == (f"plrf/terms/{number}",), [o.detail for o in found.outcomes]


def test_a_logarithm_is_seen_on_a_wall_and_a_wrong_one_is_contradicted(bundle: Bundle) -> None:
    label = "plrf/wall/Ia|Ib"
    assert measure(bundle, label).confirmed == (label,)
    claims = tuple(replace(c, statement={**c.statement, "log_loss": "beta + 1"}) if c.label == label else c
                   for c in bundle.claims)
    assert measure(replace(bundle, claims=claims), label).contradicted == (label,)


def test_a_point_beside_a_wall_is_undecided(bundle: Bundle) -> None:
    place = {"alpha": parse_number("1"), "beta": parse_number("1001/1000")}
    found = summarise(confirm_point(bundle, ("plrf/III/loss", "plrf/III/size"), place))
    assert not found.confirmed
    assert not found.contradicted
    assert found.undecided_share == 1


def test_extrapolation_owns_up_to_corrections_it_was_not_told() -> None:
    x = np.linspace(46, 414, 26)
    y = 0.5 + 0.3 * np.exp(-0.05 * x) - 0.2 * np.exp(-0.11 * x)
    told = extrapolate(x, y, [(0.05, 1), (0.1, 1), (0.11, 1), (0.15, 1)], 1e-14)
    assert abs(told.value - 0.5) <= told.error < 1e-9
    assert abs(told.rate - 0.05) < 1e-3
    untold = extrapolate(x, y + 0.1 * np.exp(-0.004 * x), [(0.05, 1), (0.1, 1), (0.11, 1)], 1e-14)
    assert untold.error > 1e-6


def test_gaps_are_sums_of_the_rates_in_order() -> None:
    gaps = [g for g, _ in correction_rates(2.0, 1.0, 1 / 3, 2 / 3)]  # phase II at its witness: all multiples of 1/6
    assert np.allclose(gaps, np.arange(1, len(gaps) + 1) / 6)


@settings(max_examples=4)
@given(seed=st.integers(0, 10**6), phase=st.sampled_from(PHASES))
def test_random_points_never_contradict(seed: int, phase: str) -> None:
    bundle = read_bundle(files("derivations.paquette2024").joinpath("bundle.json").read_bytes())
    claims = [c for c in bundle.claims if c.kind in ("phase", "prefactor") and c.statement["phase"] == phase]
    walls = [parse_ratio(c.statement["polynomial"]) for c in bundle.claims if c.kind == "wall"]
    place = draw_point(decode_cell(claims[0].region), walls, random.Random(seed))
    assert not summarise(confirm_point(bundle, tuple(c.label for c in claims), place)).contradicted


@pytest.mark.deep
def test_all_claims_at_random_points(bundle: Bundle) -> None:
    found = confirm_bundle(bundle, deep=True, seed=0, workers=2)
    assert not found.contradicted
    assert found.undecided_share <= 0.2  # the share that the sampler's distance of 1/50 is meant to keep
    assert {f"plrf/{p}/{q}" for p in PHASES for q in ("loss", "size")} <= set(found.confirmed)


def test_a_wrong_expansion_of_a_power_sum_is_contradicted(bundle: Bundle) -> None:
    """A residue left out, with a wrong constant, or of another power: each is beyond the terms that are left out on purpose."""
    place = next(i for i, s in enumerate(bundle.steps) if s.rule == "power-sum" and not s.given["upper"])
    step = bundle.steps[place]
    terms = step.conclusion["terms"]
    assert not doubt_sums(replace(bundle, steps=(step,)))
    wrong = [[t for j, t in enumerate(terms) if j != i] for i in range(len(terms))]
    wrong += [[{**t, "constant": {**t["constant"], "coefficient": "7/5"}} if j == i else t for j, t in enumerate(terms)]
              for i in range(len(terms))]
    wrong += [[*terms, {**terms[0], "monomial": {"u": "-1/3"}}]]
    for changed in wrong:
        false = replace(bundle, steps=(replace(step, conclusion={"terms": changed}),))
        (outcome,) = doubt_sums(false)
        assert summarise([outcome]).contradicted == (f"step {step.id}",)
