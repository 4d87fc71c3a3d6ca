"""Finding a claim by what a user types: its label, or at least six digits of its hash."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from scaling_sym.claims.bundle import Bundle, Claim

SHORTEST = 6


def find_claim(identifier: str, file: Path | None = None) -> tuple[Claim, Bundle]:
    """The claim and the bundle it stands in; raises `BadInputError` with the nearest label."""
    from scaling_sym.cli.bundles import PAPERS, open_bundle

    return choose_claim(identifier, [open_bundle(file)] if file is not None else [open_bundle(paper=p) for p in PAPERS])


def choose_claim(identifier: str, bundles: Sequence[Bundle], others: Sequence[str] = ()) -> tuple[Claim, Bundle]:
    """The claim among those of some bundles; raises `BadInputError` with the nearest label, or the nearest of other names."""
    from scaling_sym.claims.writing import claim_id
    from scaling_sym.cli.usage import nearest

    pairs = [(c, b) for b in bundles for c in b.claims]
    found = [(c, b) for c, b in pairs if c.label == identifier]
    if not found and re.fullmatch(rf"[0-9a-f]{{{SHORTEST},}}", identifier):
        found = [(c, b) for c, b in pairs if claim_id(c).startswith(identifier)]
    if len(found) > 1:
        raise BadInputError(f"{identifier!r} begins the ids of {len(found)} claims; more digits or a label are allowed")
    if not found:
        known = [*(c.label for c, _ in pairs), *others]
        hint = nearest(identifier, known) or f"; a label or {SHORTEST} digits of an id are allowed"
        raise BadInputError(f"there is no claim {identifier!r}{hint}")
    return found[0]
