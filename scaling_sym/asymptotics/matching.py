"""How the region of a printed statement lies among derived cells.

Algorithm. The derived cells fill the domain. A decision tree over the printed region (within the domain) ends in leaves that
imply one derived cell or are empty: it says which derived cells the region meets; a rational witness in each shows that it
does. For each of these, weights prove that the derived cell lies inside the region, where it does.

Vocabulary. *Hit*: a derived cell that the region meets. *Whole*: a hit that lies inside the region.

Not covered: regions with equalities (walls), which are compared with what was derived on the wall.
"""

from __future__ import annotations

from collections.abc import Sequence

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.signs import Weights, implied
from scaling_sym.asymptotics.certify import encode_cover, of_polynomial
from scaling_sym.asymptotics.phases import build_cover, distinct_factors
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError


def record_match(
    region: Cell, domain: Cell, derived: Sequence[tuple[str, Cell]], names: tuple[str, ...], recorder: Recorder,
    avoid: Sequence[Ratio] = (),
) -> str:
    """The step that says which derived cells a printed region meets, and which lie inside it.

    The witnesses lie off the zero sets of the polynomials in `avoid`.
    """
    inside_domain = region.meet(domain)
    polynomials = distinct_factors(
        s.polynomial for c in (inside_domain, *(c for _, c in derived)) for s in c.conditions
    )
    points = sample_cell(inside_domain, names, [*polynomials, *avoid])
    hits, witnesses, whole = [], [], list[list[list[list[Weights | None]]] | None]()
    for i, (_, cell) in enumerate(derived):
        found = next((p for p in points if cell.contains(p)), None)
        if found is not None:
            hits.append(i)
            witnesses.append(found)
            weights = [implied(sign, cell) for sign in region.conditions]
            whole.append(None if None in weights else [of_polynomial(w) for w in weights])
    if not hits:
        raise UndecidedError("the printed region is empty")
    tree = build_cover([derived[i][1] for i in hits], inside_domain, polynomials)
    conclusion = {"hits": hits, "whole": [i for i, proofs in zip(hits, whole, strict=True) if proofs is not None]}
    certificate = {"tree": encode_cover(tree), "witnesses": witnesses, "whole": whole}
    premises = tuple(step for step, _ in derived)
    return recorder.add("match", region, premises, {"domain": domain}, conclusion, certificate)
