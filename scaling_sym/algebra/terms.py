"""Terms: constant * product of resource**exponent * product of log(monomial)**k, valid on a cell of the parameter space.

Exponents are rational functions of the parameters. Data and exact arithmetic only; which terms dominate others is decided in
`growth`. Not covered: oscillating terms, exponentially small terms, constants that depend on resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import ONE, Constant
from scaling_sym.algebra.ratios import Ratio, add_up


@final
@dataclass(frozen=True, slots=True)
class Monomial:
    """A product of resources to symbolic powers: pairs (resource, exponent), sorted, without zero exponents."""

    powers: tuple[tuple[str, Ratio], ...] = ()

    @staticmethod
    def of(powers: Mapping[str, Ratio | int]) -> Monomial:
        """The monomial with these exponents."""
        return _collect((n, Ratio.of(e)) for n, e in powers.items())

    def exponent(self, resource: str) -> Ratio:
        """The exponent of one resource; 0 where it does not occur."""
        return dict(self.powers).get(resource, Ratio.of(0))

    def __mul__(self, other: Monomial) -> Monomial:
        return _collect((*self.powers, *other.powers))

    def __pow__(self, power: Ratio | int) -> Monomial:
        return _collect((n, e * power) for n, e in self.powers)

    def substitute(self, values: Mapping[str, Ratio]) -> Monomial:
        """Replace parameters in the exponents."""
        return _collect((n, e.substitute(values)) for n, e in self.powers)

    def rate(self, ray: Mapping[str, Ratio]) -> Ratio:
        """The exponent with which the monomial grows along a ray."""
        return sum((e * ray[n] for n, e in self.powers if n in ray), Ratio.of(0))

    def __str__(self) -> str:
        return "*".join(f"{n}**({e})" for n, e in self.powers) or "1"


def _collect(powers: Iterable[tuple[str, Ratio]]) -> Monomial:
    return Monomial(tuple(sorted(add_up(powers).items())))


UNIT: Final = Monomial()
Logs = tuple[tuple[Monomial, Ratio], ...]


@final
@dataclass(frozen=True, slots=True)
class Term:
    """constant * monomial * logs, valid on `cell`; `name` says which piece of a model it is, where it is one."""

    monomial: Monomial
    constant: Constant = ONE
    logs: Logs = ()
    cell: Cell = Cell()  # noqa: RUF009
    name: str = ""

    def __mul__(self, other: Term) -> Term:
        return Term(self.monomial * other.monomial, self.constant * other.constant,
                    merge_logs((*self.logs, *other.logs)), self.cell.meet(other.cell), self.name or other.name)

    def __pow__(self, power: Ratio | int) -> Term:
        logs = merge_logs((m, k * power) for m, k in self.logs)
        return replace(self, monomial=self.monomial**power, constant=self.constant**power, logs=logs)

    def __str__(self) -> str:
        logs = "".join(f"*log({m})**({k})" for m, k in self.logs)
        return f"{self.constant}*{self.monomial}{logs}"


def substitute(term: Term, values: Mapping[str, Term]) -> Term:
    """Resources as terms in others; inside logarithms their constants are of lower order."""
    total = replace(term, monomial=UNIT, logs=merge_logs((substitute(Term(m), values).monomial, k) for m, k in term.logs))
    for name, exponent in term.monomial.powers:
        total = total * values.get(name, Term(Monomial.of({name: 1}))) ** exponent
    return total


def merge_logs(logs: Iterable[tuple[Monomial, Ratio]]) -> Logs:
    """Add the powers of logarithms of the same monomial; vanishing ones are dropped, the order is fixed."""
    return tuple(sorted(add_up(logs).items(), key=str))


def log_power(logs: Logs, ray: Mapping[str, Ratio]) -> Ratio:
    """The power of the logarithm that the log factors contribute along a ray (arguments that stand still: none)."""
    return sum((k for m, k in logs if m.rate(ray)), Ratio.of(0))


def merge_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Add the constants of terms with the same monomial, logs, cell and name; vanishing sums are dropped."""
    sums: dict[Term, Constant] = {}
    for t in terms:
        kind = replace(t, constant=ONE)
        sums[kind] = sums[kind] + t.constant if kind in sums else t.constant
    found = (replace(kind, constant=constant) for kind, constant in sums.items() if constant.coefficient)
    return tuple(sorted(found, key=lambda t: (str(t.monomial), str(t.logs), t.name)))
