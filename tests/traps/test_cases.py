"""Every trap of the table is refused or split, and every neighbour has the answer that its source says."""

from __future__ import annotations

import pytest

from tests.traps.cases import CASES, Case

TOPICS = {
    "unordered exponents", "walls", "empty regions", "poles on the contour", "swapped limits", "divergent sums", "lost digits",
    "division that changes sign",
}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_trap(case: Case) -> None:
    if isinstance(case.outcome, type) and issubclass(case.outcome, Exception):
        with pytest.raises(case.outcome):
            case.trap()
    else:
        assert case.trap() == case.outcome


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_neighbour(case: Case) -> None:
    found = case.neighbour()
    if isinstance(case.expected, tuple):
        value, tolerance = case.expected
        assert isinstance(found, float)
        assert abs(found - value) <= tolerance
    else:
        assert found == case.expected


def test_the_table_is_large_enough_and_covers_every_topic() -> None:
    assert len(CASES) >= 60
    assert all(sum(c.topic == topic for c in CASES) >= 6 for topic in TOPICS)
    assert len({c.name for c in CASES}) == len(CASES)
    assert {c.topic for c in CASES} == TOPICS
    assert all(c.source for c in CASES)
    assert sum("section 6" in c.source or "section 5" in c.source or "SymPy" in c.source for c in CASES) >= 6


@pytest.mark.parametrize("tool", [
    "SymPy's limit", "SymPy's series", "SymPy's sqrt(1-x) log(1-x)", "SymPy's integral", "mpmath's quad", "Arb's sqrt",
    "z3 takes", "omitted sign condition", "nsum",
])
def test_every_silent_error_of_the_list_has_its_trap(tool: str) -> None:
    """The rows of mathematics.md, section 6 (those of SymPy's integrate and of z3 hold two each), and section 5, route 3."""
    assert any(tool in c.source for c in CASES)
