"""Rule `send`: the terms that remain when one resource is sent to infinity while the others stand still.

Checked: a term that is dropped has a negative power of the resource, by the proof of its sign; one that is kept has none, and no
logarithm of it.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.signs import prove_sign


def check(context: Context) -> None:
    """Verify kept and dropped terms."""
    (premise,) = context.premises
    demand(premise.rule in ("glue", "collect", "collect-flow"), "terms of a loss are wanted")
    demand(premise.cell == context.step.cell, "the premise is for another cell")
    name, proofs = context.step.given["resource"], list(context.step.certificate)
    kept = []
    for term in terms_of(premise):
        power = term.monomial.exponent(name)
        if not power:
            demand(not any(m.exponent(name) for m, _ in term.logs), "a logarithm grows")
            kept.append(term)
        else:
            demand(bool(proofs), "a proof is wanted for every dropped term")
            demand(prove_sign(power, context.cell, proofs.pop(0), "a dropped term") < 0, "a dropped term does not vanish")
    demand(not proofs, "a proof is left over")
    same_terms(terms_of(context.step), kept, "what remains", names=True)
