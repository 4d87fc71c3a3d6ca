"""The leading constants with which the pieces enter the loss, against the loss itself.

Two routes that share nothing with the derivation: `numerics.plrf` (all cells, sizes up to 10^16) and the plain mpmath
transform of `tests/peers/laplace_loss.py`. The ratio of the loss to the sum of the derived leading terms must go to 1; since
the next terms are smaller by a power of d, so must the deviation.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from mpmath import mpf

from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel
from tests.derivations.loss_terms_of_bundle import committed, evaluate, window_terms
from tests.peers.laplace_loss import loss

RATIO = 8
# One point in every cell of loss terms; the place in the window, as the exponent x in theta = d^(2 alpha x), where the
# next term is smallest there (near both ends of the window the crossovers are near).
POINTS = [
    ("II", "9/10", "7/10", 0.5), ("III", "9/10", "3/2", 0.5), ("Ia", "9/10", "1/5", 0.5), ("IV", "9/25", "6/5", 0.25),
    ("Ic", "1/5", "9/10", 0.25), ("Ib", "2/5", "2/5", 0.25),
]


def deviation(alpha: Fraction, beta: Fraction, exponent: int, place: float) -> float:
    """The loss over the sum of its leading terms, minus 1, at d = 10^exponent."""
    d = 10.0**exponent
    model = PlrfModel.of(alpha, beta, 10**exponent, v=RATIO * 10**exponent, gamma_fraction=Fraction(1, 4), B=1,
                         dynamics="continuous")
    gamma = float(model.gamma)
    theta = d ** (2 * float(alpha) * place)
    exact = loss_curve(model, [theta / (2 * gamma)], dynamics="continuous").loss[0]
    point = {"alpha": alpha, "beta": beta, "rho": Fraction(RATIO), "s": Fraction(1, 4), "gamma": Fraction(gamma),
             "B": Fraction(1)}
    terms = window_terms(committed(), {"alpha": alpha, "beta": beta})
    return float(exact) / sum(evaluate(t, {"d": d, "theta": theta, "gamma": gamma}, point) for t in terms) - 1


def converges(deviations: list[float]) -> bool:
    """Each four decades shrink the deviation by a power of d, up to the influence of still later terms."""
    first, second, third = map(abs, deviations)
    return third < second < first and third < 0.6 * second and third < 3e-3


@pytest.mark.parametrize(("cell", "alpha", "beta", "place"), POINTS)
def test_ratio_goes_to_one(cell: str, alpha: str, beta: str, place: float) -> None:
    found = [deviation(Fraction(alpha), Fraction(beta), n, place) for n in (8, 12, 16)]
    assert converges(found), (cell, found)
    for wrong in (0.99, 1.01):  # the guard itself: a constant off by 1 % must fail the same criterion
        assert not converges([(1 + x) * wrong - 1 for x in found]), cell


@pytest.mark.deep
@pytest.mark.parametrize(("alpha", "beta"), [("9/10", "3/2"), ("9/10", "7/10")])
def test_against_plain_inverse_laplace(alpha: str, beta: str) -> None:
    """The same ratio by the peer, in the middle of the window, at d = 10^8 and 10^14."""
    deviations = []
    for exponent in (8, 14):
        d, a, b = mpf(10) ** exponent, Fraction(alpha), Fraction(beta)
        theta, gamma = d ** mpf(float(a)), mpf("0.1")
        exact = loss(mpf(a.numerator) / a.denominator, mpf(b.numerator) / b.denominator, d, RATIO * d, gamma, theta)
        point = {"alpha": a, "beta": b, "rho": Fraction(RATIO), "s": Fraction(1, 4), "gamma": Fraction(1, 10),
                 "B": Fraction(1)}
        resources = {"d": float(d), "theta": float(theta), "gamma": 0.1}
        total = sum(evaluate(t, resources, point) for t in window_terms(committed(), {"alpha": a, "beta": b}))
        deviations.append(abs(float(exact) / total - 1))
    assert deviations[1] < 0.2 * deviations[0]
    assert deviations[1] < 1e-3
