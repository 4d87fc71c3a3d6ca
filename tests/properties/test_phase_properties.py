"""The phases of power-law random features at drawn points: inside, near walls, in corners.

Brute force in fractions is the reference. At the end of the module a fixture fails the run if a phase, or a wall, was
never drawn: a green run then means that all of them were tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaling_sym.asymptotics.phases import PhaseDiagram, find_phases
from tests.asymptotics.plrf_by_hand import plrf_problem
from tests.peers.brute_force import minimise_line, plrf_terms
from tests.properties.strategies import Place, in_corner, inside_phase, near_wall


@cache
def diagram() -> PhaseDiagram:
    return find_phases(plrf_problem())


def corner(alpha: Fraction, beta: Fraction) -> tuple[Place]:
    return ({"alpha": alpha, "beta": beta},)


# The last is a convergent of 1 - 1/sqrt 2 (the error is 1e-16), where the quadratic wall meets 2 beta = 1.
CORNERS = [
    corner(Fraction(1, 2), Fraction(1, 2)), corner(Fraction(1, 4), Fraction(1, 2)),
    corner(1 - Fraction(38613965, 54608393), Fraction(1, 2)),
]


@pytest.fixture(scope="module")
def drawn() -> Iterator[set[object]]:
    seen: set[object] = set()
    yield seen
    phases, walls = set(range(len(diagram().phases))), {w.phases for w in diagram().walls}
    assert phases <= seen, f"phases never drawn: {sorted(phases - {s for s in seen if isinstance(s, int)})}"
    assert walls <= seen, "walls never drawn"


def owner_of(at: Place) -> int:
    """The one phase that contains the point, checked against brute force."""
    owners = [i for i, ph in enumerate(diagram().phases) if ph.cell.contains(at)]
    assert len(owners) == 1
    phase = diagram().phases[owners[0]]
    reference = minimise_line(plrf_terms(at["alpha"], at["beta"]), "d", "r")
    assert phase.vertex.loss.at(at) == reference.loss
    if reference.loss:
        assert frozenset(phase.label[0]) == reference.active
        assert reference.places == (tuple(phase.vertex.sizes[n].at(at) for n in ("d", "r")),)
    return owners[0]


@given(st.data())
@settings(max_examples=120)
def test_inside(drawn: set[object], data: st.DataObject) -> None:
    index, at = data.draw(inside_phase(diagram()))
    assert owner_of(at) == index
    drawn.add(index)


@given(st.data())
@settings(max_examples=100)
def test_near_walls(drawn: set[object], data: st.DataObject) -> None:
    """One of the two neighbours owns the point, and the loss exponent of the other is close to it there."""
    pair, at = data.draw(near_wall(diagram()))
    owner = owner_of(at)
    assert owner in pair
    drawn.add(pair)
    drawn.add(owner)


@given(st.data())
def test_in_corners(drawn: set[object], data: st.DataObject) -> None:
    drawn.add(owner_of(data.draw(in_corner(CORNERS))))


@given(st.data())
def test_neighbours_agree_on_the_wall(data: st.DataObject) -> None:
    """Exactly on a straight wall no phase owns the point, and both neighbours have the same loss exponent there."""
    wall = data.draw(st.sampled_from([w for w in diagram().walls if w.polynomial.degree == 1]))
    low, high = wall.segment
    a, b = wall.polynomial.at(low), wall.polynomial.at(high)
    at = {n: low[n] + (high[n] - low[n]) * a / (a - b) for n in low}
    assert wall.polynomial.at(at) == 0
    assert not any(ph.cell.contains(at) for ph in diagram().phases)
    first, second = (diagram().phases[i].vertex.loss.at(at) for i in wall.phases)
    assert first == second
