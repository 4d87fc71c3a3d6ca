"""A book of equations: expressions that vanish, by name, each with the step that proved it.

Every equation is kept at both frequencies. What is proved is recorded with its certificate: cofactors found by elimination
(`prove`), by hand up to some order (`combine`), known equations after substitutions (`restrict`), relations between sums over
modes (`relate`), and totals of fields (`solve`, `sum_up`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.asymptotics.elimination import divisors, find_cofactors
from scaling_sym.claims.frequencies import prime
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError

Equations = Mapping[str, str]
Total = tuple[int, str, Equations]


class EquationBook(ABC):
    """The steps by name, and every equation that they conclude, of one model."""

    def __init__(self, recorder: Recorder, definition: Mapping[str, Any]) -> None:
        self.recorder = recorder
        self.steps: dict[str, str] = {"define": recorder.add("define", Cell(), conclusion=dict(definition))}
        self.known: dict[str, Ratio] = {}
        self.owner: dict[str, str] = {}
        self.sums: dict[str, str] = {}
        self.keep("define", self.steps["define"], definition["relations"])

    @abstractmethod
    def close(self) -> None:
        """The equations of the responses and correlations, from the totals."""

    def solve(self, groups: Sequence[Mapping[sp.Symbol, sp.Expr]]) -> None:
        """The fields of each group, solved for their sources."""
        for i, group in enumerate(groups):
            (solution,) = sp.linsolve(list(group.values()), list(group))
            fields = {str(f): str(sp.factor(x)) for f, x in zip(group, solution, strict=True)}
            step = self.recorder.add("solve-fields", Cell(), (self.steps["define"],), {"group": i}, {"fields": fields})
            self.steps[f"fields-{i}"] = step

    def sum_up(self, totals: Mapping[str, Total]) -> None:
        """Responses and correlations as sums over modes: name -> (group of its field, value, the sums in it)."""
        for name, (group, value, sums) in totals.items():
            concluded = {name: f"{name} - ({value})"}
            premises = (self.steps["define"], self.steps[f"fields-{group}"])
            step = self.recorder.add("total", Cell(), premises, {"total": name, "sums": dict(sums)}, {"equations": concluded})
            self.keep(name, step, concluded)
            self.sums |= sums

    def keep(self, name: str, step: str, equations: Equations) -> None:
        """Remember a step and its equations, at both frequencies."""
        self.steps[name] = step
        for key, text in equations.items():
            value = parse_ratio(text)
            for label, one in ((key, value), (key + "_", prime(value))):
                if label == key or not any(n.endswith("_") for n in value.names):
                    self.known[label], self.owner[label] = one, step

    def prove(
        self, name: str, goals: Mapping[str, tuple[str, Sequence[tuple[str, str]]]], at: Sequence[Mapping[str, str]] = (),
        modulo: tuple[str, int] | None = None,
    ) -> None:
        """Record the step `identity` for goals given with the order of elimination; raises `UndecidedError`."""
        certificate: dict[str, dict[str, Ratio]] = {}
        concluded: dict[str, str] = {}
        for label, (goal, order) in goals.items():
            found = find_cofactors(parse_ratio(goal), self.known, order)
            rest = found.pop("remainder")
            if rest and not modulo:
                raise UndecidedError(f"{label}: {rest} remains")
            certificate[label] = found
            concluded[label] = goal
        self._record(name, concluded, certificate, at, modulo)

    def _record(
        self, name: str, concluded: dict[str, str], certificate: Mapping[str, Mapping[str, Ratio]],
        at: Sequence[Mapping[str, str]], modulo: tuple[str, int] | None,
    ) -> None:
        used = {self.owner[source] for found in certificate.values() for source in found}
        premises = tuple(s.id for s in self.recorder.steps if s.id in used)
        nonzero = divisors({f"{k}:{s}": c for k, v in certificate.items() for s, c in v.items()})
        given: dict[str, Any] = {"nonzero": nonzero}
        if at:
            given["at"] = list(at)
        if modulo:
            given["modulo"] = list(modulo)
        self.keep(name, self.recorder.add("identity", Cell(), premises, given, {"equations": concluded}, certificate), concluded)

    def restrict(
        self, name: str, goals: Mapping[str, tuple[str, str]], at: Sequence[Mapping[str, str]], nonzero: Sequence[str] = (),
    ) -> None:
        """Record known equations after substitutions: label -> (equation, what it becomes)."""
        used = {self.owner[source] for source, _ in goals.values()}
        premises = tuple(s.id for s in self.recorder.steps if s.id in used)
        concluded = {label: text for label, (_, text) in goals.items()}
        certificate = {label: {source: "1"} for label, (source, _) in goals.items()}
        given = {"nonzero": list(nonzero), "at": list(at)}
        self.keep(name, self.recorder.add("identity", Cell(), premises, given, {"equations": concluded}, certificate), concluded)

    def relate(self, name: str, above: Sequence[str], concluded: Equations, **given: Any) -> None:
        """Record relations between named sums."""
        premises = tuple(self.steps[a] for a in above)
        self.sums |= given["sums"]
        self.keep(name, self.recorder.add("sum-identity", Cell(), premises, given, {"equations": dict(concluded)}), concluded)

    def combine(self, name: str, label: str, goal: str, cofactors: Equations, order: int | None = None) -> None:
        """Record an identity, exact or up to e^order, with cofactors found by hand."""
        total = Ratio.of(0)
        for source, cofactor in cofactors.items():
            total = total + parse_ratio(cofactor) * self.known[source]
        rest = total - parse_ratio(goal)
        if order is not None:
            rest = rest / Ratio.parameter("e") ** order
        if rest and (order is None or not rest.denominator.substitute({"e": Ratio.of(0)})):
            raise UndecidedError(f"{label}: {rest} remains")
        found = {source: parse_ratio(cofactor) for source, cofactor in cofactors.items()}
        self._record(name, {label: goal}, {label: found}, (), None if order is None else ("e", order))


def both(sums: Equations) -> dict[str, str]:
    """The sums at both frequencies."""
    return {**sums, **{f"{n}_": str(prime(parse_ratio(t))) for n, t in sums.items()}}
