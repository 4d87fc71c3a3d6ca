"""The rules: what a step must satisfy, by the name of its rule. What each trusts, and why its check suffices: docs/checker.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proofs_check.framework import Rule
from proofs_check.rules import (
    better,
    corrections,
    counting,
    define,
    evaluate,
    expansions,
    identity,
    invert,
    join,
    lead,
    model,
    moment,
    optima,
    order,
    perturb,
    regions,
    send,
    solve_fields,
    spacing,
    sum_identity,
    tail,
    total,
    unstable,
    volterra,
    windows,
)

OTHERS: Final = (
    better, corrections, counting, define, evaluate, identity, invert, join, lead, model, moment, order, perturb, send,
    solve_fields, spacing, sum_identity, tail, total, unstable, volterra,
)
RULES: Final[Mapping[str, Rule]] = {
    **expansions.RULES, **windows.RULES, **regions.RULES, **optima.RULES,
    **{m.__name__.rsplit(".", 1)[1].replace("_", "-"): m.check for m in OTHERS},
}
