"""Laying the printed claims beside the derived ones: one `match` step for every printed region.

Nothing is judged here. The steps say which derived cells a printed region meets; the verdict is computed by the judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from derivations.paquette2024.loss_terms import LossTerms
from scaling_sym.algebra.cells import Cell
from scaling_sym.asymptotics.matching import record_match
from scaling_sym.claims.bundle import Claim
from scaling_sym.claims.recorder import Recorder

NAMES: Final = ("alpha", "beta")
Derived = Sequence[tuple[str, Cell]]


def compare_printed(
    printed: Sequence[Claim], claims: Sequence[Claim], phases: Derived, pieces: Sequence[LossTerms], recorder: Recorder
) -> list[Claim]:
    """The printed claims with the steps that place their regions."""
    domain = Cell.parse(["alpha > 0", "beta > 0"])
    admissible = domain.meet(Cell.parse(["2*alpha + 2*beta - 1 > 0"]))
    result = []
    for claim in printed:
        steps: list[str] = []
        if claim.kind == "printed-row":
            steps.append(record_match(Cell.parse(claim.region), domain, phases, NAMES, recorder))
        elif claim.kind == "printed-piece":
            known = [(c.steps[0], Cell.parse(c.region)) for c in claims
                     if c.kind == "piece" and c.statement["piece"] == claim.statement["piece"]]
            steps.append(record_match(Cell.parse(claim.region), admissible, known, NAMES, recorder))
        elif claim.kind == "printed-sum":
            known = [(p.steps["collect"], p.cell) for p in pieces]
            steps.append(record_match(Cell(), admissible, known, NAMES, recorder))
        elif claim.kind in ("printed-floor", "printed-stability"):
            name, key = ("floor", "order") if claim.kind == "printed-floor" else ("learning-rate", "learning_rate")
            known = [(p.steps[name], p.cell) for p in pieces]
            for row in claim.statement[key]:
                region = Cell.parse(row["region"])
                if all(s.relation != "=" for s in region.conditions):
                    steps.append(record_match(region, admissible, known, NAMES, recorder))
        result.append(replace(claim, steps=tuple(steps)))
    return result
