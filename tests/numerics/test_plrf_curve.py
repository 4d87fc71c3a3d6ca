"""Loss curves: against a dense reference, against many digits, at extremes, and refusals."""

from __future__ import annotations

from fractions import Fraction as Fr
from math import inf

import numpy as np
import pytest

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.plrf import loss_curve
from scaling_sym.numerics.plrf_model import PlrfModel, kernel_norm, stability_limit
from tests.peers.plrf_reference import dense_equivalent

DENSE = [
    (Fr(4, 5), Fr(11, 10), 40, 400, Fr(3, 10), 1),
    (Fr(3, 10), Fr(9, 10), 50, 200, Fr(1, 50), 3),
    (Fr(1), Fr(3, 10), 30, 150, Fr(1, 10), 4),
]


@pytest.mark.parametrize(("alpha", "beta", "d", "v", "gamma", "batch"), DENSE)
def test_discrete_matches_the_recursion_on_a_dense_spectrum(
    alpha: Fr, beta: Fr, d: int, v: int, gamma: Fr, batch: int
) -> None:
    steps = [0, 1, 2, 10, 63, 64, 65, 80, 200, 700]
    forcing, kernel, loss = dense_equivalent(float(alpha), float(beta), d, v, float(gamma), batch, 700)
    curve = loss_curve(PlrfModel.of(alpha, beta, d, v=v, gamma=gamma, B=batch), steps)
    # 1e-11: the reference's own quadrature and recursion leave about 1e-12.
    assert np.abs(curve.loss / loss[steps] - 1).max() < 1e-11
    assert np.abs(curve.forcing / forcing[steps] - 1).max() < 1e-11
    assert np.abs(curve.kernel - kernel[steps]).max() < 1e-12 * kernel[0]


@pytest.mark.parametrize("dynamics", ["discrete", "continuous"])
@pytest.mark.parametrize(
    ("alpha", "beta", "d", "steps"),
    [
        (Fr(4, 5), Fr(11, 10), 10**6, [7, 80, 10**5]),
        (Fr(3, 10), Fr(9, 10), 10**8, [10**5]),
        (Fr(2), Fr(3), 10**6, [10**9]),
    ],
)
def test_errors_are_honest(alpha: Fr, beta: Fr, d: int, steps: list[int], dynamics: str) -> None:
    model = PlrfModel.of(alpha, beta, d, gamma_fraction=Fr(2, 5))
    double, sharp = (loss_curve(model, steps, dynamics, digits=k) for k in (None, 15))  # type: ignore[arg-type]
    assert np.all(np.abs(double.loss - sharp.loss) <= double.error + sharp.error)
    assert np.all(double.error < 1e-9 * double.loss)
    for name, values in double.pieces.items():
        assert np.all(np.abs(values - sharp.pieces[name]) <= double.piece_errors[name] + sharp.piece_errors[name]), name


def test_digits_agree_with_more_digits() -> None:
    model = PlrfModel.of(Fr(4, 5), Fr(11, 10), 1000, gamma=Fr(3, 10))
    short, long = (loss_curve(model, [1000], "continuous", digits=k).loss_digits for k in (20, 35))
    assert short is not None
    assert long is not None
    assert long[0][:20] == short[0][:20]


def test_a_sharp_curve_stays_in_double_precision() -> None:
    curve = loss_curve(
        PlrfModel.of(Fr(4, 5), Fr(11, 10), 10**12, gamma=Fr(3, 10)), [10**k for k in range(25)], rtol=1e-10
    )
    assert not any(curve.many_digits)


def test_pieces_add_up() -> None:
    curve = loss_curve(PlrfModel.of(Fr(4, 5), Fr(11, 10), 10**6, gamma=Fr(3, 10)), [0, 5, 100, 10**6, 10**12])
    total = sum(curve.pieces[k] for k in ("F_0", "F_pp", "F_ac"))
    assert np.abs(total / curve.forcing - 1).max() < 1e-10
    assert np.abs(curve.pieces["memory"] + curve.forcing - curve.loss).max() < 1e-15


def test_a_size_beyond_doubles() -> None:
    curve = loss_curve(PlrfModel.of(Fr(4, 5), Fr(11, 10), 10**400, gamma=Fr(3, 10)), [10**4], "continuous")
    large = loss_curve(PlrfModel.of(Fr(4, 5), Fr(11, 10), 10**30, gamma=Fr(3, 10)), [10**4], "continuous")
    # At fixed r the loss has reached its limit in d up to r^{1/(2 alpha)}/d.
    assert abs(curve.loss[0] / large.loss[0] - 1) < 1e-7


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ({"alpha": Fr(4, 5), "beta": Fr(1), "d": 100, "gamma": 3}, "needs 0 < gamma <"),
        ({"alpha": Fr(4, 5), "beta": Fr(1), "d": 100, "v": 50, "gamma": Fr(1, 10)}, "at least d"),
        ({"alpha": Fr(1, 2), "beta": Fr(1), "d": 100, "v": inf, "gamma": Fr(1, 10)}, "finite"),
        ({"alpha": Fr(1, 5), "beta": Fr(1, 5), "d": 100, "gamma": Fr(1, 10)}, "exceed 1"),
        ({"alpha": Fr(4, 5), "beta": Fr(1), "d": 0, "gamma": Fr(1, 10)}, "at least 1"),
        ({"alpha": Fr(4, 5), "beta": Fr(1), "d": 100}, "exactly one"),
    ],
)
def test_bad_input_is_one_sentence(parameters: dict[str, object], part: str) -> None:
    with pytest.raises(BadInputError, match=part):
        PlrfModel.of(**parameters)  # type: ignore[arg-type]


def test_one_feature_and_the_wall() -> None:
    tiny = loss_curve(PlrfModel.of(Fr(4, 5), Fr(1), 1, gamma=Fr(1, 10)), [0, 1, 10**6])
    assert np.all(np.isfinite(tiny.loss))
    assert abs(tiny.loss[2] * (1 - tiny.kernel_norm) / tiny.pieces["F_0"][2] - 1) < 1e-9
    wall = loss_curve(PlrfModel.of(Fr(1, 2), Fr(1), 1000, v=4000, gamma_fraction=Fr(1, 2)), [0, 10, 1000, 10**6])
    assert np.all(np.diff(wall.loss) < 0)


def test_within_1e_12_of_the_wall() -> None:
    # All capacity lies in the tail here: the loss rises from F(0) to F_0/(1 - ||K||), and v = oo is nothing special.
    model = PlrfModel.of(Fr(1, 2) + Fr(1, 10**12), Fr(1), 1000, gamma_fraction=Fr(1, 2))
    double, sharp = (loss_curve(model, [1000, 10**6], digits=k) for k in (None, 12))
    assert np.all(np.abs(double.loss - sharp.loss) <= double.error + sharp.error)


def test_steps_and_modes_beyond_doubles() -> None:
    model = PlrfModel.of(Fr(4, 5), Fr(1), 100, gamma=Fr(1, 10))
    late, later = loss_curve(model, [10**12, 10**400]).loss
    assert abs(late / later - 1) < 1e-9
    many = loss_curve(PlrfModel.of(Fr(4, 5), Fr(1), 100, v=10**400, gamma=Fr(1, 10)), [1000])
    assert abs(many.loss[0] / loss_curve(model, [1000]).loss[0] - 1) < 1e-8


def test_as_many_modes_as_features_has_no_floor() -> None:
    model = PlrfModel.of(Fr(4, 5), Fr(1), 100, v=100, gamma=Fr(1, 10))
    double, sharp = (loss_curve(model, [10**4, 10**6], digits=k) for k in (None, 12))
    assert double.pieces["F_0"][0] == 0
    assert np.all(np.abs(double.loss - sharp.loss) <= double.error + sharp.error)


def test_stability_limit_is_where_the_norm_is_one() -> None:
    model = PlrfModel.of(Fr(4, 5), Fr(1), 100, v=400, gamma=Fr(1, 10), B=3)
    j = np.arange(1.0, 401)
    gamma = stability_limit(model)
    lam = j**-1.6
    assert abs(gamma / 2 * (lam / (1 - 2 * gamma * lam)).sum() - 1) < 1e-12
    assert abs(kernel_norm(model) - 0.05 * (lam / (1 - 0.2 * lam)).sum()) < 1e-14


def test_small_sizes_have_their_own_limit() -> None:
    # gamma below the limit form with j^{-2 alpha}, above the one with the eigenvalues at d = 1.
    rate = stability_limit(PlrfModel.of(Fr(37, 20), Fr(7, 4), 1, gamma_fraction=Fr(1, 20))) * 11 / 20
    with pytest.raises(BadInputError, match="needs 0 < gamma <") as refusal:
        PlrfModel.of(Fr(37, 20), Fr(7, 4), 1, gamma=rate)
    limit = float(str(refusal.value).rstrip(".").split()[-1])
    loss_curve(PlrfModel.of(Fr(37, 20), Fr(7, 4), 1, gamma=0.99 * limit), [2, 100])
    with pytest.raises(BadInputError):
        loss_curve(PlrfModel.of(Fr(37, 20), Fr(7, 4), 1, gamma=1.01 * limit), [2])


@pytest.mark.parametrize(
    ("alpha", "beta", "d", "fraction", "step"),
    [
        (Fr(1, 4), Fr(23, 10), 541, Fr(1, 4), 989),  # large terms cancel inside the singular part
        (Fr(7, 5), Fr(23, 10), 59690, Fr(17, 20), 49174669),  # Arb's hypergeometric function fails at the first head
    ],
)
def test_points_that_once_failed(alpha: Fr, beta: Fr, d: int, fraction: Fr, step: int) -> None:
    model = PlrfModel.of(alpha, beta, d, gamma_fraction=fraction, dynamics="continuous")
    double, sharp = (loss_curve(model, [step], "continuous", digits=k) for k in (None, 13))
    assert abs(double.loss[0] - sharp.loss[0]) <= double.error[0] + sharp.error[0]
