"""Rule `join-exact`: as `join`, for the ridgeless limit, where no assumption about the crossover N ~ P is needed.

Without noise the premises say, with M = kappa P W1/K1 and all sums positive: for N > P, where dof = P,
L = M + kappa P (kappa W1 + W2)/(N - P), hence M + kappa P W2/N <= L, and L <= 2 (M + kappa P W2/N) from N = 2 P on, because
kappa K1 < dof = P <= N - P; for N < P, where dof = N, L = kappa F P/(P - N), hence kappa F <= L, and L <= 2 kappa F up to
P = 2 N. The scale kappa is that of the smaller size on each side. So the terms bound the loss from below at all N other than P,
and are of its order where the sizes differ by a factor of 2: the peak at N = P lies above them, and no optimum is there.

Checked: both identities, that the leading terms are those of the two lower bounds, and what `join` checks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from proofs_check.framework import Context, demand
from proofs_check.rules import join
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio

IDENTITIES: Final = {
    "variance-data": "kappa*K1*((L - kappa*F)*(P - N) - N*(kappa*F + sigma2))",
    "variance-width": "(L*kappa*K1 - kappa**2*P*W1 - K2*sigma2)*(N - P)"
                      " - (kappa*K1*(kappa**2*P*W1 + K2*sigma2) + kappa**2*K1*(P*W2 + K1*sigma2))",
}
BOUNDS: Final = {"N": ("ridgeless-over", "kappa*P*W1/K1 + kappa*P*W2/N"), "P": ("ridgeless-under", "kappa*F")}


def check(context: Context) -> None:
    """Verify the identities and bounds, then join."""
    identities = [p for p in context.premises if p.rule == "identity"]
    known = {n: parse_ratio(t) for p in identities for n, t in p.conclusion["equations"].items()}
    demand(all(known.get(n) == parse_ratio(t) for n, t in IDENTITIES.items()), "the variances are wanted as exact identities")
    leads = [p for p in context.premises if p.rule != "identity"]
    demand(len(context.step.given["cones"]) == len(leads) == 2, "the two sides of N = P are wanted")
    for cone, (larger, (equation, bound)) in zip(context.step.given["cones"], BOUNDS.items(), strict=True):
        smaller = "P" if larger == "N" else "N"
        demand(cone["rays"] == [{larger: "1", smaller: "0"}, {"N": "1", "P": "1"}], "a cone is the side of one larger size")
        (place,) = cone["premises"]
        demand(leads[place].rule == "lead", "leading terms are wanted")
        source = context.lookup[leads[place].premises[0]]
        demand(source.rule == "evaluate" and source.given["equation"] == equation, "the loss of this side is wanted")
        rest = parse_ratio(source.given["formula"]).substitute({n: Ratio.of(0) for n in source.given["small"]})
        demand(rest == parse_ratio(bound), "the terms are not those of the bound")
    join.check(replace(context, premises=tuple(leads)))
