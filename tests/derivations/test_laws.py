"""The laws of the mean-field model against its solver, which shares no code with the derivation."""

from __future__ import annotations

from fractions import Fraction
from math import inf, log

import pytest

from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.cli.bundles import committed_file
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_static import static_limit

POINTS = [("2", "3/2"), ("3", "5/4"), ("19/10", "13/10"), ("5", "3/2"), ("3/2", "2")]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(committed_file("bordelon2024").read_bytes())


def law(bundle: Bundle, quantity: str, point: dict[str, Fraction]) -> tuple[dict[str, float], float]:
    claim = next(c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity
                 and decode_cell(c.region).contains(point))
    power = {n: float(parse_ratio(e).at(point)) for n, e in claim.statement["power"].items()}
    constant = claim.statement["constant"]
    return power, 0.0 if constant is None else float(evaluate(orient(decode_constant(constant), point), point).mid())


def at(a: str, b: str) -> tuple[dict[str, Fraction], float, float]:
    return {"a": Fraction(a), "b": Fraction(b)}, float(Fraction(a)), float(Fraction(b))


@pytest.mark.parametrize(("a", "b"), POINTS)
def test_floors_with_their_constants(bundle: Bundle, a: str, b: str) -> None:
    """At 1e20 the next orders, of relative size N^-min(1, |a-1-b|) or less, are below 1e-3 at these points."""
    point, x, y = at(a, b)
    for quantity, size in (("model", "N"), ("data", "P")):
        power, constant = law(bundle, quantity, point)
        sizes = {"N": inf, "P": inf, size: 1e20}
        found = static_limit(DmftModel(a=x, b=y, **sizes)).test
        assert found / (constant * 1e20 ** power[size]) == pytest.approx(1, abs=1e-3), quantity


@pytest.mark.parametrize(("a", "b"), POINTS)
def test_time_law_with_its_constant(bundle: Bundle, a: str, b: str) -> None:
    """At t = 1e12 the corrections, of relative size t^-(1/b), are below 1e-4."""
    point, x, y = at(a, b)
    power, constant = law(bundle, "time", point)
    found = loss_curve(DmftModel(a=x, b=y, N=inf, P=inf), [1e12]).test[0]
    assert found / (constant * 1e12 ** power["t"]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("a", "b"), POINTS)
def test_first_orders(bundle: Bundle, a: str, b: str) -> None:
    """The difference to infinite size, over decades in t far below N^b: its slope tends to the derived one.

    The next term of the correction is smaller by t^-g with g the distance of the two exponents that compete, at least 1/5 at
    these points: between t = 1e14 and 1e16 that is below 1 %.
    """
    point, x, y = at(a, b)
    times = [1e14, 1e16]
    size = 1e4 * times[1] ** (1 / y)  # far in the window, and a correction that the curve's accuracy still shows
    limit, measured = loss_curve(DmftModel(a=x, b=y, N=inf, P=inf), times).test, 0
    for side, letter in (("model", "N"), ("data", "P")):
        power, constant = law(bundle, f"correction/{side}", point)
        sizes = {"N": inf, "P": inf, letter: size}
        curve = loss_curve(DmftModel(a=x, b=y, **sizes), times)
        first = [float(c - e) for c, e in zip(curve.test, limit, strict=True)]
        if min(first) < 1e3 * float(max(curve.error)):
            continue  # the correction is below the accuracy of the curve
        measured += 1
        slope = log(first[1] / first[0]) / log(times[1] / times[0])
        assert power[letter] == -1
        assert slope == pytest.approx(power["t"], abs=0.02), side
        if constant:
            assert first[1] * size / (constant * times[1] ** power["t"]) == pytest.approx(1, abs=0.1)
    assert measured


def test_compute_optimal_laws_are_continuous_on_the_wall(bundle: Bundle) -> None:
    claims = [c for c in bundle.claims if c.kind == "law" and c.statement["quantity"].startswith("compute/")
              and "power" in c.statement]
    on_wall = {"a": Fraction(5, 2), "b": Fraction(3, 2)}
    for quantity in ("compute/loss", "compute/size", "compute/steps"):
        values = {parse_ratio(c.statement["power"]["C"]).at(on_wall) for c in claims if c.statement["quantity"] == quantity}
        assert len(values) == 1
