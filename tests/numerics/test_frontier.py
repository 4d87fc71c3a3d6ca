"""The frontier: exponents at large budgets, a brute-force minimum, and the finite-size bias in phase IVa."""

from __future__ import annotations

from fractions import Fraction as Fr

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.frontier import (
    Family,
    find_optimum,
    find_settled_size,
    fit_envelope,
    fit_isoflop,
    fit_parametric,
    frontier,
)
from scaling_sym.numerics.frontier_exact import frontier_digits
from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel


@pytest.mark.parametrize(
    ("alpha", "beta", "eta", "xi"), [(Fr(4, 5), Fr(11, 10), 11 / 16, 0.5), (Fr(9, 10), Fr(3, 10), 0.5, 1 / 2.8)]
)
def test_local_exponents_at_large_budgets(alpha: Fr, beta: Fr, eta: float, xi: float) -> None:
    point = frontier(Family.of(alpha, beta), [1e40])[0]
    # 1e-5: the next-order terms at this budget, from the drift between 1e20 and 1e40.
    assert abs(point.loss_exponent - eta) < 1e-5
    assert abs(point.size_exponent - xi) < 1e-5


@pytest.mark.parametrize(("alpha", "beta", "budget"), [
    (Fr(3), Fr(5), 1e6), (Fr(3), Fr(5), 1e12), (Fr(6), Fr(2), 1e12), (Fr(4, 5), Fr(11, 10), 1e6), (Fr(2, 5), Fr(9, 10), 1e8),
])
def test_errors_of_exponents_cover_steep_slopes(alpha: Fr, beta: Fr, budget: float) -> None:
    """Against differences of fourth order over a quarter of the step: their own error is below a hundredth of the one tested."""
    family = Family.of(alpha, beta)
    point = frontier(family, [budget])[0]
    start, h = np.log(point.d), 0.025
    ends = [find_optimum(family, np.log(budget) + k * h, start + k * h / 2, 0.3)[0] for k in (-2, -1, 1, 2)]
    xi, eta = (
        (8 * (y[2] - y[1]) - (y[3] - y[0])) / (12 * h)
        for y in ([p.log_size for p in ends], [-p.log_loss for p in ends])
    )
    # 1e-8: the noise of these differences, 1e-10 over their step.
    assert abs(point.size_exponent - xi) < point.size_exponent_error + 1e-8 < 1e-4
    assert abs(point.loss_exponent - eta) < point.loss_exponent_error + 1e-8 < 1e-4


def test_many_digits_of_the_optimum() -> None:
    family = Family.of(Fr(4, 5), Fr(11, 10))
    point, found = frontier(family, [10**8])[0], frontier_digits(family, 10**8, 14)
    assert abs(float(found.loss) / point.loss - 1) < 1e-13 + point.error
    assert abs(float(found.d) / point.d - 1) < 1e-5  # six digits
    assert found.loss.startswith("1.6508665348196")  # 1.6508665348195986 in a run that asked for twenty digits


def test_the_size_from_which_bias_is_small() -> None:
    family = Family.of(Fr(4, 5), Fr(11, 10))
    found = find_settled_size(family, "size_exponent", 0.5, 1e-3)
    assert found is not None
    inside, outside = (frontier(family, [found.compute * k])[0].size_exponent for k in (1.0, 0.97))
    assert abs(inside - 0.5) <= 1e-3 < abs(outside - 0.5)
    assert find_settled_size(family, "size_exponent", 0.4, 1e-3) is None


def test_optimum_is_a_minimum_of_the_curve() -> None:
    point = frontier(Family.of(Fr(2, 5), Fr(9, 10)), [1e8])[0]

    def loss(size: float) -> float:
        d = round(size)
        model = PlrfModel.of(Fr(2, 5), Fr(9, 10), d, gamma_fraction=Fr(1, 2), dynamics="continuous")
        return float(loss_curve(model, [Fr(10**8, d)], "continuous").loss[0])

    assert abs(loss(point.d) / point.loss - 1) < 1e-9
    assert loss(point.d) < min(loss(0.97 * point.d), loss(1.03 * point.d))


def test_phase_IVa_looks_steeper_at_small_sizes() -> None:
    family = Family.of(Fr(2, 5), Fr(9, 10))  # theory: d_star ~ f^{1/2}
    sizes, budgets = [50 * 2 ** (k / 4) for k in range(21)], list(np.logspace(3.6, 5.2, 13))
    small = [fit(family, sizes, budgets) for fit in (fit_envelope, fit_isoflop)]
    assert all(0.59 < fit.size_exponent < 0.64 for fit in small)
    large = frontier(family, [1e12, 1e14, 1e16])
    bias = [abs(p.size_exponent - 0.5) for p in large]
    assert large[0].d > 5e6  # a bias of 0.016 needs eight million features, one of 0.003 ninety million
    assert bias[0] > bias[1] > bias[2]
    assert bias[1] < 0.005


def test_parametric_fit_reports_its_parameters() -> None:
    fit = fit_parametric(Family.of(Fr(4, 5), Fr(11, 10)), [100 * 2**k for k in range(6)], list(np.logspace(5, 8, 7)))
    _, _, a, _, b = fit.parameters
    assert abs(fit.size_exponent - b / (a + b)) < 1e-12
    assert 0.4 < fit.size_exponent < 0.6


def test_sizes_that_miss_the_optimum_are_refused() -> None:
    with pytest.raises(BadInputError, match="inside the given sizes"):
        fit_isoflop(Family.of(Fr(4, 5), Fr(11, 10)), [100, 120, 140, 160, 180], [1e10, 1e11, 1e12])
