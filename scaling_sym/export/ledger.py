"""The ledger: every claim with its statement, verdict, status, region, witness, and what it rests on; and its impact.

Verdicts come from outside (`proofs_check.judge`); here they are only written down. What a paper says that it proves
stands beside the verdict as `proved`.

Not covered: computing a verdict or a status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from scaling_sym.claims.bundle import Bundle, Claim, is_printed
from scaling_sym.claims.writing import claim_id
from scaling_sym.export.prose import write_unicode
from scaling_sym.export.statements import formula, state


class Judged(Protocol):
    """A judgement of one claim, as `proofs_check.judge` gives it."""

    @property
    def claim(self) -> Claim:
        """The claim judged."""

    @property
    def verdict(self) -> str:
        """`holds`, `holds only`, `refuted` or `undecided`."""

    @property
    def status(self) -> str:
        """A rung of the ladder, from `conjectured` to `proved`."""

    @property
    def region(self) -> Sequence[str]:
        """Where it holds."""

    @property
    def witness(self) -> Mapping[str, str] | None:
        """A point that refutes it or lies outside its region."""

    @property
    def assumptions(self) -> Sequence[str]:
        """The named assumptions under it."""

    @property
    def derivations(self) -> int:
        """How many independent derivations it has."""

    @property
    def reason(self) -> str:
        """Why, in one sentence."""


def list_ledger(bundle: Bundle, judgements: Iterable[Judged]) -> list[dict[str, Any]]:
    """One entry a claim, as plain data."""
    return [_describe(bundle, j) for j in judgements]


def _describe(bundle: Bundle, judged: Judged) -> dict[str, Any]:
    claim = judged.claim
    source = claim.source
    return {
        "id": claim_id(claim), "paper": source.paper, "label": claim.label, "kind": claim.kind,
        "statement": write_unicode(state(claim, bundle)), "latex": formula(claim, bundle).latex,
        "claimed_region": list(claim.region), "verdict": judged.verdict, "status": judged.status,
        "region": list(judged.region), "witness": None if judged.witness is None else dict(judged.witness),
        "assumptions": list(judged.assumptions), "reason": judged.reason,
        "derivations": judged.derivations,
        "provenance": {"place": source.place, "tag": source.tag, "proved": source.proved, "note": source.note,
                       "steps": list(claim.steps)},
    }


def write_ledger(bundle: Bundle, entries: Sequence[Mapping[str, Any]]) -> str:
    """The ledger as Markdown, derived claims first, then what the paper prints."""
    labels = {c.label for c in bundle.claims if is_printed(c)}
    derived = [e for e in entries if e["label"] not in labels]
    printed = [e for e in entries if e["label"] in labels]
    lines = [f"# Ledger of {bundle.paper}", "", "## Assumptions", ""]
    lines += [f"- `{name}`: {text}" for name, text in sorted(bundle.assumptions.items())]
    for title, group in (("Derived", derived), ("Printed in the paper", printed)):
        lines += ["", f"## {title}", "", "| label | statement | verdict | status | rests on |", "|---|---|---|---|---|"]
        lines += [_row(entry) for entry in group]
    return "\n".join(lines) + "\n"


def _row(entry: Mapping[str, Any]) -> str:
    verdict = entry["verdict"]
    if verdict == "holds only":
        verdict += f" where {', '.join(entry['region']) or 'nowhere'}"
    if entry["witness"]:
        verdict += f" (witness {', '.join(f'{n}={x}' for n, x in sorted(entry['witness'].items()))})"
    cells = (entry["label"], entry["statement"], verdict, entry["status"], ", ".join(entry["assumptions"]))
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"
