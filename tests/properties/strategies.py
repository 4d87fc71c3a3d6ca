"""Hypothesis strategies for the exact algebra and for points of a phase diagram."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constants import Atom, Constant, gamma, zeta
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.asymptotics.phases import PhaseDiagram

NAMES = ("x", "y")
Place = dict[str, Fraction]

rationals = st.fractions(-5, 5, max_denominator=12)
positive = st.fractions(Fraction(1, 12), 5, max_denominator=12)
points = st.fixed_dictionaries(dict.fromkeys(NAMES, rationals))


def linear() -> st.SearchStrategy[Ratio]:
    """Polynomials of degree at most one."""
    return st.tuples(rationals, rationals, rationals).map(
        lambda c: Ratio.parameter("x") * c[0] + Ratio.parameter("y") * c[1] + c[2]
    )


def _join(children: st.SearchStrategy[Ratio]) -> st.SearchStrategy[Ratio]:
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.filter(lambda p: bool(p[1])).map(lambda p: p[0] / p[1]),
        st.tuples(children, st.integers(0, 3)).map(lambda p: p[0] ** p[1]),
    )


leaves = st.one_of(rationals.map(Ratio.of), st.sampled_from([Ratio.parameter(n) for n in NAMES]))
ratios = st.recursive(leaves, _join, max_leaves=6)


small_ratios = st.recursive(leaves, _join, max_leaves=4).filter(lambda r: max(r.degree, r.denominator.degree) <= 3)


@st.composite
def linear_cells(draw: st.DrawFn) -> Cell:
    """A cell of up to three linear conditions that holds at a drawn point, so that it is not empty."""
    inside = draw(points)
    signs = []
    for polynomial in draw(st.lists(linear(), min_size=0, max_size=3)):
        if not polynomial.is_constant and polynomial.at(inside) != 0:
            signs.append(Sign.of(polynomial, ">" if polynomial.at(inside) > 0 else "<"))
    return Cell.of(signs)


@st.composite
def constants(draw: st.DrawFn) -> Constant:
    """Products of gamma functions, zetas and powers, whose arguments are positive for x, y > 0."""
    x, y = Ratio.parameter("x"), Ratio.parameter("y")
    arguments = st.sampled_from([x, y, x + y, x + 1, y + 2, x / 2 + 3, x / y])
    total = Constant.of(draw(positive))
    for _ in range(draw(st.integers(1, 4))):
        argument = draw(arguments)
        atom = draw(st.sampled_from([
            gamma(argument), zeta(argument + 2), Constant.of(argument) ** (x / 3), Constant.of(Atom("pi")),
            Constant.of(argument),
        ]))
        total = total * atom ** draw(st.sampled_from([-2, -1, 1, 2]))
    return total


def shift_into(cell: Cell, start: Place, direction: Sequence[Fraction]) -> Place:
    """The point `start` moved along a direction, halving the step until it is inside the open cell."""
    step = Fraction(1)
    while True:
        moved = {n: start[n] + step * e for n, e in zip(sorted(start), direction, strict=True)}
        if cell.contains(moved):
            return moved
        step /= 2


@st.composite
def inside_phase(draw: st.DrawFn, diagram: PhaseDiagram) -> tuple[int, Place]:
    """A phase and a point of it, in any direction from its witness, far or near."""
    index = draw(st.integers(0, len(diagram.phases) - 1))
    phase = diagram.phases[index]
    direction = draw(st.tuples(*[st.fractions(-8, 8, max_denominator=50) for _ in phase.witness]))
    return index, shift_into(phase.cell, phase.witness, direction)


@st.composite
def near_wall(draw: st.DrawFn, diagram: PhaseDiagram) -> tuple[tuple[int, int], Place]:
    """The two phases of a wall and a point on its segment within 2^-depth of the wall, on either side."""
    wall = draw(st.sampled_from(diagram.walls))
    low, high = (dict(p) for p in wall.segment)
    for _ in range(draw(st.integers(5, 80))):
        middle = {n: (low[n] + high[n]) / 2 for n in low}
        value = wall.polynomial.at(middle)
        if value == 0:  # the wall itself is another test's matter: step aside
            middle = {n: (2 * low[n] + high[n]) / 3 for n in low}
            value = wall.polynomial.at(middle)
        if (value > 0) == (wall.polynomial.at(low) > 0):
            low = middle
        else:
            high = middle
    return wall.phases, draw(st.sampled_from([low, high]))


@st.composite
def in_corner(draw: st.DrawFn, corners: Sequence[tuple[Place, ...]]) -> Place:
    """A point within 0.1 to 1e-28 of a corner, in a drawn direction along no axis and not along the diagonal."""
    corner = draw(st.sampled_from(corners))[0]
    scale = Fraction(1, 10 ** draw(st.integers(3, 30)))
    nonzero = st.integers(-97, 97).filter(bool)
    direction = draw(st.lists(nonzero, min_size=len(corner), max_size=len(corner), unique=True))
    return {n: corner[n] + scale * e for n, e in zip(sorted(corner), direction, strict=True)}
