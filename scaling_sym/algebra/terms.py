"""Terms, expansions and their growth: the three layers of asymptotic arithmetic with symbolic exponents.

A `Term` is  constant * product of resource**exponent * product of log(monomial)**k,  valid on a cell of the parameter
space. Exponents are rational functions of the parameters. An `Expansion` is a sum of terms and an error: the list of
monomials (with logs) that bound what was left out.

How resources grow together is a `Growth`: the cone, in the logarithms of the resources, spanned by finitely many
*rays*. The window d^(-2 alpha) << u << 1 with d -> infinity, for instance, has the rays (d, u) = (1, 0) and
(1, -2 alpha). A monomial is dominated by another in the whole cone iff it is so on every ray, because logarithms of
monomials are linear. *Absorption* removes the dominated terms; it is the one operation that loses information, and it
only ever acts on certified comparisons (`signs.compare_exponents`).

Not covered: oscillating terms, exponentially small terms, constants that depend on resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import ONE, Constant, add_constants
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Order, compare_exponents, implied
from scaling_sym.errors import UndecidedError


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
Logs = tuple[tuple[Monomial, int], ...]


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
        logs = dict(self.logs)
        for m, k in other.logs:
            logs[m] = logs.get(m, 0) + k
        kept = tuple(sorted(((m, k) for m, k in logs.items() if k), key=str))
        joint = self.name or other.name
        return Term(self.monomial * other.monomial, self.constant * other.constant, kept,
                    self.cell.meet(other.cell), joint)

    def replace(self, values: Mapping[str, Monomial]) -> Term:
        """Write resources as monomials in others, in the powers and in the logarithms."""
        logs = tuple(sorted(((m.replace(values), k) for m, k in self.logs), key=str))
        return Term(self.monomial.replace(values), self.constant, logs, self.cell, self.name)

    def __str__(self) -> str:
        logs = "".join(f"*log({m})**{k}" for m, k in self.logs)
        return f"{self.constant}*{self.monomial}{logs}"


@final
@dataclass(frozen=True, slots=True)
class Growth:
    """The cone in which the resources grow: one mapping resource -> rate for each ray."""

    rays: tuple[Mapping[str, Ratio], ...]

    def compare(self, left: Term, right: Term, cell: Cell, names: Sequence[str]) -> Order | None:
        """How `left` compares with `right` in the whole open cone; `None` where the rays disagree.

        Along a ray on which the powers tie, logarithms whose argument grows there decide. Raises `UndecidedError`
        where an exponent has no certified sign on the cell.
        """
        orders = {self._compare_on_ray(left, right, ray, cell, names) for ray in self.rays}
        if orders == {Order.EQUAL}:
            return Order.EQUAL if left.logs == right.logs else None
        if orders <= {Order.LESS, Order.EQUAL}:
            return Order.LESS
        if orders <= {Order.GREATER, Order.EQUAL}:
            return Order.GREATER
        return None

    def _compare_on_ray(
        self, left: Term, right: Term, ray: Mapping[str, Ratio], cell: Cell, names: Sequence[str]
    ) -> Order:
        result = compare_exponents(left.monomial.rate(ray), right.monomial.rate(ray), cell, names)
        if result.order is Order.SPLIT:
            raise UndecidedError(f"{left.monomial} against {right.monomial} turns on the sign of {result.polynomial}")
        if result.order is not Order.EQUAL:
            return result.order
        excess = log_power(left.logs, ray) - log_power(right.logs, ray)
        return Order.EQUAL if excess == 0 else Order.LESS if excess < 0 else Order.GREATER


def log_power(logs: Logs, ray: Mapping[str, Ratio]) -> int:
    """The power of the logarithm that the log factors contribute along a ray (arguments that stand still: none)."""
    return sum(k for m, k in logs if m.rate(ray))


@final
@dataclass(frozen=True, slots=True)
class Expansion:
    """A sum of terms, plus an error of the order of the terms in `errors` (their constants are meaningless)."""

    terms: tuple[Term, ...]
    errors: tuple[Term, ...] = ()

    def __add__(self, other: Expansion) -> Expansion:
        return Expansion(merge_terms((*self.terms, *other.terms)), (*self.errors, *other.errors))

    def __mul__(self, other: Expansion) -> Expansion:
        terms = merge_terms(a * b for a in self.terms for b in other.terms)
        errors = [a * b for a in self.errors for b in (*other.terms, *other.errors)]
        errors += [a * b for a in self.terms for b in other.errors]
        return Expansion(terms, tuple(errors))

    def scale(self, factor: Term) -> Expansion:
        """The product with one exact term."""
        return Expansion(tuple(t * factor for t in self.terms), tuple(t * factor for t in self.errors))

    def replace(self, values: Mapping[str, Monomial]) -> Expansion:
        """Write resources as monomials in others."""
        return Expansion(
            merge_terms(t.replace(values) for t in self.terms), tuple(t.replace(values) for t in self.errors)
        )

    def absorb(self, growth: Growth, cell: Cell, names: Sequence[str]) -> Expansion:
        """Drop every term that another term, or the error, dominates in the whole cone.

        What is dropped in favour of another term goes to the errors, so that the result is still true when the leading
        terms cancel later. A term that is not proved to be valid on all of `cell` dominates nothing.
        """
        kept = [t for t in self.terms if not _dominated(t, (*self.terms, *self.errors), growth, cell, names)]
        dropped = [t for t in self.terms if t not in kept]
        bounds = {(e.monomial, e.logs, e.cell): e for e in (*dropped, *self.errors)}
        unique = tuple(bounds.values())
        return Expansion(tuple(kept), tuple(e for e in unique if not _dominated(e, unique, growth, cell, names)))


def merge_terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Add the constants of terms with the same monomial, logs and cell; vanishing sums are dropped."""
    groups: dict[tuple[Monomial, Logs, Cell], list[Term]] = {}
    for t in terms:
        groups.setdefault((t.monomial, t.logs, t.cell), []).append(t)
    merged = []
    for (monomial, logs, cell), group in groups.items():
        constant = add_constants(t.constant for t in group)
        if constant.coefficient:
            merged.append(Term(monomial, constant, logs, cell, group[0].name))
    return tuple(sorted(merged, key=lambda t: (str(t.monomial), str(t.logs))))


def _dominated(term: Term, others: Sequence[Term], growth: Growth, cell: Cell, names: Sequence[str]) -> bool:
    return any(
        o is not term and _covers(o.cell, cell) and growth.compare(term, o, cell, names) is Order.LESS for o in others
    )


def _covers(outer: Cell, inner: Cell) -> bool:
    """Whether every condition of `outer` is proved on `inner`."""
    return all(sign in inner.conditions or implied(sign, inner) is not None for sign in outer.conditions)
