"""The layout tree: what a formula looks like, before it is written in LaTeX or in plain text.

Mathematical objects are arranged into this tree once (`formulas`, `conditions`), and two writers print it (`latex`,
`plain`). The tree knows sums, products, quotients, powers, roots, calls, integrals, chains of relations, lists and
words; it knows no algebra. Brackets are not stored: a writer puts them where the precedence of a child is too low.

Not covered: matrices, line breaks in long formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias, final

SUM: Final = 1
PRODUCT: Final = 2
POWER: Final = 3
ATOM: Final = 4


@final
@dataclass(frozen=True, slots=True)
class Number:
    """A whole number, not negative (a minus sign belongs to a `Sum`)."""

    value: int


@final
@dataclass(frozen=True, slots=True)
class Symbol:
    """A parameter or resource by its name in the project, such as `alpha`, `alpha_K`, `F_pp`."""

    name: str


@final
@dataclass(frozen=True, slots=True)
class Mark:
    """A fixed sign that is no parameter: `pi`, `euler` (the Euler-Mascheroni constant), `infinity`."""

    name: str


@final
@dataclass(frozen=True, slots=True)
class Sum:
    """Parts with their signs `+`, `-` or `±`; a single part with `-` is a negation."""

    parts: tuple[tuple[str, Node], ...]


@final
@dataclass(frozen=True, slots=True)
class Product:
    """Two or more factors, in the order in which they are written."""

    factors: tuple[Node, ...]


@final
@dataclass(frozen=True, slots=True)
class Quotient:
    """A fraction."""

    above: Node
    below: Node


@final
@dataclass(frozen=True, slots=True)
class Power:
    """A base with an exponent."""

    base: Node
    exponent: Node


@final
@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    inside: Node


@final
@dataclass(frozen=True, slots=True)
class Call:
    """A function out of `gamma`, `zeta`, `sin`, `log`, `kappa`, `O`, with an index where it has one."""

    function: str
    arguments: tuple[Node, ...]
    index: Node | None = None


@final
@dataclass(frozen=True, slots=True)
class Integral:
    """The integral of a node over a variable from `low` to `high`."""

    integrand: Node
    variable: Symbol
    low: Node
    high: Node


@final
@dataclass(frozen=True, slots=True)
class Chain:
    """Sides joined by one relation `<`, `>` or `=`, as in 1/4 < alpha < 1/2."""

    sides: tuple[Node, ...]
    relation: str


@final
@dataclass(frozen=True, slots=True)
class Listing:
    """Items that hold together (`and`, written with commas) or of which one holds (`or`)."""

    items: tuple[Node, ...]
    joint: str


@final
@dataclass(frozen=True, slots=True)
class Words:
    """A few words of prose inside a formula."""

    text: str


Node: TypeAlias = (
    Number | Symbol | Mark | Sum | Product | Quotient | Power | Root | Call | Integral | Chain | Listing | Words
)
ZERO: Final = Number(0)
UNITY: Final = Number(1)


def negate(node: Node) -> Node:
    """The node with a minus sign before it."""
    return Sum((("-", node),))


def multiply(factors: Iterable[Node]) -> Node:
    """The product without factors 1, products inside it written out; 1 for none."""
    flat: list[Node] = []
    for factor in factors:
        flat.extend(factor.factors if isinstance(factor, Product) else [factor])
    kept = [f for f in flat if f != UNITY]
    return kept[0] if len(kept) == 1 else Product(tuple(kept)) if kept else UNITY


def divide(above: Node, below: Node) -> Node:
    """The quotient, or the numerator itself above 1."""
    return above if below == UNITY else Quotient(above, below)


def rational(value: Fraction | int) -> Node:
    """A rational number."""
    exact = Fraction(value)
    size = divide(Number(abs(exact.numerator)), Number(exact.denominator))
    return negate(size) if exact < 0 else size


def add(parts: Sequence[tuple[str, Node]]) -> Node:
    """The sum of signed parts; 0 for none, the part itself for one with `+`."""
    if not parts:
        return ZERO
    return parts[0][1] if len(parts) == 1 and parts[0][0] == "+" else Sum(tuple(parts))


def precedence(node: Node, inline: bool) -> int:
    """How tightly a node holds together; a quotient is an atom where it is stacked, a product where it is inline."""
    match node:
        case Sum() | Integral() | Chain() | Listing() | Words():
            return SUM
        case Product():
            return PRODUCT
        case Quotient():
            return PRODUCT if inline else POWER
        case Power():
            return POWER
        case _:
            return ATOM


def is_tall(node: Node, inline: bool) -> bool:
    """Whether a stacked fraction, a root or an integral makes the node higher than a line."""
    match node:
        case Quotient(above, below):
            return not inline or is_tall(above, inline) or is_tall(below, inline)
        case Root() | Integral():
            return True
        case Sum(parts):
            return any(is_tall(part, inline) for _, part in parts)
        case Product(items) | Call(_, items) | Chain(items, _) | Listing(items, _):
            return any(is_tall(item, inline) for item in items)
        case Power(base, _):
            return is_tall(base, inline)
        case _:
            return False


def weigh(node: Node) -> int:
    """The number of signs on paper, a pair of brackets in a product counting once; used to choose the shorter form."""
    match node:
        case Sum(parts):
            return sum(1 + weigh(part) for _, part in parts) - (parts[0][0] == "+")
        case Product(factors):
            return sum(weigh(f) + isinstance(f, Sum) for f in factors)
        case Quotient(above, below):
            return weigh(above) + weigh(below) + 1
        case Power(base, exponent):
            return weigh(base) + isinstance(base, Sum) + weigh(exponent)
        case _:
            return 1
