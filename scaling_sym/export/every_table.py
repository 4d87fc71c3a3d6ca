"""All tables by name, with the papers whose bundles they are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scaling_sym.claims.bundle import Bundle
from scaling_sym.export.dictionary import dictionary_table, disagreement_table, translation_table
from scaling_sym.export.laws import LAW_TABLES
from scaling_sym.export.regimes import regime_table
from scaling_sym.export.tables import TABLES, Table, build_table

PHASES: Final = ("paquette2024",)
LAWS: Final = ("bordelon2024",)
REGIMES: Final = ("bahri2024",)
LINKS: Final = ("links",)
TABLES_OF: Final[Mapping[str, tuple[str, ...]]] = {  # no paper stands for all of them
    **dict.fromkeys(TABLES, PHASES), **dict.fromkeys(LAW_TABLES, LAWS), "regimes": REGIMES, "dictionary": LINKS,
    "translation": PHASES,
    "disagreements": (),
}


def build(name: str, bundles: Mapping[str, Bundle], verdicts: Mapping[str, str]) -> Table:
    """The table of this name, from the bundles of its papers."""
    if name in TABLES:
        return build_table(name, bundles[PHASES[0]], "plrf", verdicts)
    if name in LAW_TABLES:
        return LAW_TABLES[name](bundles[LAWS[0]], verdicts)
    if name == "regimes":
        return regime_table(bundles[REGIMES[0]], verdicts)
    if name == "translation":
        return translation_table(bundles[PHASES[0]])
    return dictionary_table() if name == "dictionary" else disagreement_table(bundles, verdicts)


def tables_of_paper(paper: str) -> list[str]:
    """The tables that are computed from the bundle of one paper alone."""
    return [n for n, papers in TABLES_OF.items() if papers == (paper,)]
