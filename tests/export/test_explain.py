"""Every rule has a sentence, every step of the committed bundle is explained, and the documents compile."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from proofs_check.steps import RULES as CHECKED
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.errors import BadInputError
from scaling_sym.export.explain import RULES, explain, explain_all, find_steps

DISPLAYED = ["plrf/F_pp", "plrf/wall/Ia|Ib", "plrf/II/prefactor", "plrf/phases", "P-stability", "P-universal"]


def claim_of(bundle: Bundle, label: str) -> Claim:
    return next(c for c in bundle.claims if c.label == label)


def test_every_rule_has_a_sentence_and_a_checker(bundle: Bundle) -> None:
    assert set(RULES) == set(CHECKED)
    assert {s.rule for s in bundle.steps} <= set(RULES)


@pytest.fixture(scope="module")
def written(bundle: Bundle) -> dict[str, str]:
    return explain_all(bundle)


def test_the_whole_derivation_is_written(bundle: Bundle, written: dict[str, str]) -> None:
    assert written["tex"].count("\\item ") == len(bundle.steps)
    assert written["md"].count("\n**(") == len(bundle.steps)
    for label in ("plrf/II/loss", "P-table/IVb"):
        assert label in written["md"]
        assert label in written["tex"]


def test_references_point_back(bundle: Bundle, written: dict[str, str]) -> None:
    """In no step does E_n stand for a later step than itself."""
    items = written["md"].split("\n**(")[1:]
    assert len(items) == len(bundle.steps)
    for n, item in enumerate(items, 1):
        assert all(int(k) <= n for k in re.findall(r"E_\{(\d+)\}", item))


def test_steps_come_before_what_rests_on_them(bundle: Bundle) -> None:
    steps = find_steps(claim_of(bundle, "plrf/II/loss"), bundle)
    place = {s.id: i for i, s in enumerate(steps)}
    assert all(place[p] < place[s.id] for s in steps for p in s.premises)
    assert steps[0].rule == "define"
    assert steps[-1].rule == "optimum"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("label", DISPLAYED)
def test_explanations_compile(bundle: Bundle, tmp_path: Path, label: str) -> None:
    (tmp_path / "one.tex").write_text(explain(claim_of(bundle, label), bundle))
    compile_document(tmp_path, "one.tex")


@pytest.mark.deep
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_whole_derivation_compiles(written: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "all.tex").write_text(written["tex"])
    compile_document(tmp_path, "all.tex")


def compile_document(folder: Path, name: str) -> None:
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name], cwd=folder,
                          capture_output=True, text=True, errors="replace", timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_what_cannot_be_explained_is_said(bundle: Bundle) -> None:
    claim = claim_of(bundle, "plrf/F_pp")
    with pytest.raises(BadInputError, match="tex, md are allowed"):
        explain(claim, bundle, "html")
    odd = tuple(replace(s, rule="magic") for s in bundle.steps)
    with pytest.raises(BadInputError, match="nobody has explained"):
        explain(claim, replace(bundle, steps=odd))
    with pytest.raises(BadInputError, match="not in the bundle"):
        explain(claim, replace(bundle, steps=()))
