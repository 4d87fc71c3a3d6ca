"""The recorder of a derivation: it collects steps in order, and hands out their ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, final

from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Claim
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.steps import Step, list_restrictions


@final
class Recorder:
    """Collects the steps of a derivation in order; equal steps are recorded once."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.steps: list[Step] = []
        self._known: dict[str, str] = {}

    def add(
        self, rule: str, cell: Any, premises: tuple[str, ...] = (), given: Any = None, conclusion: Any = None,
        certificate: Any = None,
    ) -> str:
        """Record a step and return its id; mathematical objects are encoded."""
        parts = (encode(cell), encode(given), encode(conclusion), encode(certificate))
        key = json.dumps([rule, premises, *parts], sort_keys=True)
        if key not in self._known:
            identifier = f"{self.prefix}{len(self.steps) + 1:03d}"
            self.steps.append(Step(identifier, rule, parts[0], premises, parts[1], parts[2], parts[3]))
            self._known[key] = identifier
        return self._known[key]

    def state_equation(self, name: str, equation: Ratio, sums: Mapping[str, str], step: str) -> dict[str, Any]:
        """The statement that an expression vanishes, by a step: what its sums mean, under which restrictions, to which order."""
        used = {step}
        for s in reversed(self.steps):
            used |= set(s.premises) if s.id in used else set()
        above = [s for s in self.steps if s.id in used]
        named = {n: t for n, t in sums.items() if n in equation.names}
        order = (above[-1].given or {}).get("modulo")
        return {"name": name, "equation": str(equation), "sums": named, "where": list_restrictions(above), "order": order}

    def list_used(self, claims: Iterable[Claim]) -> tuple[Step, ...]:
        """The steps on which claims rest, near or far, and what is said of phases that meet; the others prove nothing here."""
        used = {s.id for s in self.steps if s.rule in ("cover", "continuity")}.union(*(c.steps for c in claims))
        for step in reversed(self.steps):
            used |= set(step.premises) if step.id in used else set()
        return tuple(s for s in self.steps if s.id in used)
