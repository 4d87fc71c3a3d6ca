"""Gradient flow at P = infinity is one-pass SGD without noise: the letters of one paper read in those of the other.

alpha = b/2, beta = (a - b)/2, d = N, 2 gamma B r = 2 t. The mean-field solver inverts two Laplace variables, the solver of the
random-features model one; they share no code.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf

import mpmath as mp
import pytest

from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.cli.bundles import committed_file
from scaling_sym.numerics.dmft import DmftModel, loss_digits
from scaling_sym.numerics.dmft_static import static_limit
from scaling_sym.numerics.plrf import LossCurve, loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel
from tests.peers.dmft_direct import solve_responses

RATE = Fraction(1, 10**40)
"""A learning rate at which the kernel, of relative size gamma, is below all the digits that are compared."""


def flow(a: Fraction, b: Fraction, size: Fraction | int, time: Fraction | int, digits: int | None = None) -> LossCurve:
    """The random-features loss at 2 gamma B r = 2 t."""
    model = PlrfModel.of(b / 2, (a - b) / 2, size, gamma=RATE, dynamics="continuous")
    return loss_curve(model, [time / RATE], "continuous", digits)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(committed_file("bordelon2024").read_bytes())


def law(bundle: Bundle, quantity: str, a: Fraction, b: Fraction) -> tuple[dict[str, float], float]:
    point = {"a": a, "b": b}
    claim = next(c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity
                 and decode_cell(c.region).contains(point))
    power = {n: float(parse_ratio(e).at(point)) for n, e in claim.statement["power"].items()}
    return power, float(evaluate(orient(decode_constant(claim.statement["constant"]), point), point).mid())


@pytest.mark.parametrize(("a", "b", "size", "time"), [
    (Fraction(19, 10), Fraction(13, 10), 100, 50), (Fraction(3), Fraction(5, 4), 1000, 10**6),
    (Fraction(5, 2), Fraction(2), 7, 3),
])
def test_the_two_time_solution_is_the_forcing_function(a: Fraction, b: Fraction, size: int, time: int) -> None:
    one = flow(a, b, size, time, 32).loss_digits
    two = loss_digits(DmftModel(float(a), float(b), size, inf), time, 32, {"a": a, "b": b}).test
    assert one is not None
    with mp.workdps(40):
        # Each is rounded to 32 digits, and the learning rate leaves out a part of 1e-40.
        assert abs(mp.mpf(one[0]) / mp.mpf(two) - 1) < mp.mpf("1e-30")


def test_the_transforms_are_one_identity() -> None:
    """The printed 2 x 2 system at P = inf has C_0(p, p') = (S(p) - S(p'))/(p' - p): the transform of F(t + t')."""
    with mp.workdps(45):
        a, b, size = mp.mpf("1.9"), mp.mpf("1.3"), mp.mpf(7)
        lam = [mp.mpf(k) ** -b for k in range(1, 41)]
        task = [mp.mpf(k) ** -a for k in range(1, 41)]
        for p, q in ((mp.mpc(1, 2), mp.mpc("0.3", "-1.5")), (mp.mpc("0.01", "0.02"), mp.mpc("0.5", 0))):
            (_, r), (_, s) = (solve_responses(lam, 1 / size, mp.mpf(0), x) for x in (p, q))
            h, g = [1 / (p + x * r) for x in lam], [1 / (q + x * s) for x in lam]
            pairs = list(zip(lam, task, h, g, strict=True))
            s1 = mp.fsum(x * u * v for x, _, u, v in pairs)
            s2 = mp.fsum(x * x * u * v for x, _, u, v in pairs)
            sw, tw = mp.fsum(w * u * v for _, w, u, v in pairs), mp.fsum(x * w * u * v for x, w, u, v in pairs)
            c2 = tw / (1 - s2 * r * s / size)
            c0 = sw + s1 * r * s * c2 / size
            forcing = [mp.fsum(w * u for w, u in zip(task, row, strict=True)) for row in (h, g)]
            # The fixed-point iteration of the responses ends at 2/3 of the digits, squared by the last Newton step.
            assert abs(c0 * (q - p) / (forcing[0] - forcing[1]) - 1) < mp.mpf("1e-30")


@pytest.mark.parametrize(("a", "b"), [(Fraction(19, 10), Fraction(13, 10)), (Fraction(3), Fraction(5, 4))])
def test_laws_of_flow_are_the_pieces_of_the_other_model(bundle: Bundle, a: Fraction, b: Fraction) -> None:
    """At N = 1e40 and t = 1e20: F_0 is the model law, F_pp the time law; what is left out is below N^-0.4 and t^(1/b)/N."""
    pieces = flow(a, b, 10**40, 10**20).pieces
    power, constant = law(bundle, "model", a, b)
    assert pieces["F_0"][0] == pytest.approx(constant * 1e40 ** power["N"], rel=1e-12)
    assert static_limit(DmftModel(float(a), float(b), 1e40, inf)).test == pytest.approx(pieces["F_0"][0], rel=1e-11)
    power, constant = law(bundle, "time", a, b)
    assert pieces["F_pp"][0] == pytest.approx(constant * 1e20 ** power["t"], rel=1e-12)


def test_the_correction_in_size_is_the_continuous_part(bundle: Bundle) -> None:
    """Where a - 1 > b: c N^-1 t^(1/b - 1), as printed with c_beta = zeta(a - b); the next order is t^-0.6.

    Inside the window the continuous part is F_0 + F_ac: the solver takes the floor out of it.
    """
    a, b = Fraction(3), Fraction(5, 4)
    power, constant = law(bundle, "correction/model", a, b)
    pieces = flow(a, b, 10**30, 10**14).pieces
    found = pieces["F_ac"][0] + pieces["F_0"][0]
    assert found * 1e30 == pytest.approx(constant * 1e14 ** power["t"], rel=1e-7)
    with mp.workdps(30):
        beta, alpha = mp.mpf(7) / 8, mp.mpf(5) / 8
        printed = mp.zeta(2 * beta) / (2 * alpha) * mp.gamma(1 - 1 / (2 * alpha)) * mp.mpf(2) ** (1 / (2 * alpha) - 1)
    assert constant == pytest.approx(float(printed), rel=1e-14)
