"""Terms: constant * product of resource**exponent * product of log(monomial)**k, valid on a cell of the parameter space.

Exponents are rational functions of the parameters. Data and exact arithmetic only; which terms dominate others is decided in
`growth`. Not covered: oscillating terms, exponentially small terms, constants that depend on resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import ONE, Constant, add_constants
from scaling_sym.algebra.ratios import Ratio


@final
@dataclass(frozen=True, slots=True)
class Monomial:
    """A product of resources to symbolic powers: pairs (resource, exponent), sorted, without zero exponents."""

    powers: tuple[tuple[str, Ratio], ...] = ()

    @staticmethod
    def of(powers: Mapping[str, Ratio | int]) -> Monomial:
        """The monomial with these exponents."""
        kept = ((n, Ratio.of(e)) for n, e in sorted(powers.items()))
        return Monomial(tuple((n, e) for n, e in kept if e))

    def exponent(self, resource: str) -> Ratio:
        """The exponent of one resource; 0 where it does not occur."""
        return dict(self.powers).get(resource, Ratio.of(0))

    def __mul__(self, other: Monomial) -> Monomial:
        total = dict(self.powers)
        for n, e in other.powers:
            total[n] = total.get(n, Ratio.of(0)) + e
        return Monomial.of(total)

    def __pow__(self, power: Ratio | int) -> Monomial:
        return Monomial.of({n: e * Ratio.of(power) for n, e in self.powers})

    def replace(self, values: Mapping[str, Monomial]) -> Monomial:
        """Write resources as monomials in others; resources not mentioned stay."""
        total = Monomial()
        for n, e in self.powers:
            total = total * values.get(n, Monomial(((n, Ratio.of(1)),))) ** e
        return total

    def substitute(self, values: Mapping[str, Ratio]) -> Monomial:
        """Replace parameters in the exponents."""
        return Monomial.of({n: e.substitute(values) for n, e in self.powers})

    def rate(self, ray: Mapping[str, Ratio]) -> Ratio:
        """The exponent with which the monomial grows along a ray."""
        return sum((e * ray.get(n, Ratio.of(0)) for n, e in self.powers), Ratio.of(0))

    def __str__(self) -> str:
        return "*".join(f"{n}**({e})" for n, e in self.powers) or "1"


UNIT: Final = Monomial()
Logs = tuple[tuple[Monomial, Ratio], ...]


@final
@dataclass(frozen=True, slots=True)
class Term:
    """constant * monomial * logs, valid on `cell`; `name` says which piece of a model it is, where it is one."""

    monomial: Monomial
    constant: Constant = ONE
    logs: Logs = ()
    cell: Cell = field(default_factory=Cell)
    name: str = ""

    def __mul__(self, other: Term) -> Term:
        return Term(self.monomial * other.monomial, self.constant * other.constant,
                    merge_logs((*self.logs, *other.logs)), self.cell.meet(other.cell), self.name or other.name)

    def replace(self, values: Mapping[str, Monomial]) -> Term:
        """Write resources as monomials in others, in the powers and in the logarithms."""
        logs = merge_logs((m.replace(values), k) for m, k in self.logs)
        return Term(self.monomial.replace(values), self.constant, logs, self.cell, self.name)

    def __str__(self) -> str:
        logs = "".join(f"*log({m})**({k})" for m, k in self.logs)
        return f"{self.constant}*{self.monomial}{logs}"


def merge_logs(logs: Iterable[tuple[Monomial, Ratio]]) -> Logs:
    """Add the powers of logarithms of the same monomial; vanishing ones are dropped, the order is fixed."""
    merged: dict[Monomial, Ratio] = {}
    for m, k in logs:
        merged[m] = merged.get(m, Ratio.of(0)) + k
    return tuple(sorted(((m, k) for m, k in merged.items() if k), key=str))


def log_power(logs: Logs, ray: Mapping[str, Ratio]) -> Ratio:
    """The power of the logarithm that the log factors contribute along a ray (arguments that stand still: none)."""
    return sum((k for m, k in logs if m.rate(ray)), Ratio.of(0))


def merge_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Add the constants of terms with the same name, monomial, logs and cell; vanishing sums are dropped, the order is fixed."""
    groups: dict[Term, list[Constant]] = {}
    for t in terms:
        groups.setdefault(replace(t, constant=ONE), []).append(t.constant)
    summed = (replace(t, constant=add_constants(constants)) for t, constants in groups.items())
    return tuple(sorted((t for t in summed if t.constant.coefficient), key=lambda t: (str(t.monomial), str(t.logs), t.name)))
