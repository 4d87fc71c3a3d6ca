"""Rule `join`: one sum of terms for several cones, of the order of the loss in each of them.

Each premise gives terms of the loss in a cone of resources; either all are laws inside these very cones, or all are laws of
limits. Checked: in each cone the terms of the conclusion that are the cone's own, constants aside, dominate every other one: of
the cone's own terms that are left out, and of other cones. Across a crossover between two cones, where all orders are
comparable, the loss is taken to stay of the same order (the named assumption `monotone-resources`); `join-exact` does without.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, terms_of
from proofs_check.rules.absorb import check_dropped, decode_logs
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.terms import Logs, Monomial, Term
from scaling_sym.claims.codec import decode_cell, decode_monomial


def check(context: Context) -> None:
    """Verify the union, and the dominance in each cone."""
    cones, proofs = context.step.given["cones"], context.step.certificate
    demand(len(cones) == len(proofs) and bool(cones), "a proof is wanted for every cone")
    places = sorted(i for cone in cones for i in cone["premises"])
    demand(sorted(set(places)) == list(range(len(context.premises))), "every premise belongs to a cone")
    joined = terms_of(context.step)
    demand(all(str(t.constant) == "1" for t in joined), "constants are left out")
    demand(len({_size(t) for t in joined}) == len(joined), "a term stands there twice")
    names = [t.name.rpartition("_") for t in joined]
    demand(len({n for n, _, _ in names}) == 1 and [k for _, _, k in names] == [str(i + 1) for i in range(len(joined))],
           "the terms are numbered in one sequence")
    own_everywhere, inside = set(), set()
    for cone, proof in zip(cones, proofs, strict=True):
        rays = [{n: parse_ratio(x) for n, x in ray.items()} for ray in cone["rays"]]
        demand(bool(rays) and all(rays), "a cone has rays")
        own: list[Term] = []
        for i in cone["premises"]:
            premise = context.premises[i]
            demand(premise.rule in ("lead", "glue") and _inside(context, premise.cell), "leading terms are wanted")
            own += terms_of(premise)
            law = premise if premise.rule == "lead" else context.lookup[premise.premises[0]]
            inside.add(law.given["rays"] == cone["rays"])
        kept = [t for t in joined if any(_size(t) == _size(o) for o in own)]
        own_everywhere |= {_size(t) for t in kept}
        others = {_size(t) for t in (*joined, *own)} - {_size(t) for t in kept}
        proved = {(decode_monomial(d["monomial"]), decode_logs(d["logs"])) for d in proof}
        demand(proved == others and len(proof) == len(others), "a proof is wanted for each other term")
        check_dropped(proof, kept, rays, context.cell)
    demand(len(inside) == 1, "laws inside cones are mixed with laws of limits")
    demand(own_everywhere == {_size(t) for t in joined}, "a term belongs to no cone")


def _size(term: Term) -> tuple[Monomial, Logs]:
    return term.monomial, term.logs


def _inside(context: Context, cell: object) -> bool:
    return set(decode_cell(cell).conditions) <= set(context.cell.conditions)
