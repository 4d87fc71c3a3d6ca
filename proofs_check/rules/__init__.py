"""The rules, one file each: what a step of that rule must satisfy."""

from __future__ import annotations

from typing import Final

from proofs_check.framework import Rule
from proofs_check.rules import (
    absorb,
    collect,
    combine,
    continuity,
    cover,
    define,
    floor,
    glue,
    identity,
    learning_rate,
    levels,
    log_optimum,
    match,
    model,
    optimum,
    perturb,
    power_sum,
    prefactor,
    renew,
    solve_fields,
    sum_identity,
    total,
    trace,
    transfer,
)

RULES: Final[dict[str, Rule]] = {
    module.__name__.rsplit(".", 1)[1].replace("_", "-"): module.check
    for module in (
        absorb,
        collect,
        combine,
        continuity,
        cover,
        define,
        floor,
        glue,
        identity,
        learning_rate,
        levels,
        log_optimum,
        match,
        model,
        optimum,
        perturb,
        power_sum,
        prefactor,
        renew,
        solve_fields,
        sum_identity,
        total,
        trace,
        transfer,
    )
}
