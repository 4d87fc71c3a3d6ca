"""Logarithms on the walls of the (a, b) plane, against the solver and against sums of terms written down by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf, log, pi, sin

import numpy as np
import pytest

from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.cli.bundles import committed_file
from scaling_sym.export.laws_on_walls import find_wall_law, read_wall_laws
from scaling_sym.numerics.dmft import DmftModel
from scaling_sym.numerics.dmft_static import static_limit

Terms = Callable[[float, float], list[float]]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(committed_file("bordelon2024").read_bytes())


def on(bundle: Bundle, quantity: str, a: str, b: str) -> tuple[float, float]:
    """The power of the logarithm and the constant (1 where none is determined) at a point."""
    point = {"a": Fraction(a), "b": Fraction(b)}
    law = find_wall_law(read_wall_laws(bundle), quantity, point)
    assert law is not None
    return float(law.log.at(point)), float(evaluate(orient(law.term.constant, point), point).mid())


def kappa(b: float) -> float:
    """c of kappa = (c/N)^b, by hand: (pi/b)/sin(pi/b)."""
    return (pi / b) / sin(pi / b)


@pytest.mark.parametrize("b", ["5/4", "3/2", "2", "3"])
def test_bottlenecks_on_walls(bundle: Bundle, b: str) -> None:
    """N^b L = A (log N + const) up to N^-1 log N, so that between 1e12 and 1e24 the slope is A to 1e-10 of A."""
    y = float(Fraction(b))
    for quantity, size, a, by_hand in (
        ("model", "N", f"{Fraction(b) + 1}", kappa(y) ** y), ("data", "P", f"{2 * Fraction(b) + 1}", y * kappa(y) ** (2 * y)),
    ):
        power, constant = on(bundle, quantity, a, b)
        x = {}
        for n in (1e12, 1e24):
            sizes = (n, inf) if size == "N" else (inf, n)
            x[n] = static_limit(DmftModel(float(Fraction(a)), y, *sizes)).test * n ** (y if size == "N" else 2 * y)
        assert power == 1
        assert constant == pytest.approx(by_hand, rel=1e-12)
        assert (x[1e24] - x[1e12]) / log(1e12) == pytest.approx(constant, rel=1e-9)


def minimise(terms: Terms, budget: float, guess: float) -> float:
    """The least log of a sum of terms over u = log of the first resource, at log C = budget, by golden section."""
    def total(u: float) -> float:
        return float(np.logaddexp.reduce(terms(u, budget - u)))

    low, high, ratio = guess * budget - 40 * log(budget), guess * budget + 40 * log(budget), (5**0.5 - 1) / 2
    for _ in range(120):
        one, two = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, two) if total(one) < total(two) else (one, high)
    return total((low + high) / 2)


def steps(b: float) -> Terms:
    """C = N t on a = b + 1, by hand: 1/t, t^(1/b - 1) log t/N, N^-b log N."""
    return lambda n, t: [-t, -n + (1 / b - 1) * t + log(t), -b * n + log(n)]


def late(a: float, b: float) -> Terms:
    """C = N P at late times, by hand: P^-(a-1) or P^-2b, N^-(a-1) or N^-b, P^(1-b)/N, with log where two of them meet."""
    def terms(n: float, p: float) -> list[float]:
        first = -2 * b * p + log(p) if a == 2 * b + 1 else -min(a - 1, 2 * b) * p
        wall = log(n), log(p)
        logs = wall if a == b + 1 else (0.0, 0.0)
        return [first, -min(a - 1, b) * n + logs[0], (1 - b) * p - n + logs[1]]

    return terms


@pytest.mark.parametrize(("quantity", "a", "b", "terms", "size", "eta"), [
    ("compute/loss", "5/2", "3/2", steps(1.5), 0.4, 0.6), ("compute/loss", "4", "3", steps(3.0), 0.25, 0.75),
    ("compute-late/loss", "5/2", "3/2", late(2.5, 1.5), 0.5, 0.75), ("compute-late/loss", "4", "3", late(4.0, 3.0), 0.5, 1.5),
    ("compute-late/loss", "4", "3/2", late(4.0, 1.5), 5 / 7, 6 / 7), ("compute-late/loss", "7", "3", late(7.0, 3.0), 0.5, 1.5),
    ("compute-late/loss", "3", "2", late(3.0, 2.0), 0.5, 1.0), ("compute-late/loss", "5", "2", late(5.0, 2.0), 0.6, 1.0),
    ("compute-late/loss", "4", "2", late(4.0, 2.0), 0.6, 1.0), ("compute-late/loss", "6", "2", late(6.0, 2.0), 0.6, 1.0),
])
def test_powers_of_the_logarithm_at_optima(
    bundle: Bundle, quantity: str, a: str, b: str, terms: Terms, size: float, eta: float
) -> None:
    """log L = -eta log C + k log log C + const: at log C = 1e6 and 1e9 what is left out is (log C)^(1/2 - 1) or less.

    Where the optimum is a range, k = 0 and any size in it does. 5 % of a unit stand for the slowest fractional powers.
    """
    found, _ = on(bundle, quantity, a, b)
    one, two = (minimise(terms, c, size) + eta * c for c in (1e6, 1e9))
    assert (two - one) / log(1e3) == pytest.approx(found, abs=0.05)


def test_every_wall_of_a_law_has_an_answer(bundle: Bundle) -> None:
    """On each polynomial that separates two laws of a quantity, at a point of it that lies on no other wall."""
    walls = {"model": "a=b+1", "data": "a=2*b+1", "bias": "a=2*b+1", "correction/model": "a=b+1",
             "correction/data": "a=2*b+1", "sgd/time": "a=2*b", "sgd/size": "a=b+1", "compute/loss": "a=b+1"}
    labels = {c.label for c in bundle.claims if c.kind == "law-on-wall"}
    assert {f"dmft/{q}/{w}" for q, w in walls.items()} <= labels
