"""A measured number next to the derived one: confirmed, contradicted, or undecided, by the rule of `confirm`.

Not covered: measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Final, final

from proofs_check.measure import Limit
from scaling_sym.numerics.power_sums import RealArray

EXPONENT_ACCURACY, CONSTANT_ACCURACY = 1e-6, 1e-4
_DECAY: Final = 4.0
"""The slowest correction must shrink by e^-4 between f = 1 and the largest budget."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """One number of one claim at one point: `measured` with its `error`, `derived`, and why it stands as it does."""

    label: str
    result: str
    point: Mapping[str, str]
    what: str
    measured: float
    derived: float
    error: float
    detail: str


def compare_number(
    label: str, place: Mapping[str, Fraction], what: str, limit: Limit, derived: float, accuracy: float, reason: str = ""
) -> Outcome:
    """Compare; a `reason` given keeps the outcome undecided."""
    gap = abs(limit.value - derived)
    if reason or not limit.error < accuracy:
        result, detail = "undecided", reason or f"the limit is known to {limit.error:.1e} only, {accuracy:.0e} is asked for"
    elif gap > accuracy + 10 * limit.error:
        result, detail = "contradicted", f"the measured limit is off by {limit.value - derived:.1e}"
    elif gap <= accuracy:
        result, detail = "confirmed", f"off by {limit.value - derived:.1e}; measured rate {limit.rate:.4f}"
    else:
        result, detail = "undecided", "the difference is of the order of the error"
    point = {n: str(x) for n, x in sorted(place.items())}
    return Outcome(label, result, point, what, limit.value, derived, limit.error, detail)


def doubt_approach(limit: Limit, log_f: RealArray, gaps: list[tuple[float, int]]) -> str:
    """Why the approach does not count as seen, or nothing."""
    rates = [g for g, _ in gaps]
    if rates[0] * log_f[-1] < _DECAY:
        return f"the correction f^-{rates[0]:.4f} dies too slowly for these budgets"
    low, high = sorted((limit.rate, limit.rate + 3 * limit.drift))
    if isfinite(limit.rate) and not any(low - 0.1 * g <= g + 0.003 and g - 0.003 <= high + 0.1 * g for g in rates):
        return f"the measured rate {limit.rate:.4f} is not among the predicted ones ({rates[0]:.4f}, ...)"
    return ""
