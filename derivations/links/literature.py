"""The papers that are laid side by side."""

from __future__ import annotations

from typing import Final

from derivations.bordelon2024.literature import BIBTEX as MEAN_FIELD
from derivations.paquette2024.literature import BIBTEX as PHASES

PAPER: Final = "links"
BIBTEX: Final = PHASES + "\n" + MEAN_FIELD
