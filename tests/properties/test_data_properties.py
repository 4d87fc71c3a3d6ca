"""No bytes whatever make the reader fail in an unforeseen way; exponents do not depend on units, order or rotation."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from scaling_sym.data.exponents import estimate_exponents
from scaling_sym.data.files import read_matrix
from scaling_sym.data.spectra import measure_features
from scaling_sym.errors import BadInputError
from tests.peers.data_direct import random_task

HEADS = (b"", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x01\x00\x36\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}",
         b"\x1f\x8b\x08\0\0\0\0\0\0\0", b"\0\0\x08\x01", b"\0\0\x0d\x02\0\0\0\x01\0\0\0\x01", b"1,2\n")


@given(st.sampled_from(HEADS), st.binary(max_size=80), st.sampled_from(["x.npy", "x.csv"]))
def test_any_bytes_are_read_or_refused(head: bytes, tail: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(head + tail)
        try:
            found = read_matrix(file).values
        except BadInputError as error:
            said, found = str(error), np.zeros(1)
        else:
            said = ""
        assert "\n" not in said
        assert np.isfinite(found).all()
        assert found.ndim in (1, 2)


@settings(max_examples=6)
@given(st.integers(-120, 120), st.integers(-120, 120), st.integers(0, 2**31))
def test_exponents_have_no_units(x_scale: int, y_scale: int, seed: int) -> None:
    x, y = random_task(2.0, 1.5, (200, 30), 0.1, 0)
    order = np.random.default_rng(seed).permutation(200)
    assert scipy.linalg  # loaded before its threads are limited
    with threadpool_limits(limits=1):
        one = estimate_exponents(measure_features(x, y[:, None], "x"))
        two = estimate_exponents(measure_features(10.0**x_scale * x[order], 10.0**y_scale * y[order, None], "x"))
    assert one.a is not None
    assert two.a is not None
    # Sums in another order: rounding of 1e-16 times the spread of the eigenvalues, 1e3, and what a fit makes of it.
    for first, second in ((one.b, two.b), (one.a, two.a)):
        assert [second.value, second.low, second.high] == pytest.approx([first.value, first.low, first.high], abs=1e-6)
