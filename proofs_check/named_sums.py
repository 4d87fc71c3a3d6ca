"""Sums over modes with a name: A = sum_k summand(k). A relation between them is proved mode by mode.

A rational expression that is linear in the names, with coefficients free of the symbols of a mode, is the sum over modes of
the expression with the summands in place of the names. Each name means one thing throughout a derivation; an underscore
behind a name marks the same at the second frequency. What models and formulas there are, which symbols belong to a mode, and
which are shared by both frequencies, stands in definitions.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from proofs_check.framework import DEFINITIONS, Context, demand, list_steps, read_ratios
from scaling_sym.algebra.ratios import Ratio

SHARED, TAKEN = (frozenset[str](DEFINITIONS[part]) for part in ("shared", "taken"))
MODE: Final = frozenset(n + end for n in DEFINITIONS["mode-symbols"] for end in ("", "_"))


def other(name: str) -> str:
    """What a name stands for at one frequency has this name at the other one."""
    return name if name in SHARED else name.removesuffix("_") if name.endswith("_") else name + "_"


@lru_cache(maxsize=4096)
def prime(value: Ratio) -> Ratio:
    """The same with the two frequencies exchanged."""
    return value.substitute({n: Ratio.parameter(other(n)) for n in value.names})


def sums_above(context: Context) -> dict[str, Ratio]:
    """The summands of all names in the step and above, at both frequencies; no name means two things, and there is one model."""
    steps = list_steps([context.step.id], context.lookup)
    models = [s.conclusion for s in steps if s.rule == "define"]
    demand(len(models) <= 1, "the names of two models are mixed")
    sums: dict[str, Ratio] = {}
    for part in (*models, *(s.given for s in steps if s.rule in ("identity", "total"))):
        for name, summand in read_ratios(part.get("sums", {})).items():
            for n, x in ((name, summand), (other(name), prime(summand))):
                demand(sums.setdefault(n, x) == x and n not in TAKEN, f"{n} means two things")
    return sums


def combine_sums(value: Ratio, sums: Mapping[str, Ratio]) -> Ratio:
    """The summand of an expression that is linear in the names, with coefficients free of them and of the mode."""
    coefficients = {n for name in sums for n in value.derivative(name).names}
    demand(not coefficients & {*sums, *MODE}, "a coefficient depends on a sum, or on the mode")
    demand(not value.substitute(dict.fromkeys(sums, Ratio.of(0))), "the expression is not a combination of the sums")
    return value.substitute(sums)
