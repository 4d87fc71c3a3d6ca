"""Everything that is written about one paper: bundle, tables, formulas, ledger, derivation.

The list is in a fixed order and each text depends on the bundle and the judgements alone, so that two runs write the same
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.writing import write_bundle
from scaling_sym.export.documents import document
from scaling_sym.export.every_table import build, tables_of_paper
from scaling_sym.export.explain import explain_all
from scaling_sym.export.ledger import Judged, list_ledger, write_ledger
from scaling_sym.export.prose import Block, write_tex
from scaling_sym.export.statements import formula, state
from scaling_sym.export.tables import FORMATS, Table, write_table


def list_tables(bundle: Bundle, judgements: Sequence[Judged]) -> list[Table]:
    """The tables about a paper; raises `BadInputError` where a claim cannot be read."""
    verdicts = {j.claim.label: j.verdict for j in judgements}
    return [build(name, {bundle.paper: bundle}, verdicts) for name in tables_of_paper(bundle.paper)]


def list_documents(
    bundle: Bundle, judgements: Sequence[Judged], drift: str = "", numbered: Sequence[Sequence[Block]] | None = None
) -> list[tuple[str, str]]:
    """Names (with folders) and texts; `numbered` are the explained steps, where they are known already.

    Raises `BadInputError` where a claim cannot be read.
    """
    entries = list_ledger(bundle, judgements)
    documents = [("bundle.json", write_bundle(bundle)), ("drift.txt", (drift or "The committed bundle is the same.") + "\n")]
    for table in list_tables(bundle, judgements):
        documents += [(f"tables/{table.name}.{form}", write_table(table, form)) for form in FORMATS]
    documents += [
        ("ledger.md", write_ledger(bundle, entries)),
        ("ledger.json", json.dumps({"claims": entries}, indent=1, ensure_ascii=False) + "\n"),
        ("formulas.tex", write_formulas(bundle)),
    ]
    return documents + [(f"derivation.{form}", text) for form, text in explain_all(bundle, numbered).items()]


def write_formulas(bundle: Bundle) -> str:
    """A LaTeX document with the formula of every claim under its label."""
    body = []
    for claim in bundle.claims:
        words = [x for x in state(claim, bundle) if isinstance(x, str)]
        body += [write_tex((f"{claim.label}. ", *words)), write_tex(formula(claim, bundle))]
    return document(f"The formulas of {bundle.paper}", body)
