"""How names are spelled: Greek letters by their English names, and the split of a name into letter and index."""

from __future__ import annotations

from typing import Final

_NAMES: Final = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK: Final = dict(zip(_NAMES.split(), "αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))


def split_name(name: str) -> tuple[str, str]:
    """Head and index: `alpha_K` -> (alpha, K), `s0` -> (s, 0), `F_pp` -> (F, pp); without an index, (name, "").

    A name that does not read back from its pieces, such as `a__b`, stays whole.
    """
    head, mark, index = name.partition("_")
    if mark and head and index and "_" not in index:
        return head, index
    letters = name.rstrip("0123456789")
    if not mark and letters and letters != name:
        return letters, name[len(letters) :]
    return name, ""
