"""The rules, one file each: what a step of that rule must satisfy."""

from __future__ import annotations

from typing import Final

from proofs_check.framework import Rule
from proofs_check.rules import (
    absorb,
    collect,
    collect_flow,
    combine,
    continuity,
    corrections,
    cover,
    define,
    evaluate,
    floor,
    glue,
    identity,
    invert,
    lead,
    learning_rate,
    levels,
    log_optimum,
    match,
    model,
    optimum,
    order,
    perturb,
    power_law,
    power_sum,
    prefactor,
    renew,
    send,
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
        collect_flow,
        combine,
        continuity,
        corrections,
        cover,
        define,
        evaluate,
        floor,
        glue,
        identity,
        invert,
        lead,
        learning_rate,
        levels,
        log_optimum,
        match,
        model,
        optimum,
        order,
        perturb,
        power_law,
        power_sum,
        prefactor,
        renew,
        send,
        solve_fields,
        sum_identity,
        total,
        trace,
        transfer,
    )
}
