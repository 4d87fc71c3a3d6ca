"""Linear algebra on one thread: the tests run side by side, and threads that wait for one another would cost minutes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import scipy.linalg  # its linear algebra has to be loaded before it can be limited
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    assert scipy.linalg
    with threadpool_limits(limits=1):
        yield
