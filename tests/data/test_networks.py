"""The tangent kernel against gradients by differences, and against its limit of infinite width."""

from __future__ import annotations

import numpy as np
import pytest

from scaling_sym.data.networks import tangent_features, tangent_kernel
from tests.peers.data_direct import gradient_by_differences


def test_features_are_gradients() -> None:
    inputs = np.random.default_rng(0).standard_normal((7, 3))
    found = tangent_features(inputs, 4, seed=5)
    stream = np.random.default_rng(5)
    hidden, outer = stream.standard_normal((3, 4)), stream.standard_normal(4)
    wanted = np.stack(gradient_by_differences(inputs, hidden, outer), axis=1)
    assert found == pytest.approx(wanted, abs=1e-8)  # differences of a piecewise linear function, rounding 1e-16/1e-6


def test_the_limit_of_infinite_width() -> None:
    inputs = np.random.default_rng(1).standard_normal((12, 5))
    width = 40_000
    features = tangent_features(inputs, width, seed=2)
    wanted = tangent_kernel(inputs)
    # Entries scatter by about their size over sqrt(width), a half per cent; the largest of 144 lies within five of them.
    assert features @ features.T == pytest.approx(wanted, abs=5.0 * float(np.abs(wanted).max()) / np.sqrt(width))


def test_the_kernel_in_one_dimension() -> None:
    # u = 1: |x||y| pi/(2 pi) + x y pi/(2 pi) = x y; u = -1: neither unit is active for both.
    kernel = tangent_kernel(np.array([[1.0], [2.0], [-3.0], [0.0]]))
    assert kernel == pytest.approx(np.array([[1, 2, 0, 0], [2, 4, 0, 0], [0, 0, 9, 0], [0, 0, 0, 0]]), abs=1e-12)
