"""Training against the matrix exponential, and the mean field against training where its hypotheses hold."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from scaling_sym.data import learning
from scaling_sym.data.learning import plan_curves, study_learning
from scaling_sym.errors import BadInputError
from tests.peers.data_direct import flow_by_exponential, random_task


def test_training_is_gradient_flow() -> None:
    x, y = random_task(2.0, 1.5, (300, 20), 0.1, 0)
    split = learning._split_rows(x, y[:, None], "x", np.random.default_rng(0))
    found = learning.train_model(split, (12, 40), [0.5, 30.0], np.random.default_rng(9))
    stream = np.random.default_rng(9)
    mixing = stream.standard_normal((20, 12)) / sqrt(12)
    rows = stream.choice(split.pool.shape[0], 40, replace=False)
    for time, loss in zip((0.5, 30.0), found, strict=True):
        weights = flow_by_exponential(split.pool[rows] @ mixing, split.pool_target[rows], time)
        residual = split.test_target - split.test @ mixing @ weights
        assert loss == pytest.approx(float(np.square(residual).sum(axis=1).mean()), rel=1e-10)


def test_the_pool_is_scaled_to_its_largest_eigenvalue() -> None:
    x, y = random_task(2.0, 1.5, (400, 30), 0.5, 1)
    split = learning._split_rows(7.0 * x, 3.0 * y[:, None], "x", np.random.default_rng(0))
    covariance = split.pool.T @ split.pool / split.pool.shape[0]
    assert np.linalg.eigvalsh(covariance)[-1] == pytest.approx(1.0, rel=1e-10)
    # Parts learnable and not make up the mean square of the target, but for the noise taken out of each mode.
    lam = split.spectrum.eigenvalues / split.spectrum.eigenvalues[0]
    total = float((lam * split.task).sum()) + split.floor
    assert total == pytest.approx(float(np.square(split.pool_target).mean()), rel=0.02)


def test_on_gaussian_data_theory_and_training_agree() -> None:
    x, y = random_task(1.8, 1.3, (8000, 60), 0.3, 2)
    study = study_learning(x, y[:, None], "x", draws=8)
    # What is left is chance: draws (8 of them) and a test set of 2000 rows, each about 3 %.
    assert study.median_error() < 0.05
    for curve in study.curves:
        assert curve.predicted.min() > 0.5 * study.floor
        assert np.median(curve.relative_errors) < 0.1
    assert study.floor == pytest.approx(0.09, rel=0.1)


def test_a_target_that_is_shuffled_is_predicted_to_be_noise() -> None:
    """Nothing can be learnt; a prediction that looked at the trained curves would not know."""
    x, y = random_task(1.8, 1.3, (2000, 40), 0.0, 3)
    study = study_learning(x, np.random.default_rng(0).permutation(y)[:, None], "x", draws=4)
    assert study.floor == pytest.approx(study.start, rel=0.15)
    assert study.median_error() < 0.1


def test_sizes_follow_from_the_data_alone() -> None:
    for modes, rows in ((20, 150), (61, 1347), (784, 15000)):
        for points in plan_curves(modes, rows).values():
            assert all(1 <= p.samples <= rows // 2 and p.width >= 1 for p in points)


def test_too_few_rows() -> None:
    with pytest.raises(BadInputError, match="at least 200"):
        study_learning(np.ones((50, 3)), np.ones((50, 1)), "x")
