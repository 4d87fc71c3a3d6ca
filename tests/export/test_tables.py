"""Tables: the four formats say the same, in the right order; statements and ledger."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from proofs_check.impact import find_impact_of_claim
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.errors import BadInputError
from scaling_sym.export.documents import document
from scaling_sym.export.ledger import list_ledger, write_ledger
from scaling_sym.export.rows import rank_name
from scaling_sym.export.statements import STATEMENTS, formula, state
from scaling_sym.export.tables import TABLES, build_table, write_table
from tests.peers import read_latex


@pytest.mark.parametrize("name", list(TABLES))
def test_csv_and_json_say_the_same(bundle: Bundle, name: str) -> None:
    table = build_table(name, bundle, "plrf", {})
    rows = list(csv.DictReader(io.StringIO(write_table(table, "csv"))))
    document_rows = json.loads(write_table(table, "json"))["rows"]
    assert len(rows) == len(document_rows) > 1
    for row, other in zip(rows, document_rows, strict=True):
        for key, value in other.items():
            shown = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False,
                                                                                           sort_keys=True)
            assert row[key] == shown


def test_the_phase_table_is_in_order_and_carries_verdicts(bundle: Bundle) -> None:
    rows = json.loads(write_table(build_table("phases", bundle, "plrf", {"P-table/II": "holds only"}), "json"))["rows"]
    assert [r["phase"] for r in rows] == sorted((r["phase"] for r in rows), key=rank_name)
    verdicts = {r["phase"]: r["verdict"] for r in rows}
    assert verdicts["II"] == "holds only"
    assert verdicts["Ia"] == "not judged"
    for row in rows:
        if row["printed"] is not None:
            assert parse_ratio(row["printed"]["loss"]) == parse_ratio(row["loss_exponent"])


def test_markdown_has_one_bar_a_column(bundle: Bundle) -> None:
    for name in TABLES:
        lines = write_table(build_table(name, bundle, "plrf", {}), "md").splitlines()
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_unknown_names_are_refused(bundle: Bundle) -> None:
    with pytest.raises(BadInputError, match="phases, prefactors, walls, pieces are allowed"):
        build_table("nosuch", bundle, "plrf", {})
    with pytest.raises(BadInputError, match="tex, md, csv, json are allowed"):
        write_table(build_table("walls", bundle, "plrf", {}), "xml")
    with pytest.raises(BadInputError, match="no phases of a model"):
        build_table("walls", bundle, "nosuch", {})


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_tables_and_formulas_compile(bundle: Bundle, tmp_path: Path) -> None:
    body = [write_table(build_table(name, bundle, "plrf", {}), "tex") for name in TABLES]
    body += [f"\\[{formula(claim, bundle).latex}\\]" for claim in bundle.claims]
    (tmp_path / "all.tex").write_text(document("Tables", body))
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path,
                          capture_output=True, text=True, errors="replace", timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_every_kind_of_claim_has_a_sentence(bundle: Bundle) -> None:
    assert {c.kind for c in bundle.claims} <= set(STATEMENTS)
    for claim in bundle.claims:
        assert len(state(claim, bundle)) >= 1


def test_printed_exponents_read_back(bundle: Bundle) -> None:
    """The LaTeX of every exponent, read by an independent reader, at rational points of its region."""
    read = 0
    for claim in bundle.claims:
        if claim.kind != "phase" or claim.statement["exponent"] is None:
            continue
        shown = formula(claim, bundle).latex.split(r"\eta=" if claim.statement["quantity"] == "loss" else r"\xi=")[1]
        exact = parse_ratio(claim.statement["exponent"])
        for i in range(1, 6):
            point = {"alpha": Fraction(i, 7) + Fraction(1, 11), "beta": Fraction(2 * i, 9) + Fraction(1, 13)}
            assert read_latex.value(read_latex.read(shown), point) == exact.at(point)
        read += 1
    assert read == 14


@dataclass(frozen=True)
class Judged:
    """A stand-in for a judgement."""

    claim: Claim
    verdict: str = "holds only"
    status: str = "derived"
    region: tuple[str, ...] = ("alpha > 0",)
    witness: dict[str, str] | None = None
    assumptions: tuple[str, ...] = ("deterministic-equivalent",)
    reason: str = "because"
    derivations: int = 1


def test_the_ledger_has_the_keys_of_the_contract(bundle: Bundle) -> None:
    entries = list_ledger(bundle, [Judged(c) for c in bundle.claims])
    wanted = {"id", "paper", "label", "statement", "verdict", "status", "region", "witness", "assumptions", "provenance"}
    assert all(set(e) >= wanted for e in entries)
    assert len({e["label"] for e in entries}) == len(entries)
    text = write_ledger(bundle, entries)
    assert text.index("## Derived") < text.index("| plrf/II/loss |") < text.index("## Printed") < text.index("| P-table/II |")
    assert "holds only where alpha > 0" in text


def test_impact_follows_premises(bundle: Bundle) -> None:
    model = next(c for c in bundle.claims if c.label == "plrf/phases")
    fallen = find_impact_of_claim(model, bundle, [bundle])["papers"][bundle.paper]
    assert fallen["steps"] == [s.id for s in bundle.steps if s.id in fallen["steps"]]
    claim = next(c for c in bundle.claims if c.label == "plrf/terms/1")
    assert {"plrf/II/loss", "plrf/phases"} <= set(find_impact_of_claim(claim, bundle, [bundle])["claims"])
