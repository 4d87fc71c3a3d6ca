"""Eigenvalues and task power against the singular value decomposition, in all forms in which data come."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_sym.data.spectra import encode_target, measure_features, measure_kernel, measure_spectrum
from scaling_sym.errors import BadInputError
from tests.peers.data_direct import spectrum_by_svd


@pytest.mark.parametrize("shape", [(60, 25), (25, 60)])
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_features_are_their_singular_values(shape: tuple[int, int], scale: float) -> None:
    stream = np.random.default_rng(1)
    x, y = stream.standard_normal(shape), stream.standard_normal((shape[0], 3))
    found = measure_features(x * scale, y, "x")
    # Both are scaled by their largest entries.
    values, power = spectrum_by_svd(x / np.abs(x).max(), y / np.abs(y).max())
    assert found.eigenvalues == pytest.approx(values, rel=1e-9)  # squares of singular values no smaller than 1e-2
    assert found.power == pytest.approx(power, rel=1e-7)


@pytest.mark.parametrize("center", [False, True])
def test_a_kernel_is_its_features(center: bool) -> None:
    stream = np.random.default_rng(2)
    x, y = stream.standard_normal((80, 30)) + 0.5, stream.standard_normal((80, 1)) + 2.0
    one, two = measure_features(x, y, "x", center), measure_kernel(x @ x.T, y, "k", center)
    assert one.eigenvalues.size == two.eigenvalues.size == 30
    # Up to the scale, which is that of the largest entry in each.
    assert two.eigenvalues / two.eigenvalues[0] == pytest.approx(one.eigenvalues / one.eigenvalues[0], rel=1e-9)
    assert two.power is not None
    assert two.power == pytest.approx(one.power, rel=1e-7)
    assert two.noise_floor == pytest.approx(one.noise_floor, rel=1e-7)


def test_noise_is_found_in_the_residual() -> None:
    stream = np.random.default_rng(3)
    x = stream.standard_normal((4000, 100))
    y = x @ np.ones(100) + 3.0 * stream.standard_normal(4000)
    found = measure_features(x, y[:, None], "x")
    # The residual variance of 3900 degrees of freedom has a relative standard error of 2.3 %; four of them.
    assert found.residual * np.abs(y).max() ** 2 == pytest.approx(9.0, rel=0.09)


def test_rank_is_counted_in_the_precision_of_the_input() -> None:
    stream = np.random.default_rng(4)
    x = stream.standard_normal((50, 8)) @ stream.standard_normal((8, 30))
    assert measure_features(x, None, "x").eigenvalues.size == 8
    single = (x @ x.T).astype(np.float32).astype(np.float64)
    assert measure_kernel(single, None, "k", precision=float(np.finfo(np.float32).eps)).eigenvalues.size == 8


def test_a_spectrum_is_sorted_with_its_coefficients() -> None:
    found = measure_spectrum(np.array([0.25, 1.0, 0.5, 0.0]), np.array([[4.0], [1.0], [2.0], [9.0]]), "s")
    assert found.eigenvalues.tolist() == [1.0, 0.5, 0.25]
    # lambda_k w_k^2 = 1, 2, 4 over the largest coefficient squared.
    assert found.power == pytest.approx(np.array([1.0, 2.0, 4.0]) / 81.0, rel=1e-12)


def test_labels_that_stand_for_classes() -> None:
    columns, classes = encode_target(np.array([3.0, 7.0] * 10), "y")
    assert classes == 2
    assert columns[:2].tolist() == [[0.5, -0.5], [-0.5, 0.5]]
    assert encode_target(np.linspace(0, 1, 20), "y")[1] == 0
    assert encode_target(np.arange(20.0), "y")[1] == 0


@pytest.mark.parametrize(
    ("matrix", "said"),
    [(np.ones((30, 30)), "constant"), (np.triu(np.ones((30, 30))), "not symmetric"), (np.ones((30, 20)), "square"),
     (-np.eye(30), "negative eigenvalue"), (np.diag([1.0] * 29 + [-0.5]), "negative eigenvalue")],
)
def test_what_is_no_kernel(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        measure_kernel(matrix, None, "k")
