"""Sums over modes with a name: A = sum_k summand(k). A relation between them is proved mode by mode.

A rational expression that is linear in the names, with coefficients free of the symbols of a mode, is the sum over modes of
the expression with the summands in place of the names. Each name means one thing throughout a derivation; an underscore
behind a name marks the same at the second frequency. What models and formulas there are, which symbols belong to a mode, and
which are shared by both frequencies, stands in definitions.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proofs_check.framework import DEFINITIONS, Context, demand, read_ratios
from scaling_sym.algebra.ratios import Ratio

SHARED: Final = frozenset[str](DEFINITIONS["shared"])
MODE: Final = frozenset(n + end for n in DEFINITIONS["mode-symbols"] for end in ("", "_"))


def prime(value: Ratio) -> Ratio:
    """The same with the two frequencies exchanged."""
    swap = {n: n[:-1] if n.endswith("_") else n + "_" for n in value.names if n not in SHARED}
    return value.substitute({n: Ratio.parameter(m) for n, m in swap.items()})


def sums_above(context: Context) -> dict[str, Ratio]:
    """The summands of all names in the step and above; refuses where a name means two things, or there are two models."""
    steps = [*context.ancestors(), context.step]
    models = [s.conclusion for s in steps if s.rule == "define"]
    demand(len(models) <= 1, "the names of two models are mixed")
    parts = "equations", "sources", "pair", "sets"
    used = (e.names for m in models for part in parts for e in read_ratios(m.get(part, {})).values())
    own = [m["sums"] for m in models if "sums" in m]
    taken = MODE.union(*used, *(m.get("totals", ()) for m in models)).difference(*own)
    sums: dict[str, Ratio] = {}
    for table in (*own, *(s.given.get("sums", {}) for s in steps if s.rule in ("identity", "total"))):
        for name, summand in read_ratios(table).items():
            demand(sums.setdefault(name, summand) == summand and name not in taken, f"{name} means two things")
            demand(name not in SHARED or prime(summand) == summand, f"{name} differs between the frequencies")
    for name in (n for n in sums if n.endswith("_")):
        demand(name[:-1] in sums and prime(sums[name[:-1]]) == sums[name], f"{name} is not the partner of {name[:-1]}")
    return sums


def combine_sums(value: Ratio, sums: Mapping[str, Ratio]) -> Ratio:
    """The summand of an expression that is linear in the names, with coefficients free of them and of the mode."""
    coefficients = {n for name in sums for n in value.derivative(name).names}
    demand(not coefficients & {*sums, *MODE}, "a coefficient depends on a sum, or on the mode")
    demand(not value.substitute(dict.fromkeys(sums, Ratio.of(0))), "the expression is not a combination of the sums")
    return value.substitute(sums)
