"""Sums over modes with a name: A = sum_k summand(k). A relation between them is proved mode by mode.

A rational expression that is linear in the names, with coefficients free of the symbols of a mode, is the sum over modes of
the expression with the summands in place of the names. Each name means one summand throughout a derivation; an underscore
behind a name marks the same sum at the second frequency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from proofs_check.framework import Context, demand
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio

SHARED: Final = frozenset({"lam", "w2", "noise", "sigma2", "N", "P", "E", "e", "K", "B", "Q", "Qx", "M", "W", "eta", "beta"})


def prime(value: Ratio) -> Ratio:
    """The same with the two frequencies exchanged; what has no frequency (`SHARED`) stays."""
    swap = {n: n[:-1] if n.endswith("_") else n + "_" for n in value.names if n not in SHARED}
    return value.substitute({n: Ratio.parameter(m) for n, m in swap.items()})


def sums_above(context: Context) -> dict[str, Ratio]:
    """The summands of all names in the steps above."""
    given = [s.given for s in context.ancestors_all() if isinstance(s.given, dict)]
    return {n: parse_ratio(t) for g in given for n, t in g.get("sums", {}).items()}


def check_sums(context: Context, sums: Mapping[str, str]) -> None:
    """Refuse where a name, or its partner at the other frequency, has another summand here or above."""
    table = {n: parse_ratio(t) for n, t in sums.items()}
    above = sums_above(context)
    for name, summand in table.items():
        demand(above.get(name, summand) == summand, f"the sum {name} has another summand above")
        if name.endswith("_"):
            first = table.get(name[:-1], above.get(name[:-1]))
            demand(first is not None and prime(first) == summand, f"{name} is not the partner of {name[:-1]}")


def combine_sums(value: Ratio, sums: Mapping[str, str], mode: Sequence[str]) -> Ratio:
    """The summand of an expression that is linear in the names; refuses where it is not."""
    demand(not set(sums) & set(mode), "a sum has the name of a symbol of a mode")
    slopes = {n: value.derivative(n) for n in sums}
    rest = value - sum((slopes[n] * Ratio.parameter(n) for n in sums), Ratio.of(0))
    demand(not rest, "the expression is not a combination of the sums")
    inside = set(sums) | set(mode)
    demand(not any(set(s.names) & inside for s in slopes.values()), "a coefficient depends on the mode")
    return sum((slopes[n] * parse_ratio(sums[n]) for n in sums), Ratio.of(0))
