"""Learning rates d^(-c) and batches d^c': the phases against exhaustion, the limit of stability, and solved curves."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from proofs_check.own_claims import Model, judge_law
from proofs_check.replay import replay
from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.writing import write_bundle
from scaling_sym.cli.bundles import open_plane, open_rates
from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.export.answers import answer_exponents
from scaling_sym.export.rates import Rates, answer_rates, answer_slice, read_rates
from tests.peers.brute_force import minimise_line, plrf_terms_at_rate
from tests.peers.rate_slopes import optimal

F = Fraction


@cache
def bundle() -> Bundle:
    return open_rates("plrf")


@cache
def rates() -> Rates:
    return read_rates(bundle(), open_plane("plrf"))


def exact(answer: dict[str, object], key: str) -> Fraction:
    value = answer[key]
    assert isinstance(value, dict)
    return Fraction(value["exact"])


def test_the_committed_steps_replay_and_prove_every_law() -> None:
    outcome = replay(bundle())
    assert outcome.faults == ()
    stated = [s for s in bundle().steps if s.rule == "stated"]
    cover = next(s for s in bundle().steps if s.rule == "cover")
    model = Model(tuple((s.cell, s.conclusion["terms"]) for s in stated), stated[0].given, cover.cell)
    assert {judge_law(c, model, bundle(), outcome).verdict for c in bundle().claims} == {"proved"}


def test_against_exhaustion() -> None:
    """Terms as they are printed, with gamma = d^(-c), and the optimum over all crossings of their lines."""
    dice, seen = random.Random(7), set[str]()
    for _ in range(300):
        alpha, beta, extra = (F(dice.randint(1, 99), 60) for _ in range(3))
        rate = max(F(0), 1 - 2 * alpha) + dice.choice([0, extra, extra * 3])
        if 2 * alpha + 2 * beta <= 1 or (2 * alpha == 1 and not rate):
            continue
        batch = rate * F(dice.randint(0, 4), 4)
        answer = answer_rates(rates(), {"alpha": alpha, "beta": beta, "c": rate, "c_batch": batch})
        best = minimise_line(plrf_terms_at_rate(alpha, beta, rate), "d", "n")
        assert exact(answer, "loss_exponent") == best.loss
        if answer["phase"] is not None:
            seen.add(str(answer["phase"]))
            assert len(best.places) == 1
            assert (exact(answer, "size_exponent"), exact(answer, "samples_exponent")) == best.places[0]
            assert set(answer["tradeoff"]) <= best.active
            size = best.places[0][0]
            assert exact(answer, "steps_exponent") == 1 - size * (1 + batch) >= 0
    assert seen == {"Ia+Ib", "Ic", "II", "III", "IVa", "IVb", "new"}


def test_at_the_limit_of_stability_the_plane_comes_back() -> None:
    plane, dice, compared = open_plane("plrf"), random.Random(3), 0
    while compared < 60:
        point = {n: F(dice.randint(1, 150), 97) for n in ("alpha", "beta")}
        if 2 * point["alpha"] + 2 * point["beta"] <= 1 or point["alpha"] == point["beta"]:
            continue  # 97 is prime: the other walls have no such points
        old, new = answer_exponents(plane, point), answer_rates(rates(), {**point, "c_batch": F(0)})
        assert old["phase"] in str(new["phase"]).split("+")
        assert exact(new, "loss_exponent") == exact(old, "loss_exponent")
        assert exact(new, "size_exponent") == exact(old, "size_exponent")
        compared += 1


def test_slices_agree_with_points() -> None:
    for fixed in ({"c": F(1, 4)}, {"c": F(3)}, {"c": F(0)}, {"alpha": F(2, 5), "c": F(1, 3), "c_batch": F(1, 7)}):
        answer = answer_slice(rates(), fixed, ())
        for phase in answer["phases"]:
            point = {n: F(x) for n, x in phase["witness"].items()} | fixed
            if phase["loss_exponent"] is None:
                with pytest.raises(OutsideDomainError, match="admissible"):
                    answer_rates(rates(), point)
            else:
                assert answer_rates(rates(), point)["phase"] == phase["name"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"alpha": "2/5", "beta": "1", "c": "1/10"}, "c of at least 1/5"),
        ({"alpha": "1", "beta": "1", "c": "-1"}, "c of at least 0"),
        ({"alpha": "1", "beta": "1", "c": "1/4", "c_batch": "1/2"}, "gamma B grows"),
        ({"alpha": "1", "beta": "1", "c_batch": "-1/2"}, "below one sample"),
        ({"alpha": "1/2", "beta": "1", "c": "0"}, "1/log d"),
        ({"alpha": "1", "c": "1"}, "beta is missing"),
        ({"alpha": "1", "beta": "1", "c": "1", "e": "1"}, "'e'"),
        ({"alpha": "1/8", "beta": "1/8", "c": "1"}, "power law"),
    ],
)
def test_refusals(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        answer_rates(rates(), {n: F(x) for n, x in given.items()})


@pytest.mark.parametrize(
    ("free", "fixed", "sentence"),
    [((), {"alpha": "1"}, "c of the learning rate is missing"), (("alpha",), {"c": "1"}, "'alpha'"),
     (("c",), {"alpha": "1/2"}, "lies on the wall"), ((), {"alpha": "1", "beta": "1", "c": "1"}, "nothing is left"),
     ((), {"alpha": "1/4", "c": "1/4"}, "at least 1/2")],
)
def test_slices_that_are_refused(free: tuple[str, ...], fixed: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        answer_slice(rates(), {n: F(x) for n, x in fixed.items()}, free)


SLOPES = [
    ("1", "2", "1/4", "1/8", 40, 1e-4),
    pytest.param("5/4", "1", "3", "1", 60, 1e-4, marks=pytest.mark.deep),
    pytest.param("1", "3/10", "1/2", "0", 40, 1e-4, marks=pytest.mark.deep),
    pytest.param("1", "3/4", "1/2", "1/4", 40, 1e-4, marks=pytest.mark.deep),
    pytest.param("7/25", "2", "23/50", "1/4", 60, 1e-3, marks=pytest.mark.deep),
    pytest.param("3/10", "7/10", "3/2", "1", 60, 1e-3, marks=pytest.mark.deep),
    # corrections fall slowest in IVa; at alpha = 2/5, beta = 1, c = 1/2 the slope is still 0.430 at f = 10^40 (0.42106 at 10^160)
    pytest.param("2/5", "3", "2/5", "1/4", 160, 1e-4, marks=pytest.mark.deep),
]


@pytest.mark.parametrize(("alpha", "beta", "c", "batch", "log_f", "tolerance"), SLOPES)
def test_slopes_of_solved_curves(alpha: str, beta: str, c: str, batch: str, log_f: int, tolerance: float) -> None:
    """Minimised over d at two budgets of 10^log_f and more; corrections are powers of d, d being 10^9 at least here.

    log d is found to 2e-3, so that its slope over four decades is good to 1e-3 at best.
    """
    point = {"alpha": F(alpha), "beta": F(beta), "c": F(c), "c_batch": F(batch)}
    answer = answer_rates(rates(), point)
    size, loss = float(exact(answer, "size_exponent")), float(exact(answer, "loss_exponent"))
    low, high = (
        optimal(point["alpha"], point["beta"], float(F(c)), float(F(batch)), 0.1, f, f * size, 1.0) for f in (log_f, log_f + 4)
    )
    assert (low[0] - high[0]) / 4 == pytest.approx(loss, abs=tolerance)
    assert (high[1] - low[1]) / 4 == pytest.approx(size, abs=1e-3 + 2 * tolerance)


@pytest.mark.deep
def test_the_committed_bundle_is_what_is_derived() -> None:
    from derivations.paquette2024.rates import build_bundle

    assert write_bundle(build_bundle()) == write_bundle(bundle())


def test_the_guide_shows_the_phases() -> None:
    text = (Path(__file__).parents[2] / "docs" / "learning-rates.md").read_text()
    for phase in answer_slice(rates(), {}, ("c",))["phases"]:
        region = ", ".join(f"`{c}`" for c in phase["region"])
        cells = [phase["name"], region, " = ".join(phase["tradeoff"])]
        cells += [f"`{phase[k]}`" if phase[k] else "" for k in ("loss_exponent", "size_exponent")]
        assert "| " + " | ".join(cells) + " |" in text


@pytest.mark.parametrize(("alpha", "beta"), [("2/5", "1"), ("7/20", "3"), ("27/100", "2")])
def test_the_best_rate_where_noise_limits(alpha: str, beta: str) -> None:
    """In IVa and IVb a smaller rate than the largest stable one is better, up to the wall where noise and bias balance."""
    a, b = F(alpha), F(beta)
    q = 2 * a + 2 * b - 1
    best = 4 * a * (b - a) / q

    def loss(c: Fraction) -> Fraction:
        return exact(answer_rates(rates(), {"alpha": a, "beta": b, "c": c}), "loss_exponent")

    assert loss(best) == 2 * a * q / (q + 4 * a * b)
    ladder = [1 - 2 * a, (1 - 2 * a + best) / 2, best, best * 2, best * 4]
    values = [loss(c) for c in ladder]
    assert values[0] < values[1] < values[2] > values[3] > values[4]
