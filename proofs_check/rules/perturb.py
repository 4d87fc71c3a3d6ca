"""Rule `perturb`: expansions about m = 1, as polynomial identities.

Checked: with y = 1/(1 + X), the summand at m = 1 - delta minus sum c_n(y) delta^n is divisible by delta^N; the series in
1/d satisfy the model's equations up to terms of the next order. Sufficient because both are identities of rational
functions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from proofs_check.framework import Context, demand
from scaling_sym.algebra.grammar import parse_number, parse_ratio
from scaling_sym.algebra.ratios import Ratio


def check(context: Context) -> None:
    """Replay the identities."""
    model, body = context.premise("model").conclusion, context.step.conclusion
    demand(set(body["levels"]) == set(model["sums"]), "levels are wanted for every sum of the model")
    for name, levels in body["levels"].items():
        _check_levels(parse_ratio(model["sums"][name]["summand"]), levels, name)
    series = {k: parse_ratio(v) for k, v in body["series"].items()}
    equations = {k: parse_ratio(v) for k, v in model["equations"].items()}
    demand(set(series) == {"forcing-0", "forcing-1", *equations}, "a series is wanted for every equation")
    known = {"deficit": series["deficit"]}
    _vanishes(series["deficit"] - equations["deficit"].substitute(known), 3, "deficit")
    _vanishes(series["forcing"] - equations["forcing"].substitute(known), 2, "forcing")
    if "kernel" in equations:
        _vanishes(series["kernel"] - equations["kernel"].substitute(known), 2, "kernel")
    demand(series["forcing-0"] + series["forcing-1"] == series["forcing"], "the parts of the forcing do not add up")
    demand("d" not in series["forcing-0"].names, "the first part of the forcing is of order zero in 1/d")
    demand("d" not in (series["forcing-1"] * Ratio.parameter("d")).names, "the second part is of first order in 1/d")


def _check_levels(summand: Ratio, levels: Any, name: str) -> None:
    y, delta = Ratio.parameter("y"), Ratio.parameter("delta")
    exact = summand.substitute({"m": 1 - delta, "X": (1 - y) / y})
    total = Ratio.of(0)
    for n, level in enumerate(levels):
        for k, coefficient in level.items():
            total = total + y ** int(k) * parse_number(coefficient) * delta**n
    remainder = (exact - total) / delta ** len(levels)
    at_zero = remainder.denominator.substitute({"delta": Ratio.of(0)})
    demand(len(levels) == 2 and bool(at_zero), f"the expansion of the summand {name} is not the one that follows")


def _vanishes(difference: Ratio, order: int, name: str) -> None:
    """The difference is O(d^-order): in e = 1/d its numerator is divisible by e^order."""
    e = Ratio.parameter("e")
    in_e = difference.substitute({"d": 1 / e}) / e**order
    at_zero = in_e.denominator.substitute({"e": Ratio.of(0)})
    demand(bool(at_zero) and at_zero != Fraction(0), f"the series of the {name} does not solve its equation")
