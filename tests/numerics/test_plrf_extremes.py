"""Extremes of the PLRF curve: one feature, rates at the very limit, exponents beside walls, numbers without a double."""

from __future__ import annotations

import time
from decimal import ROUND_FLOOR, Context, Decimal
from fractions import Fraction as Fr

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel, round_below, size_limit, stability_limit

TINY = Fr(1, 10**12)


def plain_norm(alpha: float, d: int, v: int, gamma: float, batch: int) -> float:
    """||K|| = gamma/2 [S_K(0) - S_K(z)] by sums over all modes, z = 2/(gamma (B+1)), S_K = T(w) + w N(w)^2/d."""
    lam = np.arange(1.0, v + 1) ** (-2 * alpha)

    def degrees(x: float) -> float:
        return float((1 / (1 - x / lam)).sum())

    z = 2 / (gamma * (batch + 1))
    edge = float(minimize_scalar(lambda y: np.exp(y) * (1 - degrees(np.exp(y)) / d), (1e-3, 0.3), (1e-9, 9)).x)
    x = float(np.exp(brentq(lambda y: np.exp(y) * (1 - degrees(np.exp(y)) / d) - z, edge, np.log(z) + 1, xtol=1e-15)))
    return float(gamma / 2 * (lam.sum() - (lam / (1 - x / lam)).sum() + x * degrees(x) ** 2 / d))


@pytest.mark.parametrize(("alpha", "beta", "d", "batch"), [
    (Fr(4, 5), Fr(11, 10), 1, 1), (Fr(2, 5), Fr(11, 10), 1, 1), (Fr(4, 5), Fr(11, 10), 3, 7), (Fr(4, 5), Fr(11, 10), 100, 1),
])
def test_the_printed_limit_and_its_truncations_are_accepted(alpha: Fr, beta: Fr, d: int, batch: int) -> None:
    with pytest.raises(BadInputError) as refusal:
        PlrfModel.of(alpha, beta, d, gamma=50, B=batch)
    shown = str(refusal.value).rstrip(".").split()[-1]
    for digits in (12, 6, 3):
        gamma = Fr(Context(prec=digits, rounding=ROUND_FLOOR).create_decimal(shown))
        found = loss_curve(PlrfModel.of(alpha, beta, d, gamma=gamma, B=batch), [0, 10, 1000])
        assert np.all(found.error < 1e-8 * found.loss)
        assert found.kernel_norm < 1
    with pytest.raises(BadInputError):
        PlrfModel.of(alpha, beta, d, gamma=Fr(shown) * (1 + Fr(1, 10**11)), B=batch)


def test_rates_at_the_edge_agree_with_many_digits() -> None:
    # One feature: the spectrum's edge limits the rate, and both contours have to pass between it and 2/(gamma (B+1)).
    model = PlrfModel.of(Fr(4, 5), Fr(11, 10), 1, gamma=Fr("0.185835942106"))
    found = loss_curve(model, [10, 1000])
    for i, step in enumerate((10, 1000)):  # from the recursion, and from the other contour
        exact = loss_curve(model, [step], digits=14).loss[0]
        assert abs(found.loss[i] - exact) <= found.error[i]


@pytest.mark.parametrize(("alpha", "d", "batch"), [(Fr(4, 5), 50, 1), (Fr(2, 5), 20, 3)])
def test_limit_at_a_size_is_where_the_norm_is_one(alpha: Fr, d: int, batch: int) -> None:
    model = PlrfModel.of(alpha, Fr(1), d, gamma_fraction=Fr(1, 2), v=4 * d, B=batch)
    limit = size_limit(model)
    assert plain_norm(float(alpha), d, 4 * d, limit, batch) == pytest.approx(1, abs=1e-9)  # sums of 200 doubles
    assert limit == pytest.approx(stability_limit(model) / (1 + (batch + 1) / d), rel=1e-13)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("alpha", [Fr(4, 5), Fr(2, 5)])
def test_default_rates_are_stable_at_any_size(d: int, alpha: Fr) -> None:
    found = loss_curve(PlrfModel.of(alpha, Fr(11, 10), d, gamma_fraction=Fr(1, 2)), [0, 100])
    assert 0 < found.loss[1] < found.loss[0]


def test_a_limit_that_is_a_short_decimal_is_shown_from_below() -> None:
    assert round_below(0.5) == "0.499999999999"
    assert round_below(0.551782619434567) == "0.551782619434"
    assert float(round_below(3.03143517198e-07)) < 3.03143517198e-07


@pytest.mark.parametrize(("alpha", "beta", "side"), [
    (Fr(1, 4), Fr(11, 10), TINY), (Fr(4, 5), Fr(1, 2), -TINY),
    *(pytest.param(*wall, side, marks=pytest.mark.deep) for side in (TINY, -TINY)
      for wall in ((Fr(1, 2), Fr(11, 10)), (Fr(1, 4), Fr(11, 10)), (Fr(9, 10), Fr(9, 10)), (Fr(1, 5), Fr(3, 10)))),
])
def test_beside_a_wall_doubles_agree_with_many_digits(alpha: Fr, beta: Fr, side: Fr) -> None:
    """Poles nearly coincide there, so that power sums are differences of large numbers."""
    if 2 * (alpha + beta) <= 1 + 4 * TINY:  # the wall alpha + beta = 1/2 has one admissible side
        side = abs(side)
    model = PlrfModel.of(alpha + side, beta, 1000, gamma_fraction=Fr(1, 2), v=4000)
    exact = loss_curve(model, [10**5], digits=11).loss[0]
    assert abs(loss_curve(model, [10**5]).loss[0] / exact - 1) < 1e-10  # a hundred times below the 1e-8 promised for doubles


def test_sizes_and_steps_of_600_digits_take_seconds_and_obey_the_law() -> None:
    start = time.process_time()
    alpha, beta = Fr(4, 5), Fr(11, 10)  # phase III
    texts = []
    for power in (600, 601):
        model = PlrfModel.of(alpha, beta, 10**700, gamma=Fr(3, 10))
        found = loss_curve(model, [10**power], digits=15)
        assert found.loss_digits is not None
        texts.append(Decimal(found.loss_digits[0]))
    assert time.process_time() - start < 20  # about 1 s each; without the removal of analytic parts 100 s and more
    # r^(1/(2 alpha) - 2) = r^(-11/8) at these sizes; the next order is r^(-3/8).
    assert float(texts[0] / texts[1]) == pytest.approx(10 ** (11 / 8), rel=1e-12)


@pytest.mark.parametrize("dynamics", [pytest.param("discrete", marks=pytest.mark.deep), "continuous"])
def test_removal_in_many_digits_changes_no_digit(dynamics: str) -> None:
    from scaling_sym.numerics.plrf_exact import exact_values

    model = PlrfModel.of(Fr(4, 5), Fr(11, 10), 10**4, gamma=Fr(3, 10))
    plain = exact_values(model, Fr(10**4), dynamics, 16)  # type: ignore[arg-type]
    # The first call removes nothing; 0.2 is below the radius here, and e^{-2000} below 16 digits.
    removed = exact_values(model, Fr(10**4), dynamics, 16, (0.2, 0.2))  # type: ignore[arg-type]
    assert removed.text == plain.text
    np.testing.assert_allclose(removed.values, plain.values, rtol=1e-12)
