"""`curve dmft` with all its dynamics and averages, at its extremes, and what it refuses."""

from __future__ import annotations

import json
from math import inf
from typing import Any

import pytest

from scaling_sym.cli import run
from scaling_sym.numerics import dmft, dmft_online, dmft_static
from scaling_sym.numerics.dmft_contours import Clock

POINT = {"a": "19/10", "b": "13/10", "N": "30", "P": "50"}


def words(times: str, *more: str, **values: str) -> list[str]:
    point = [x for name, value in (POINT | values).items() for x in ("--at", f"{name}={value}")]
    return ["curve", "dmft", *point, "--times", times, *more]


def ask(capsys: pytest.CaptureFixture[str], line: list[str]) -> Any:
    assert run([*line, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def model(N: float = 30.0, P: float = 50.0, sigma: float = 0.0) -> dmft.DmftModel:
    return dmft.DmftModel(1.9, 1.3, N, P, sigma=sigma)


def test_descent_with_momentum(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("0,7,1e4", "--dynamics", "descent", learning_rate="1/4", momentum="1/2"))
    found = dmft.loss_curve(model(), [0, 7, 1e4], Clock("steps", 0.25, 0.5))
    assert answer["dynamics"] == "gradient descent"
    assert answer["test"] == found.test.tolist()
    assert answer["train"] == found.train.tolist()


def test_flow_with_momentum(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("3", momentum="1/2"))
    assert answer["test"] == dmft.loss_curve(model(), [3], Clock("flow", 1.0, 0.5)).test.tolist()


def test_one_pass_sgd(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("0,7,1e4", "--dynamics", "sgd", P="inf", learning_rate="1/8", batch="2", sigma="1/2"))
    found = dmft_online.online_curve(model(P=inf, sigma=0.5), [0, 7, 1e4], dmft_online.OnlineSgd(2.0, 0.125))
    assert answer["test"] == found.test.tolist()
    assert answer["pieces"]["forcing"] == found.forcing.tolist()
    assert "train" not in answer


def test_one_pass_sgd_with_momentum_and_means(capsys: pytest.CaptureFixture[str]) -> None:
    point = {"P": "inf", "learning_rate": "1/8", "batch": "4", "momentum": "1/2", "sigma": "1/2"}
    real, theory = (dmft_online.OnlineSgd(4.0, 0.125, g, 0.5) for g in (True, False))
    for more, rule, mean in (
        ({"datasets": "3"}, real, lambda c: c.average(1, 3)), ({"members": "inf"}, real, lambda c: c.bagged(inf)),
        ({"networks": "2", "datasets": "3"}, theory, lambda c: c.average(2, 3)),
    ):
        answer = ask(capsys, words("0,7,1e4", "--dynamics", "sgd", **point, **more))
        found = dmft_online.online_curve(model(P=inf, sigma=0.5), [0, 7, 1e4], rule, share="networks" in more)
        assert answer["test"] == found.test.tolist()
        assert answer["averaged_test"] == mean(found).tolist()
        assert any("complex" in n for n in answer["notes"]) == ("networks" in more)


def test_bagging(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("1,100,inf", members="4", sigma="1/2"))
    found, limit = dmft.loss_curve(model(sigma=0.5), [1, 100]), dmft_static.static_limit(model(sigma=0.5))
    assert answer["averaged_test"][:2] == found.bagged(4).tolist()
    assert answer["averaged_test"][2] == pytest.approx(0.25 + limit.bias + (limit.test - 0.25 - limit.bias) / 4, rel=1e-14)
    assert "averaged_train" not in answer


def test_people_see_the_means_they_ask_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words("10", networks="4")) == 0
    assert "averaged_test" in capsys.readouterr().out


def test_means_over_networks_and_data_sets(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("1,100,inf", networks="4", datasets="inf", sigma="1/2"))
    found, limit = dmft.loss_curve(model(sigma=0.5), [1, 100]), dmft_static.static_limit(model(sigma=0.5))
    assert answer["averaged_test"][:2] == found.average(4, inf).tolist()
    assert answer["averaged_train"] == [*found.average_train(4).tolist(), None]
    assert answer["averaged_test"][2] == pytest.approx(0.25 + limit.bias + limit.features / 4, rel=1e-14)
    assert answer["averaged_test"][2] < answer["test"][2]


def test_the_static_limit_is_where_the_curve_goes(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("1e30,inf", sigma="1/2"))
    # At t = 1e30 the slowest mode, of rate about N^-b = 0.01, is gone to all digits.
    for name in ("test", "train"):
        assert answer[name][0] == pytest.approx(answer[name][1], rel=1e-11)
    assert answer["times"][1] == "inf"
    assert answer["error"][1] < 1e-10


def test_at_the_interpolation_peak_the_divergence_is_stated(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, words("1e16,inf", N="50"))
    assert answer["test"][1] is None
    assert answer["train"][1] == 0
    (note,) = (n for n in answer["notes"] if "diverges" in n)
    growth = float(note.split("like ")[1].split()[0])
    # The next order of L is a constant: relative to sqrt(t) = 1e8 it is below 1e-6.
    assert answer["test"][0] / 1e8 == pytest.approx(growth, rel=1e-6)


@pytest.mark.parametrize(("N", "P"), [("1", "1"), ("1", "inf"), ("inf", "1"), ("1e300", "1e300"), ("3/2", "7")])
def test_extreme_sizes_have_a_loss(capsys: pytest.CaptureFixture[str], N: str, P: str) -> None:
    answer = ask(capsys, words("0,1,1e6", N=N, P=P, sigma="1/3"))
    start = sum(k**-1.9 for k in range(1, 100000)) + 1e5**-0.9 / 0.9 + 1 / 9  # the tail's integral is right to 1e-10
    assert answer["test"][0] == pytest.approx(start, rel=1e-8)
    assert all(0 < e < 1e-9 * x for x, e in zip(answer["test"], answer["error"], strict=True))


@pytest.mark.parametrize(("line", "say"), [
    (words("1", sigma="-1"), "at least 0"), (words("1", sigma="inf"), "sigma"), (words("1", a="1"), "exceed 1"),
    (words("1", b="1"), "exceed 1"), (words("1", b="1/2"), "exceed 1"), (words("1", N="0"), "at least 1"),
    (words("1", N="1e400"), "too large"), (words("1e400"), "too large"),
    (words("1", N=str(10**400)), "is allowed"), (words("-1"), "not negative"),
    (words("inf,1"), "once, at the end"), (words("1,inf", "--dynamics", "sgd", P="inf"), "once, at the end"),
    (words("1", "--dynamics", "sgd"), "set P to inf"), (words("1", "--dynamics", "sgd", P="inf"), "learning rate must be below"),
    (words("3/2", "--dynamics", "descent"), "whole numbers"), (words("1", "--dynamics", "descend"), "descent"),
    (words("1", "--dynamics", "descent", learning_rate="3"), "learning rate must be below"),
    (words("1", "--dynamics", "descent", momentum="1"), "below 1"), (words("1", learning_rate="2"), "learning_rate"),
    (words("1", networks="1/2"), "at least 1"), (words("1", members="1/2"), "at least 1"),
    (words("1", members="2", networks="2"), "neither networks nor datasets"), (words("1", members="2", datasets="2"), "neither"),
    (words("1", "--dynamics", "sgd", P="inf", momentum="1", learning_rate="1/9"), "below 1"),
    (words("1", "--digits", "20", members="2"), "one network"), (words("1", "--digits", "20", networks="2"), "one network"),
    (words("1e300", N="inf", P="inf"), "range of double precision"), (words("inf", N="1e200", P="inf", b="2"), "range of double"),
    (words("1", modes="0"), "at least 1"), (words("1", sigma="1e200"), "range of double"),
])
def test_what_cannot_be_answered_is_one_sentence(capsys: pytest.CaptureFixture[str], line: list[str], say: str) -> None:
    assert run(line) == 2
    shown = capsys.readouterr()
    assert say in shown.err
    assert "Warning" not in shown.err
    assert len(shown.err.strip().splitlines()) == 1
    assert not shown.out
