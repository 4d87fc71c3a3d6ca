"""Rule `sum-identity`: linear relations between named sums over modes, proved mode by mode.

Checked: with the summands in place of the names every equation vanishes identically; or, where the step has `modulo` [e, n], it
is divisible by e^n. Two kinds of substitution are made first, and each is concluded as an equation: `new` gives a name to
something, as R1 = D/(kappa R3) defines kappa (the name must be new); `where` restricts what follows, as to R3 = 1 or to one
frequency, and everything below holds under that restriction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from proofs_check.framework import Context, demand
from proofs_check.named_sums import check_sums, combine_sums, prime
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio


def check(context: Context) -> None:
    """Verify every relation on one mode."""
    given, define = context.step.given, context.ancestors("define")
    demand(context.cell == Cell() and len(define) == 1, "the sums are those of one model")
    check_sums(context, given["sums"])
    values = _substitutions(context)
    for name, text in context.step.conclusion["equations"].items():
        if parse_ratio(text) in values[1]:
            continue
        summand = combine_sums(parse_ratio(text), given["sums"], define[0].conclusion["mode-symbols"])
        moved = summand.substitute(values[0])
        if given.get("modulo"):
            demand(divisible(moved, *given["modulo"]), f"{name} does not hold to this order")
        else:
            demand(not moved, f"{name} does not hold on a mode")


def _substitutions(context: Context) -> tuple[dict[str, Ratio], list[Ratio]]:
    """What is replaced, at both frequencies, and the equations that say so."""
    given, body = context.step.given, [parse_ratio(t) for t in context.step.conclusion["equations"].values()]
    above = _words(json.dumps([s.body() for s in context.ancestors_all()]))
    values: dict[str, Ratio] = {}
    for new, (_, text) in given.get("new", {}).items():
        demand(new in parse_ratio(text).names and not {new, new + "_"} & above, f"{new} is not a new name")
    for old, value in replacements(given):
        values |= {old: value, old + "_": prime(value)}
    said = [Ratio.parameter(old) - value for old, value in replacements(given)]
    demand(all(e in body for e in said), "a substitution is not concluded")
    return values, said


def replacements(given: Mapping[str, Any]) -> list[tuple[str, Ratio]]:
    """What a step replaces by what, under `new` and under `where`."""
    pairs = [*given.get("new", {}).values(), *given.get("where", {}).items()]
    return [(old, parse_ratio(text)) for old, text in pairs]


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


def divisible(value: Ratio, small: str, order: int) -> bool:
    """Whether the value is small^order times something regular at small = 0."""
    rest = value / Ratio.parameter(small) ** order
    return bool(rest.denominator.substitute({small: Ratio.of(0)}))
