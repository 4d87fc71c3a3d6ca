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
from scaling_sym.asymptotics.elimination import find_cofactors, write_factored
from scaling_sym.claims.frequencies import prime
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError

Equations = Mapping[str, str]
Total = tuple[str, Equations]
Turns = Sequence[tuple[str, str]]


class EquationBook(ABC):
    """The steps by name, and every equation that they conclude, of one model."""

    def __init__(self, recorder: Recorder, definition: Mapping[str, Any]) -> None:
        self.recorder = recorder
        self.steps: dict[str, str] = {"define": recorder.add("define", Cell(), conclusion=dict(definition))}
        self.known: dict[str, Ratio] = {}
        self.owner: dict[str, str] = {}
        self.sums: dict[str, str] = {}
        self.keep("define", self.steps["define"], definition["equations"])

    @abstractmethod
    def close(self) -> None:
        """The equations of the responses and correlations, from the totals."""

    def solve(self, equations: Mapping[sp.Symbol, sp.Expr]) -> None:
        """The fields solved for their sources: the inverse of the matrix of the linear equations holds the cofactors."""
        rows = sp.Matrix(list(equations.values()))
        inverse = rows.jacobian(list(equations)).inv()
        values = zip(equations, inverse.tolist(), inverse * rows, strict=True)
        found = [(str(field), row, sp.factor(field - sp.expand(sp.cancel(value)))) for field, row, value in values]
        concluded = {field: f"{field} - ({value})" for field, _, value in found}
        names = [str(f) for f in equations]
        certificate = {field: {n: parse_ratio(str(sp.cancel(c))) for n, c in zip(names, row, strict=True) if c}
                       for field, row, _ in found}
        premises = (self.steps["define"],)
        self.steps["fields"] = self.recorder.add("identity", Cell(), premises, {}, {"equations": concluded}, certificate)

    def sum_up(self, totals: Mapping[str, Total]) -> None:
        """Responses and correlations as sums over modes: name -> (value, the sums in it)."""
        for name, (value, sums) in totals.items():
            concluded = {name: f"{name} - ({value})"}
            premises = (self.steps["define"], self.steps["fields"])
            used = {n: text for n, text in sums.items() if n in parse_ratio(value).names}
            step = self.recorder.add("total", Cell(), premises, {"sums": used}, {"equations": concluded})
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

    def prove(self, name: str, goals: Mapping[str, tuple[str, Turns]]) -> None:
        """Record the step `identity` for goals given with the order of elimination; raises `UndecidedError`."""
        certificate: dict[str, dict[str, Ratio]] = {}
        for label, (goal, order) in goals.items():
            certificate[label] = found = find_cofactors(parse_ratio(goal), self.known, order)
            rest = found.pop("remainder")
            if rest:
                raise UndecidedError(f"{label}: {rest} remains")
        self._record(name, {label: goal for label, (goal, _) in goals.items()}, certificate, {})

    def _record(
        self, name: str, concluded: dict[str, str], certificate: Mapping[str, Mapping[str, Ratio]], given: Mapping[str, Any],
    ) -> None:
        used = {self.owner[source] for found in certificate.values() for source in found if source in self.owner}
        used |= {self.steps["define"]} if "sums" in given else set()
        premises = tuple(s.id for s in self.recorder.steps if s.id in used)
        proofs: Mapping[str, Mapping[str, Ratio | str]] = certificate
        if "sums" in given:  # multiplied out, the cofactors of summands are long
            proofs = {k: {s: write_factored(c) for s, c in found.items()} for k, found in certificate.items()}
        self.keep(name, self.recorder.add("identity", Cell(), premises, dict(given), {"equations": concluded}, proofs), concluded)

    def restrict(self, name: str, goals: Mapping[str, tuple[str, str]], at: Sequence[Mapping[str, str]]) -> None:
        """Record known equations after substitutions: label -> (equation, what it becomes)."""
        used = {self.owner[source] for source, _ in goals.values()}
        premises = tuple(s.id for s in self.recorder.steps if s.id in used)
        concluded = {label: text for label, (_, text) in goals.items()}
        certificate = {label: {source: "1"} for label, (source, _) in goals.items()}
        step = self.recorder.add("identity", Cell(), premises, {"at": list(at)}, {"equations": concluded}, certificate)
        self.keep(name, step, concluded)

    def relate(
        self, name: str, concluded: Equations, sums: Equations, turns: Turns = (), where: Equations | None = None,
        modulo: int | None = None,
    ) -> None:
        """Record relations between named sums, after the elimination of `turns` and with the restrictions `where`."""
        self.sums |= sums
        summands, values = ({n: parse_ratio(t) for n, t in table.items()} for table in (sums, where or {}))
        known = self.known | {n: Ratio.parameter(n) - value for n, value in values.items()}
        order, certificate = [*turns, *((n, n) for n in values)], {}
        for label, text in concluded.items():
            certificate[label] = found = find_cofactors(parse_ratio(text).substitute(summands), known, order)
            _demand_order(label, found.pop("remainder"), modulo)
        given: dict[str, Any] = {"sums": dict(sums)} | ({"where": dict(where)} if where else {})
        self._record(name, dict(concluded), certificate, given | ({"modulo": modulo} if modulo else {}))

    def combine(self, name: str, label: str, goal: str, cofactors: Equations, order: int | None = None) -> None:
        """Record an identity, exact or up to e^order, with cofactors found by hand."""
        found = {source: parse_ratio(cofactor) for source, cofactor in cofactors.items()}
        _demand_order(label, sum((c * self.known[s] for s, c in found.items()), -parse_ratio(goal)), order)
        self._record(name, {label: goal}, {label: found}, {} if order is None else {"modulo": order})


def _demand_order(label: str, rest: Ratio, order: int | None) -> None:
    """Raise `UndecidedError` unless what remains is zero, or e^order times something regular."""
    if order is not None:
        rest = rest / Ratio.parameter("e") ** order
    if rest and (order is None or not rest.denominator.substitute({"e": Ratio.of(0)})):
        raise UndecidedError(f"{label}: {rest} remains")


def both(sums: Equations) -> dict[str, str]:
    """The sums at both frequencies."""
    return {**sums, **{f"{n}_": str(prime(parse_ratio(t))) for n, t in sums.items()}}
