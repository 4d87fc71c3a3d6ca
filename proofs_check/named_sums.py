"""Sums over modes with a name: A = sum_k summand(k). A relation between them is proved mode by mode.

A rational expression that is linear in the names, with coefficients free of the symbols of a mode, is the sum over modes of
the expression with the summands in place of the names. Each name means one thing throughout a derivation; an underscore
behind a name marks the same at the second frequency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from proofs_check.framework import Context, demand, read_ratios
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio

SHARED: Final = frozenset({"lam", "w2", "noise", "sigma2", "N", "P", "E", "e"})  # the same at both frequencies


def prime(value: Ratio) -> Ratio:
    """The same with the two frequencies exchanged."""
    swap = {n: n[:-1] if n.endswith("_") else n + "_" for n in value.names if n not in SHARED}
    return value.substitute({n: Ratio.parameter(m) for n, m in swap.items()})


def sums_above(context: Context) -> dict[str, Ratio]:
    """The summands of all names in the step and above; refuses where a name, also one that is introduced, means two things."""
    sums: dict[str, Ratio] = {}
    new: dict[str, Ratio] = {}
    for given in (s.given for s in [*context.ancestors_all(), context.step] if isinstance(s.given, dict)):
        own = read_ratios(given["sums"]) if isinstance(given.get("sums"), dict) else {}
        fresh = {n: Ratio.parameter(old) - parse_ratio(text) for n, (old, text) in given.get("new", {}).items()}
        for known, names in ((sums, own), (new, fresh)):
            demand(all(known.setdefault(n, value) == value for n, value in names.items()), "a name means two things")
    demand(not sums.keys() & new.keys(), "a name means two things")
    for name in (n for n in sums if n.endswith("_")):
        demand(name[:-1] in sums and prime(sums[name[:-1]]) == sums[name], f"{name} is not the partner of {name[:-1]}")
    return sums


def combine_sums(value: Ratio, sums: Mapping[str, Ratio], mode: Iterable[str]) -> Ratio:
    """The summand of an expression that is linear in the names, with coefficients free of them and of the mode."""
    inside, slopes = {*sums, *mode}, [value.derivative(n) for n in sums]
    demand(len(inside) == len(sums) + len(set(mode)), "a sum has the name of a symbol of a mode")
    demand(not any(inside & set(s.names) for s in slopes), "a coefficient depends on a sum, or on the mode")
    demand(not value.substitute(dict.fromkeys(sums, Ratio.of(0))), "the expression is not a combination of the sums")
    return value.substitute(sums)
