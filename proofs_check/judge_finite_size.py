"""Verdicts on what is printed of SGD at finite size: the Volterra equation, one measured number, slow slopes near the walls.

    printed-volterra   factor and kernel of the recursion: they are the derived ones, or not
    printed-measured   a predicted number beside a measured one: the prediction is computed, the measurement is not repeated
    printed-slow       near each wall the slopes approach their limit slowly: at each wall the exponent of a term that is dropped
                       beside one that is kept is a multiple of the wall's polynomial, so that the rate of approach vanishes there

Not covered: measuring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Final

from proofs_check.framework import list_steps
from proofs_check.outcomes import Outcome
from proofs_check.signs import combine
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_fraction
from scaling_sym.claims.steps import Step

Lookup = Mapping[str, Step]


def judge_volterra(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """The printed factor p(u) and the kernel against the recursion of the second moments."""
    (derived,) = (c for c in bundle.claims if c.kind == "recursion")
    same = all(parse_ratio(claim.statement[k]) == parse_ratio(derived.statement[k]) for k in ("factor", "kernel"))
    return [Outcome(same, True, [], {})]


def judge_measured(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """The predicted number is the derived exponent, rounded; a measurement that nobody repeats stays undecided."""
    said = claim.statement
    point = {n: decode_fraction(x) for n, x in said["at"].items()}
    around = [c for c in bundle.claims if c.kind == "phase" and c.statement["quantity"] == "loss" and c.statement["exponent"]
              and all(s.holds_at(point) or not s.polynomial.at(point) for s in decode_cell(c.region).conditions)]
    values = {parse_ratio(c.statement["exponent"]).at(point) for c in around}
    if len(values) != 1:
        raise ValueError("the exponent at the point is not derived")
    (value,) = values
    predicted = decode_fraction(said["predicted"])
    if abs(value - predicted) > Fraction(1, 2 * predicted.denominator):
        return [Outcome(False, True, [], dict(said["at"]))]
    raise ValueError(f"the derived {value} rounds to the printed {predicted}; the measured {said['measured']} is not repeated")


def judge_slow(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """One outcome a wall between two phases with a law."""
    if claim.statement != {"near": "walls", "approach": "slow"}:
        raise ValueError("another statement is meant")
    outcomes = []
    for wall in (c for c in bundle.claims if c.kind == "wall" and c.statement["size"] is not None):
        polynomial = parse_ratio(wall.statement["polynomial"]).primitive()
        below = lookup[wall.steps[0]].premises
        slow = any(polynomial in _factors(s) for s in list_steps(below, lookup))
        outcomes.append(Outcome(slow, True, list(wall.region), {}))
    if not outcomes:
        raise ValueError("no wall is derived")
    return outcomes


def _factors(step: Step) -> Iterator[Ratio]:
    """The factors of the exponents by which terms are dropped or tie, and of the multipliers."""
    if step.rule == "absorb":
        proofs = [ray for dropped in filter(None, step.certificate) for ray in dropped["rays"]]
    else:
        proofs = [p for k in ("gaps", "sizes", "signs") for p in step.certificate[k]] if step.rule == "optimum" else []
    for part in (part for proof in filter(None, proofs) for part in proof):
        yield from (combine(decode_cell(step.cell), weights).primitive() for weights in part)


PRINTED_FINITE_SIZE: Final[Mapping[str, Callable[[Claim, Bundle, Lookup], list[Outcome]]]] = {
    "printed-volterra": judge_volterra, "printed-measured": judge_measured, "printed-slow": judge_slow,
}
