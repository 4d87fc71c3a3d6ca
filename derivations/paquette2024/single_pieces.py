"""The pieces of the loss one by one, as the paper defines them: F_pp, F_ac, the kernel K_pp, and the floor F_0.

Here each transform is transferred alone, without the renewal equation, and its leading term in the window is found on every
part of the plane. The claims say where the leading term has the form that the piece is known by.
"""

from __future__ import annotations

from typing import Any

from derivations.paquette2024.loss_terms import ONE, RHO, ZERO, Derivation, Setting, split_until_decided
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.growth import Growth, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_points
from scaling_sym.algebra.terms import Term
from scaling_sym.asymptotics.absorption import certify_absorption, order_by_size
from scaling_sym.asymptotics.certify import encode_cover
from scaling_sym.asymptotics.phases import build_cover, describe, distinct_factors
from scaling_sym.claims.bundle import Claim, Source
from scaling_sym.claims.recorder import Recorder

NAMES = ("alpha", "beta")
PIECES = ("F_pp", "F_ac", "K_pp")
Outcome = tuple[tuple[Term, ...], Any]


def record_single_pieces(recorder: Recorder) -> list[Claim]:
    """The claims on F_pp, F_ac and K_pp alone, one for every region with a leading term of its own."""
    setting = Setting(Ratio.parameter("alpha"), Ratio.parameter("beta"), NAMES)
    derivation = Derivation(setting, recorder)
    domain = Cell.parse(["alpha > 0", "beta > 0"])
    claims = []
    for name in PIECES:
        step, named = derivation.transfer(*derivation.combine(name))
        moved = Expansion(named)
        growth = Growth(tuple({"d": ONE, "theta": e, "gamma": ZERO} for e in (ZERO, setting.capacity)))
        claims += _claims_of(name, moved, step, growth, domain, recorder)
    return claims


def _claims_of(
    name: str, moved: Expansion, step: str, growth: Growth, domain: Cell, recorder: Recorder
) -> list[Claim]:
    """Split the plane until one term leads, glue what is equal, and state each outcome."""

    def lead(cell: Cell) -> Outcome:
        """The terms that lead on one cell, and the proof for those that do not."""
        ordered = order_by_size(moved.terms, growth, cell, NAMES)
        kept = tuple(leading_terms(ordered, growth, cell, NAMES))
        return kept, certify_absorption(moved.terms, kept, growth, cell)

    pieces = [(cell, outcome) for cell, outcome in split_until_decided(lead, domain, NAMES)]
    polynomials = distinct_factors(s.polynomial for c, _ in pieces for s in (*c.conditions, *domain.conditions))
    points = sample_points(polynomials, NAMES)
    groups: dict[tuple[Term, ...], list[tuple[Cell, str]]] = {}
    for cell, (kept, proof) in pieces:
        one = recorder.add("absorb", cell, (step,), None, {"terms": kept}, proof)
        groups.setdefault(kept, []).append((cell, one))
    claims: list[Claim] = []
    for kept, members in groups.items():
        inner = [x for x in points if any(c.contains(x) for c, _ in members)]
        cell = describe(inner, [x for x in points if x not in inner], polynomials, f"the leading term of {name}")
        cover = build_cover([c for c, _ in members], cell, polynomials)
        glued = recorder.add(
            "glue", cell, tuple(s for _, s in members), None, {"terms": kept}, encode_cover(cover)
        )
        source = Source("paquette2024", "derived from the model's equations", "derived")
        label = f"plrf/{name}" if len(claims) == 0 else f"plrf/{name}/{len(claims) + 1}"
        claims.append(Claim(label, "piece", {"piece": name, "ratio": str(RHO)}, cell.texts(),
                            ("deterministic-equivalent", "uniform-transfer"), source, (glued,)))
    return claims
