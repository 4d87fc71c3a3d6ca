"""Profiles of Hypothesis, and the switch `--deep`.

`dev` is for quick looks, `ci` (the default) is derandomised and has no deadline, `deep` draws many more examples.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=15, deadline=None)
settings.register_profile("ci", max_examples=40, deadline=None, derandomize=True, database=None)
settings.register_profile(
    "deep", max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="run the deep profile and the tests marked deep")


def pytest_configure(config: pytest.Config) -> None:
    name = "deep" if config.getoption("--deep") else os.environ.get("HYPOTHESIS_PROFILE", "ci")
    settings.load_profile(name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--deep"):
        return
    kept = [item for item in items if item.get_closest_marker("deep") is None]
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("deep") is not None])
    items[:] = kept
