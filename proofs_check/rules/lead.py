"""Rule `lead`: the terms that lead while resources grow along the rays of a cone, and a proof for each one dropped.

Checked: the candidates are those of the one premise; each is kept, or dominated on every ray, strictly on at least one. Which
cone is meant stands in the step and in the claims that rest on it.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.rules.absorb import check_dropped, decode_logs
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.claims.codec import decode_monomial

SUPPLIERS = ("transfer", "power-law", "evaluate", "corrections", "send", "truncate", "average", "simplices")


def check(context: Context) -> None:
    """Verify kept and dropped terms."""
    (premise,) = context.premises
    demand(premise.rule in SUPPLIERS, "terms are wanted")
    demand(premise.cell == [] or premise.cell == context.step.cell, "the premise is for another cell")
    rays = [{n: parse_ratio(x) for n, x in ray.items()} for ray in context.step.given["rays"]]
    demand(bool(rays) and all(rays), "a cone has rays")
    kept, remaining = terms_of(context.step), list(terms_of(premise))
    check_dropped(context.step.certificate, kept, rays, context.cell)
    for proof in context.step.certificate:
        key = (decode_monomial(proof["monomial"]), decode_logs(proof["logs"]))
        found = next((t for t in remaining if (t.monomial, t.logs) == key), None)
        demand(found is not None, "a dropped term is no candidate")
        remaining = [t for t in remaining if t is not found]
    same_terms(kept, remaining, "the leading terms")
