"""The second frequency of a two-time equation: an underscore behind a name, but for what has no frequency.

Used where equations are proposed and where they are written out; the checker has a list of its own, and a test compares the two.
"""

from __future__ import annotations

from typing import Final

from scaling_sym.algebra.ratios import Ratio

SHARED: Final = frozenset({  # what has no frequency
    "f", "lam", "w2", "noise", "sigma2", "N", "P", "E", "e", "K", "B", "Q", "Qx", "M", "W", "eta", "beta",
})


def prime(value: Ratio) -> Ratio:
    """The same with the two frequencies exchanged."""
    swap = {n: n.removesuffix("_") if n.endswith("_") else n + "_" for n in value.names if n not in SHARED}
    return value.substitute({n: Ratio.parameter(m) for n, m in swap.items()})
