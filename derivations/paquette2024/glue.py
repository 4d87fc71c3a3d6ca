"""Gluing: pieces of the parameter plane with the same loss terms become one, by a proof that they cover it.

The splitting of cells while terms are compared leaves pieces that differ in nothing; their union, up to the zero sets of
the polynomials between them, is described by the shortest conjunction of signs, and a decision tree proves that the pieces
cover it (`asymptotics.phases.build_cover`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derivations.paquette2024.loss_terms import LossTerms
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_points
from scaling_sym.algebra.terms import Term
from scaling_sym.asymptotics.certify import encode_cover
from scaling_sym.asymptotics.phases import build_cover, describe, distinct_factors
from scaling_sym.claims.recorder import Recorder


def glue_pieces(pieces: Sequence[LossTerms], domain: Cell, names: tuple[str, ...], recorder: Recorder) -> list[LossTerms]:
    """The pieces with equal outcomes joined, each with its step; a piece that stands alone keeps its own."""
    polynomials = distinct_factors(s.polynomial for p in pieces for s in (*p.cell.conditions, *domain.conditions))
    points = sample_points(polynomials, names)
    groups: dict[tuple[Any, ...], list[LossTerms]] = {}
    for piece in pieces:
        groups.setdefault(_outcome(piece), []).append(piece)
    return [_join(group, polynomials, points, recorder) for group in groups.values()]


def _outcome(piece: LossTerms) -> tuple[Any, ...]:
    window = tuple(map(_bare, piece.window))
    return window, _bare(piece.floor), _bare(piece.learning_rate), tuple(map(_bare, piece.terms))


def _bare(term: Term) -> tuple[Any, ...]:
    return term.monomial, term.constant, term.logs, term.name


def _join(
    group: Sequence[LossTerms], polynomials: Sequence[Ratio], points: Sequence[dict[str, Any]], recorder: Recorder
) -> LossTerms:
    inner = [x for x in points if any(p.cell.contains(x) for p in group)]
    outer = [x for x in points if not any(p.cell.contains(x) for p in group)]
    cell = describe(inner, outer, polynomials, "a set of loss terms")
    first = group[0]
    terms = tuple(Term(t.monomial, t.constant, t.logs, cell, t.name) for t in first.terms)
    cover = build_cover([p.cell for p in group], cell, polynomials)
    steps = {
        name: recorder.add(
            "glue", cell, tuple(p.steps[name] for p in group), None, {"terms": outcome}, encode_cover(cover)
        )
        for name, outcome in (
            ("learning-rate", [first.learning_rate]), ("window", first.window), ("floor", [first.floor]),
            ("collect", terms),
        )
    }
    return LossTerms(cell, first.window, first.floor, first.learning_rate, terms, steps)
