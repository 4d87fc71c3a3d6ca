"""Verdicts on the laws that a user claims for a model that she states: proved, refuted with a witness, or undecided.

    proved      its step replays, and on every derived cell that its region meets the exponent is the one claimed
    refuted     its step replays, and at the witness inside one of these cells the derived exponent is another number
    undecided   a step does not replay, there is none, or the optimum leaves the quantity open

A law is read as "on this region", not "only there"; walls are not part of a region. It is proved for the model as stated:
that the loss is the sum of the terms is the user's assumption. The steps must be about the model that was read from the
file, which is handed over beside them.

Not covered: finding steps (`scaling_sym.asymptotics.stated`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, final

from proofs_check.framework import demand
from proofs_check.records import find_wrong_record
from proofs_check.replay import Replay
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_fraction, decode_monomial, decode_term
from scaling_sym.claims.steps import Step


@final
@dataclass(frozen=True, slots=True)
class Model:
    """What the file says, in the JSON form of steps: each set of terms with its cell, resources and budget, the domain."""

    pieces: tuple[tuple[Any, Any], ...]
    given: Any
    domain: Any


@final
@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one law; a refutation has a witness, with the exponent claimed and the one derived there.

    `parts` lists, for each derived cell that the region meets: cell, derived exponent (or None), and whether it agrees.
    """

    label: str
    verdict: str
    reason: str
    witness: dict[str, Any] | None
    parts: tuple[tuple[list[str], str | None, bool], ...]


def judge_law(claim: Claim, model: Model, bundle: Bundle, replay: Replay) -> Verdict:
    """The verdict on one claim of kind `printed-law`."""
    fault = find_wrong_record(claim, bundle) or next((f for f in replay.faults if f.step == claim.label), "")
    if not claim.steps or claim.label not in replay.sound or fault:
        reason = str(fault or next(iter(replay.faults), "no comparison was found"))
        return Verdict(claim.label, "undecided", reason, None, ())
    try:
        return _judge(claim, model, {s.id: s for s in bundle.steps})
    except Exception as error:
        return Verdict(claim.label, "undecided", str(error)[:300] or type(error).__name__, None, ())


def _judge(claim: Claim, model: Model, lookup: Mapping[str, Step]) -> Verdict:
    match, claimed = lookup[claim.steps[0]], parse_ratio(claim.statement["exponent"])
    check_model(match, model, lookup)
    demand(match.cell == claim.region, "the comparison is for another region")
    parts, wrong, open_cells = list[tuple[list[str], str | None, bool]](), list[dict[str, Any]](), list[str]()
    for i, text in zip(match.conclusion["hits"], match.certificate["witnesses"], strict=True):
        step = lookup[match.premises[i]]
        derived = read_exponent(step, claim.statement["quantity"])
        parts.append((step.cell, None if derived is None else str(derived), derived == claimed))
        if derived is None:
            open_cells.append(", ".join(step.cell) or "everywhere")
        elif derived != claimed:
            wrong += _compare_at(text, claimed, derived)
    differing = sum(not agrees for *_, agrees in parts) - len(open_cells)
    if wrong:
        reason = f"the exponent is another on {differing} of the {len(parts)} cells that the region meets"
        return Verdict(claim.label, "refuted", reason, wrong[0], tuple(parts))
    if open_cells:
        reason = f"many sizes do equally well where {open_cells[0]}: the optimum does not determine the exponent"
        return Verdict(claim.label, "undecided", reason, None, tuple(parts))
    demand(not differing, "the exponents differ, but not at the witness")
    return Verdict(claim.label, "proved", "it is the derived exponent on the whole region", None, tuple(parts))


def check_model(match: Step, model: Model, lookup: Mapping[str, Step]) -> None:
    """Refuse a comparison that is not with optima of the whole model, over its whole domain."""
    demand(decode_cell(match.given["domain"]) == decode_cell(model.domain), "the comparison is over another domain")
    wanted = [(cell, terms, model.given) for cell, terms in model.pieces]
    for optimum in (lookup[p] for p in match.premises):
        demand(optimum.rule == "optimum" and "substitution" not in optimum.given, "the comparison is not with optima of cells")
        stated = [lookup[p] for p in optimum.premises]
        found = [(s.cell, s.conclusion["terms"], s.given) for s in stated]
        demand(found == wanted, "an optimum is not of the model that is stated")
    for _, terms, given in wanted:
        _check_stated([decode_term(t) for t in terms], given)


def _check_stated(terms: Sequence[Term], given: Any) -> None:
    """Refuse all but positive constants, pure powers of the resources named, and a budget that costs something."""
    planes, known = [decode_monomial(m) for m in (given["cost"], *given["fixed"])], set(given["resources"])
    demand(bool(known) and len(known) == len(given["resources"]), "each resource is named once")
    demand(all(m.powers for m in planes) and bool(terms), "a budget that costs something and a term are wanted")
    for monomial in (*planes, *(t.monomial for t in terms)):
        demand({n for n, _ in monomial.powers} <= known, "a resource is not declared")
        demand(not any(known & set(e.names) for _, e in monomial.powers), "a resource stands in an exponent")
    demand(all(t.constant.coefficient > 0 and not t.logs and t.name for t in terms), "positive powers with names are wanted")


def read_exponent(step: Step, quantity: str) -> Ratio | None:
    """The exponent of the loss, or of a resource where every optimum has the same."""
    if quantity == "loss":
        return parse_ratio(step.conclusion["loss"])
    demand(quantity in step.given["resources"], "the claim is about an unknown resource")
    size = step.conclusion["sizes"].get(quantity)
    return None if size is None else parse_ratio(size)


def _compare_at(text: Mapping[str, str], claimed: Ratio, derived: Ratio) -> list[dict[str, Any]]:
    point: dict[str, Fraction] = {n: decode_fraction(x) for n, x in text.items()}
    try:
        left, right = claimed.at(point), derived.at(point)
    except ZeroDivisionError:
        return []
    return [{"point": dict(text), "claimed": str(left), "derived": str(right)}] if left != right else []
