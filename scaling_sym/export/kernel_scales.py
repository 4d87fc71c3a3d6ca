"""Exponents of a kernel where features, data and ridge grow together: P = D^s features, the ridge D^-l.

The modes have three scales, D, P and ridge^(-1/b); in each cone, with one of them the smallest, the loss has derived terms, and
at (s, l) it falls like the slowest of them. On the boundary of two cones both agree, but for the peak D = P that no ridge limits.

Not covered: constants on the boundaries, and logarithms on walls.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_term
from scaling_sym.claims.writing import find_step
from scaling_sym.errors import OutsideDomainError
from scaling_sym.export.answers import write_point
from scaling_sym.export.grammar_text import symbolic

Answer = dict[str, Any]
CONES: Final = ("limited", "over", "under")
WORDS: Final = {"limited": "ridge-limited", "over": "D the smallest scale", "under": "P the smallest scale"}


def answer_scales(bundle: Bundle, values: Mapping[str, Ratio], point: Point) -> Answer:
    """Exponents with a ridge and at fixed ratios, and those at (s, l) where one of them is given.

    Raises `OutsideDomainError` for s <= 0, l < 0, and at the ridgeless peak s = 1.
    """
    def one(value: Ratio) -> Answer:
        """An exponent as the answers write it."""
        return {"exact": str(value.at(point)), "symbolic": symbolic(value, point)}

    def power(quantity: str) -> Answer:
        """The power of C in the law of a quantity."""
        return one(_law(bundle, quantity, values, point)[1]["C"].substitute(values))

    limited = _terms(bundle, "ridge/limited", values, point)
    alone = next(t for t in limited if not t.monomial.exponent("N"))
    variance = [t for t in limited if t.monomial.exponent("N")]
    best = {k: power(f"ridge/best/{k}") for k in ("loss", "ridge")}
    best["loss"] = one(-_law(bundle, "ridge/best/loss", values, point)[1]["C"].substitute(values))
    answer: Answer = {
        "ridge": {"limited": one(-alone.monomial.exponent("q").substitute(values)),
                  "variance": one(-variance[0].monomial.exponent("q").substitute(values)) if variance else None, "best": best},
        "aspect": {side: one(-_terms(bundle, f"aspect/{side}", values, point)[0].monomial.exponent(n).substitute(values))
                   for side, n in (("over", "P"), ("under", "N"))},  # all terms of a cell have this power
    }
    if "s" in point or "l" in point:
        answer["joint"] = _answer_joint(bundle, values, point)
    return answer


def _answer_joint(bundle: Bundle, values: Mapping[str, Ratio], point: Point) -> Answer:
    s, ridge = point.get("s"), point.get("l")
    if (s is not None and s <= 0) or (ridge is not None and ridge < 0):
        raise OutsideDomainError(f"{write_point(point)}: P = D^s needs s > 0, and a ridge D^-l needs l >= 0")
    b = values["b"].at(point)
    scales = {"over": Fraction(1)} | ({} if s is None else {"under": s}) | ({} if ridge is None else {"limited": ridge / b})
    cone = min(scales, key=lambda k: (scales[k], CONES.index(k)))
    if cone != "limited" and s == 1:
        raise OutsideDomainError(f"{write_point(point)}: at D = P the loss diverges unless a ridge limits it, l < b = {b}")
    rays = {"P": Ratio.of(1), "N": Ratio.parameter("s"), "q": Ratio.parameter("l")}
    absent = {n for n, name in (("N", "s"), ("q", "l")) if name not in point}
    rates = []
    for term in _terms(bundle, f"ridge/{cone}", values, point):
        powers = {n: e.substitute(values) for n, e in term.monomial.powers}
        if not absent & set(powers):  # the others vanish with the ridge, or with all features
            rates.append(sum((-e * rays[n] for n, e in powers.items()), Ratio.of(0)))
    slowest = min(rates, key=lambda r: r.at(point))
    return {"cone": cone, "words": WORDS[cone], "loss": {"exact": str(slowest.at(point)), "symbolic": symbolic(slowest, point)}}


def _law(bundle: Bundle, quantity: str, values: Mapping[str, Ratio], point: Point) -> tuple[Claim, dict[str, Ratio]]:
    """The law of the cell that holds the point; on a wall the first of those around it, which agree there."""
    place = {n: x.at(point) for n, x in values.items()}
    for claim in bundle.claims:
        mine = claim.kind == "law" and claim.statement["quantity"] == quantity
        if mine and all(c.holds_at(place) or not c.polynomial.at(place) for c in decode_cell(claim.region).conditions):
            return claim, {n: parse_ratio(e) for n, e in claim.statement["power"].items()}
    raise OutsideDomainError(f"no law of {quantity} is derived at {write_point(point)}")


def _terms(bundle: Bundle, quantity: str, values: Mapping[str, Ratio], point: Point) -> list[Term]:
    (step,) = _law(bundle, quantity, values, point)[0].steps
    return [decode_term(t) for t in find_step(bundle, step).conclusion["terms"]]
