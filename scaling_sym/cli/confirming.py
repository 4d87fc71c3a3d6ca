"""The record of what the numbers confirm: which claims were measured and agreed when the bundles were last renewed.

Measuring takes half a minute, and `ledger` answers at once: so `regenerate --update` measures and writes the labels, each
with the id of its claim, to `confirmed.json` beside the bundle; `check` measures again, and a claim that stands in the
record and is no longer confirmed is a fault. A claim that has changed since has another id, and counts as not measured.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.progress import Progress

    from proofs_check.confirm import Confirmation
    from scaling_sym.claims.bundle import Bundle

SCHEMA: Final = "scaling-sym/confirmed/1"
PATIENCE: Final = 30.0
"""Seconds at a point for a claim of the record that did not fit into the usual time, as on a busy machine."""


def read_confirmed(bundle: Bundle) -> frozenset[str]:
    """The labels that the record of the bundle's paper confirms, of claims that still say the same."""
    from scaling_sym.claims.bundle import read_json
    from scaling_sym.claims.writing import claim_id
    from scaling_sym.cli.bundles import PAPERS

    file = _record_file(bundle.paper) if bundle.paper in PAPERS else None
    if file is None or not file.exists():
        return frozenset()
    record = read_json(file.read_bytes(), str(file))["confirmed"]
    return frozenset(c.label for c in bundle.claims if record.get(c.label) == claim_id(c))


def write_confirmed(bundle: Bundle, confirmed: Iterable[str]) -> None:
    """Renew the record."""
    from scaling_sym.claims.encoding import write_json
    from scaling_sym.claims.writing import claim_id
    from scaling_sym.export.files import write_text_atomically

    ids = {c.label: claim_id(c) for c in bundle.claims}
    record = {"schema": SCHEMA, "confirmed": {label: ids[label] for label in sorted(confirmed)}}
    write_text_atomically(_record_file(bundle.paper), write_json(record))


def _record_file(paper: str) -> Path:
    from scaling_sym.cli.bundles import committed_file

    return committed_file(paper).with_name("confirmed.json")


def measure(bundle: Bundle, deep: bool = False, shown: Progress | None = None) -> Confirmation:
    """Lay the claims of a bundle beside the numerically solved loss, under a progress bar (one of its own, or `shown`)."""
    from proofs_check.confirm import confirm_bundle
    from scaling_sym.cli.pace import DEEPER, PER_CLAIM, watch
    from scaling_sym.cli.speech import progress

    seconds = PER_CLAIM * len(read_confirmed(bundle)) * (DEEPER if deep else 1)
    with (nullcontext(shown) if shown is not None else progress() as shown,
          watch(shown, f"measure {bundle.paper}", seconds) as task):
        found = confirm_bundle(bundle, deep, workers=os.cpu_count() or 1)
        shown.update(task, found=f"{len(found.confirmed)} claims confirmed")
    return found


def find_lost(bundle: Bundle, found: Confirmation) -> tuple[str, ...]:
    """The claims of the record that the numbers do not confirm now, also when given more time."""
    from proofs_check.confirm import confirm_bundle

    missing = read_confirmed(bundle) - set(found.confirmed)
    if missing:
        missing -= set(confirm_bundle(bundle, seconds=PATIENCE, only=missing).confirmed)
    return tuple(sorted(missing))
