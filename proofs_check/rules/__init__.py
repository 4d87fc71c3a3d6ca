"""The rules: what a step must satisfy, by the name of its rule. What each trusts, and why its check suffices: docs/checker.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proofs_check.framework import Rule
from proofs_check.rules import equations, expansions, interpolation, optima, regions, sizes, windows

RULES: Final[Mapping[str, Rule]] = {
    **equations.RULES, **expansions.RULES, **windows.RULES, **sizes.RULES, **regions.RULES, **optima.RULES,
    **interpolation.RULES,
}
