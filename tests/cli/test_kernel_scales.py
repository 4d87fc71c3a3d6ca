"""Exponents of a kernel where features, data and ridge grow together, against the static solver."""

from __future__ import annotations

from fractions import Fraction
from math import exp, log
from typing import Any

import pytest

from scaling_sym.cli.bundles import open_bundle
from scaling_sym.errors import OutsideDomainError
from scaling_sym.export.regimes import answer_kernel
from scaling_sym.numerics.kernel import KernelModel, kernel_loss
from tests.cli.conftest import Runner


def answer(**at: str) -> dict[str, Any]:
    return answer_kernel(open_bundle(paper="bahri2024"), {n: Fraction(x) for n, x in at.items()})


def measure(a: float, b: float, s: float, ridge: float) -> float:
    """The exponent in D at P = D^s and the ridge D^-l, from D = 1e9 and 1e11."""
    losses = []
    for x in (9 * log(10.0), 11 * log(10.0)):
        losses.append(kernel_loss(KernelModel(a=a, b=b, D=exp(x), P=exp(s * x), ridge=exp(-ridge * x)), 1e-9).test)
    return log(losses[0] / losses[1]) / (2 * log(10.0))


@pytest.mark.parametrize(("a", "s", "ridge"), [
    ("3/2", "2", "1/2"), ("3/2", "1", "1"), ("3", "6/5", "1"), ("3", "3/5", "3"), ("3", "6/5", "4"), ("3", "3", "4"),
    ("5", "2", "1"), ("5", "3/2", "5"),
])
def test_the_joint_exponent_is_that_of_the_solver(a: str, s: str, ridge: str) -> None:
    """b = 3/2; at sizes about 1e10 the corrections of the slowest relative rate met here, D^-0.2, leave 0.03."""
    found = answer(d="1", t="1/2", a=a, s=s, l=ridge)["joint"]["loss"]["exact"]
    slope = measure(float(Fraction(a)), 1.5, float(Fraction(s)), float(Fraction(ridge)))
    assert slope == pytest.approx(float(Fraction(found)), abs=0.03)


def test_the_best_ridge_is_the_classical_rate() -> None:
    """Source condition a - 1 = 2 r b: the rate is 2 r b/(2 r b + 1), until it saturates at r = 1 (a = 2 b + 1)."""
    for a, rate in (("3/2", "1/3"), ("3", "2/3"), ("4", "3/4"), ("9", "3/4")):
        assert answer(d="1", t="1/2", a=a)["ridge"]["best"]["loss"]["exact"] == rate


def test_a_fixed_ratio_has_the_exponent_of_the_features() -> None:
    """For b + 1 < a the peak's variance of order one leads at every fixed ratio: b, although L(D) falls like D^-(a-1)."""
    found = answer(d="1", t="1/2", a="3")
    assert (found["aspect"]["over"]["exact"], found["data"]["exact"]) == ("3/2", "2")


def test_on_the_command_line(call: Runner) -> None:
    plain = call("exponents", "kernel", "--at", "d=3", "--at", "t=2", "--at", "s=1", "--at", "l=1/2")
    assert plain.status == 0
    assert "ridge-limited" in plain.out
    assert call("exponents", "kernel", "--at", "d=3", "--at", "t=2", "--at", "s=1").status == 2


@pytest.mark.parametrize("at", [{"s": "0"}, {"l": "-1"}, {"s": "1"}, {"s": "1", "l": "9"}])
def test_what_is_refused(at: dict[str, str]) -> None:
    with pytest.raises(OutsideDomainError):
        answer(d="3", t="2", **at)
