"""How a printed statement fares on one derived cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it agrees there, whether the cell lies wholly inside the printed region, the cell, and a point of it.

    `found` says, where it does not agree, what is printed and what is derived: changing a refuted statement changes it.
    """

    agrees: bool
    whole: bool
    cell: list[str]
    witness: dict[str, str]
    found: str = ""
