"""The neighbouring models under docs/models: every printed law is judged, and the guide shows the tables that come out."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.asymptotics.model_file import read_laws, read_model_file
from scaling_sym.asymptotics.optimum import terms_at
from scaling_sym.cli.own_claims import describe_phases, judge_laws
from tests.peers.brute_force import minimise_vertices

DOCS = Path(__file__).parents[2] / "docs"
NEIGHBOURS = (
    "lin2024", "lin2024_source", "maloney2022", "atanasov2024", "feature_learning", "ferbach2025", "ferbach2025_constant",
)
FEWEST = {"feature_learning": 3, "lin2024_source": 2}


@cache
def phases_of(name: str) -> dict[str, Any]:
    return describe_phases(read_model_file(DOCS / "models" / f"{name}.toml"))


@pytest.mark.parametrize("name", [*NEIGHBOURS, "random_features"])
def test_every_printed_law_is_proved(name: str) -> None:
    problem, laws = read_laws(DOCS / "models" / f"{name}.toml")
    assert {c["verdict"] for c in judge_laws(problem, laws)} == {"proved"}
    for law in laws if name in NEIGHBOURS else ():
        assert law.source.endswith(("[read]", "[recalled]"))


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_phases_against_exhaustion(name: str) -> None:
    """At random points: the loss by all vertices of the linear programme."""
    problem, dice, met = read_model_file(DOCS / "models" / f"{name}.toml"), random.Random(name), set[str]()
    for _ in range(150):
        point = {n: Fraction(dice.randint(1, 300), dice.choice([70, 101])) for n in problem.names}
        phases = [p for p in phases_of(name)["phases"] if Cell.parse(p["region"]).contains(point)]
        if not problem.domain.contains(point) or not phases:
            continue
        (phase,) = phases
        met.add(phase["name"])
        rows = [[t.monomial.exponent(n).at(point) for n in problem.resources] for t in terms_at(problem, point)]
        loss, places = minimise_vertices(rows, [Fraction(1)] * 2)
        assert parse_ratio(phase["loss_exponent"]).at(point) == loss
        assert tuple(parse_ratio(phase["sizes"][n]).at(point) for n in problem.resources) in places
    assert len(met) == len(phases_of(name)["phases"]) >= FEWEST.get(name, 1)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_guide_shows_the_table(name: str) -> None:
    text = (DOCS / "neighbours.md").read_text()
    assert f"models/{name}.toml" in text
    for phase in phases_of(name)["phases"]:
        assert table_row(phase) in text


def table_row(phase: dict[str, Any]) -> str:
    cells = [", ".join(f"`{c}`" for c in phase["region"]), " = ".join(phase["tradeoff"]), f"`{phase['loss_exponent']}`",
             *(f"{n}: `{x}`" for n, x in phase["sizes"].items())]
    return "| " + " | ".join(cells) + " |"


def test_a_law_that_is_not_printed_is_refuted() -> None:
    """The kernel regime's law for hard tasks, alpha beta/(alpha + 1), is not that of learning features."""
    problem, laws = read_laws(DOCS / "models" / "feature_learning.toml")
    hard = next(law for law in laws if law.name == "hard tasks")
    (found,) = judge_laws(problem, (replace(hard, exponent=parse_ratio("alpha*beta/(alpha + 1)")),))
    assert found["verdict"] == "refuted"
    assert Fraction(found["witness"]["derived"]) > Fraction(found["witness"]["claimed"])
