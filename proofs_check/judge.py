"""Verdicts: what the replayed steps say of each claim, derived or printed. Status is computed, never written.

A derived claim *holds* if everything under it replays; its status is the weakest rung of the rules under it:

    conjectured < cited < derived < numerically consistent < enclosed < proved

Exact rules leave a claim at `proved`; rules that use a uniformity, and every closure among a claim's assumptions (`CLOSURES`),
bring it down to `derived`; numbers that agree (`confirm`) raise `derived` to `numerically consistent`, no higher. A printed claim
is laid beside the derived ones by its `match` steps and gets

    holds        it agrees on its whole region, and (a condition is read as "if and only if") nowhere else
    holds only   it agrees on part of the region, or the agreement extends beyond it; `region` says where it holds
    refuted      it agrees nowhere on its region; `witness` is a point where it fails
    undecided    a step that the comparison needs does not replay, or there is none

Not covered: finding comparisons; they are steps of the bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

from proofs_check.framework import decode_point, list_steps, terms_of
from proofs_check.judge_finite_size import PRINTED_FINITE_SIZE
from proofs_check.judge_laws import PRINTED_LAWS, agreeing_region
from proofs_check.outcomes import Outcome
from proofs_check.records import find_wrong_record
from proofs_check.replay import Fault, Replay
from proofs_check.rules.windows import substitute_time
from scaling_sym.algebra.constant_values import evaluate
from scaling_sym.algebra.constants import ONE, Constant, gamma, zeta
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.claims.steps import Step

LADDER: Final = ("conjectured", "cited", "derived", "numerically consistent", "enclosed", "proved")
WEAK_RULES: Final = frozenset({"renew", "transfer", "floor", "corrections"})
GENERIC: Final = {"rho": Fraction(2), "gamma": Fraction(1, 100), "B": Fraction(1), "s": Fraction(1, 2)}
CLOSURES: Final = frozenset({
    "deterministic-equivalent", "sgd-follows-volterra", "uniform-transfer", "mean-field-closure", "monotone-resources",
})


@final
@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one claim; `region` where it holds, `witness` where it fails (or a point inside, if it holds)."""

    claim: Claim
    verdict: str
    status: str
    region: list[str]
    witness: dict[str, str] | None
    assumptions: tuple[str, ...]
    derivations: int
    reason: str
    finding: str = ""


def judge(bundle: Bundle, replay: Replay, confirmed: Iterable[str] = ()) -> tuple[Judgement, ...]:
    """A judgement for every claim of a replayed bundle, in its order; `confirmed` are labels that numbers support."""
    lookup = {s.id: s for s in bundle.steps}
    numbers = frozenset(confirmed)
    return tuple(_judge_one(claim, bundle, lookup, replay, numbers) for claim in bundle.claims)


def _judge_one(
    claim: Claim, bundle: Bundle, lookup: Mapping[str, Step], replay: Replay, confirmed: frozenset[str]
) -> Judgement:
    if claim.label not in replay.sound:
        reason = "a step under it does not replay"
        return Judgement(claim, "undecided", LADDER[0], [], None, claim.assumptions, 0, reason)
    wrong = find_wrong_record(claim, bundle)
    if wrong:
        return Judgement(claim, "undecided", LADDER[0], [], None, claim.assumptions, 0, wrong, wrong)
    if not claim.kind.startswith("printed-"):
        if claim.kind == "prefactor" and not _is_positive(claim, bundle, lookup):
            reason = "a prefactor is not positive"
            return Judgement(claim, "undecided", LADDER[0], [], None, claim.assumptions, 0, reason)
        status = _lower(weakest_rung(claim.steps, lookup), claim)
        if status == "derived" and claim.label in confirmed:
            status = "numerically consistent"
        witness = claim.statement.get("witness") or claim.statement.get("point")
        return Judgement(claim, "holds", status, list(claim.region), witness, claim.assumptions, 1, "every step replays")
    try:
        return _judge_printed(claim, bundle, lookup)
    except Exception as error:
        reason = f"no comparison: {str(error)[:120] or type(error).__name__}"
        return Judgement(claim, "undecided", LADDER[1], [], None, claim.assumptions, 0, reason, reason)


def _is_positive(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> bool:
    """Whether the prefactors are positive at the witness of their phase: their rule compares them up to signs."""
    step = lookup[claim.steps[0]]
    constants = [decode_constant(c) for c in (step.conclusion["loss"], step.conclusion["size"]) if c is not None]
    try:
        phase = next(c for c in bundle.claims if c.kind == "phase" and c.steps[:1] == step.premises[:1])
        point = decode_point(phase.statement["witness"]) | GENERIC
        return all(evaluate(c, point) > 0 for c in constants)
    except Exception:
        return False


def compare_verdicts(judgements: Iterable[Judgement]) -> tuple[Fault, ...]:
    """A fault for every claim whose recorded verdict, or what is recorded of its failure, is not the one computed now."""
    listed = list(judgements)
    wrong = [Fault(j.claim.label, "verdict", f"{j.claim.verdict!r} is recorded, {j.verdict!r} is found: {j.reason}")
             for j in listed if j.claim.verdict != j.verdict]
    wrong += [Fault(j.claim.label, "verdict", f"{j.verdict} for another reason than recorded: {j.finding or j.reason}")
              for j in listed if j.claim.verdict == j.verdict and j.claim.finding != j.finding]
    return tuple(wrong)


def _lower(status: str, claim: Claim) -> str:
    """No more than `derived` for what rests on a closure, which is assumed and not proved."""
    return "derived" if status == "proved" and CLOSURES & set(claim.assumptions) else status


def weakest_rung(steps: Iterable[str], lookup: Mapping[str, Step]) -> str:
    """`derived` where a rule under the steps is not exact, else `proved`."""
    return "derived" if any(s.rule in WEAK_RULES for s in list_steps(steps, lookup)) else "proved"


def _judge_printed(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> Judgement:
    outcomes = PRINTED[claim.kind](claim, bundle, lookup)
    below = claim.steps or [s for c in _supporting(claim, bundle) for s in c.steps]
    status = _lower(weakest_rung(below, lookup), claim)
    agreeing = [o for o in outcomes if o.agrees]
    failing = [o for o in outcomes if not o.agrees]
    if not agreeing:
        verdict, reason, witness = "refuted", "it differs from what is derived", failing[0].witness
    elif failing:
        verdict, reason, witness = "holds only", "it differs on part of its region", failing[0].witness
    elif not all(o.whole for o in outcomes):
        verdict, reason, witness = "holds only", "what it states is true beyond its region too", agreeing[0].witness
    else:
        verdict, reason, witness = "holds", "it agrees with what is derived on its whole region", agreeing[0].witness
    stated = agreeing_region(claim, bundle, lookup, outcomes) if verdict == "holds only" else None
    one = agreeing[0].cell if agreeing and all(o.cell == agreeing[0].cell for o in agreeing) else list(claim.region)
    region = one if stated is None else stated
    if verdict == "refuted":
        region = []
    where = [f"it holds where {', '.join(region) or 'it is said'}"] if verdict == "holds only" else []
    finding = "; ".join([*(o.found for o in failing if o.found), *where])
    return Judgement(claim, verdict, status, region, witness, claim.assumptions, 1, reason, finding)


def _supporting(claim: Claim, bundle: Bundle) -> list[Claim]:
    """The derived claims that a printed one without steps is compared with."""
    if claim.kind == "printed-volterra":
        return [c for c in bundle.claims if c.kind == "recursion"]
    if claim.kind == "printed-equation":
        names = {p["name"] for p in claim.statement["equations"]}
        return [c for c in bundle.claims if c.kind == "equation" and c.statement["name"] in names]
    return [c for c in bundle.claims if c.kind in ("phase", "law", "equation")]


def _check_compared(claim: Claim, match: Step, bundle: Bundle, lookup: Mapping[str, Step]) -> None:
    """Raise `ValueError` unless the comparison is with all that was derived of the kind, over the whole domain."""
    plane, admissible = ["alpha > 0", "beta > 0"], ["2*alpha + 2*beta - 1 > 0", "alpha > 0", "beta > 0"]
    terms = [lookup[c.steps[0]] for c in bundle.claims if c.kind == "terms"]
    if claim.kind == "printed-row":
        wanted = [s for c in bundle.claims if c.kind == "cover" for s in lookup[c.steps[0]].premises]
    elif claim.kind == "printed-piece":
        name = claim.statement["piece"]
        wanted = [c.steps[0] for c in bundle.claims if c.kind == "piece" and c.statement["piece"] == name]
    elif claim.kind == "printed-sum":
        wanted = [t.id for t in terms]
    else:
        rule = {"printed-floor": "floor", "printed-stability": "learning-rate"}[claim.kind]
        below = [lookup[p] for p in match.premises]
        kinds = {s.rule if s.rule != "glue" else lookup[s.premises[0]].rule for s in below}
        if kinds != {rule} or [s.cell for s in below] != [t.cell for t in terms]:
            raise ValueError("the comparison is with other steps")
        wanted = list(match.premises)
    domain = plane if claim.kind == "printed-row" else admissible
    if list(match.premises) != wanted or decode_cell(match.given["domain"]) != decode_cell(domain):
        raise ValueError("the comparison is not with all that was derived")


def _hits(
    claim: Claim, bundle: Bundle, lookup: Mapping[str, Step], place: int = 0
) -> list[tuple[Step, bool, dict[str, str]]]:
    """The derived steps that a printed region meets, whether wholly, and a witness in each."""
    step = lookup[claim.steps[place]]
    _check_compared(claim, step, bundle, lookup)
    body, witnesses = step.conclusion, step.certificate["witnesses"]
    return [
        (lookup[step.premises[i]], i in body["whole"], w) for i, w in zip(body["hits"], witnesses, strict=True)
    ]


def _row(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> list[Outcome]:
    said, outcomes = claim.statement, []
    demand_region(claim, lookup)
    if claim.label.rpartition("/")[2] != said["name"]:
        raise ValueError("the label names another row")
    for step, whole, witness in _hits(claim, bundle, lookup):
        body = step.conclusion
        same = (
            parse_ratio(body["loss"]) == parse_ratio(said["loss"])
            and parse_ratio(body["sizes"]["d"]) == parse_ratio(said["size"])
            and sorted(t["name"] for t in body["tradeoff"]) == sorted(said["tradeoff"])
        )
        outcomes.append(Outcome(same, whole, step.cell, witness))
    return outcomes


def demand_region(claim: Claim, lookup: Mapping[str, Step], place: int = 0, region: Any = None) -> None:
    """Raise `ValueError` unless the match step is about the printed region."""
    wanted = claim.region if region is None else region
    if decode_cell(lookup[claim.steps[place]].cell) != decode_cell(wanted):
        raise ValueError("the comparison is about another region")


def _piece(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> list[Outcome]:
    said, outcomes = claim.statement, []
    demand_region(claim, lookup)
    constant = ONE
    for head, argument in said["factors"]:
        value = parse_ratio(argument)
        factor = {"polynomial": Constant.of, "gamma": gamma, "zeta": zeta}[head](value)
        constant = constant * factor
    printed = Term(Monomial.of({n: parse_ratio(e) for n, e in said["power"].items()}), constant.canonical())
    everywhere = not claim.region
    for step, whole, witness in _hits(claim, bundle, lookup):
        terms = [_bare_kernel(t) if said["piece"] == "K_pp" else t for t in terms_of(step)]
        same = len(terms) == 1 and (terms[0].monomial, terms[0].constant.canonical()) == (
            printed.monomial, printed.constant
        )
        outcomes.append(Outcome(same, whole or everywhere, step.cell, witness))
    return outcomes


def _bare_kernel(term: Term) -> Term:
    """The kernel as a function of r, with gamma as a number: 2 gamma B times the density in theta."""
    g = term.monomial.exponent("gamma")
    number = Constant.of(Ratio.parameter("gamma")) ** (g + 1) * Constant.of(Ratio.parameter("B") * 2)
    return Term(term.monomial * Monomial.of({"gamma": -g}), term.constant * number)


def _sum(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> list[Outcome]:
    """Every leading term of the loss is one of the printed pieces, and no printed piece exceeds them."""
    powers = {c.statement["piece"]: c.statement["power"] for c in bundle.claims if c.kind == "printed-piece"}
    orders = next(c.statement["order"] for c in bundle.claims if c.kind == "printed-floor")
    outcomes = []
    known = {"F_0", *(f"{n}/(gamma B)" if n == "K_pp" else n for n in powers)}
    if set(claim.statement["pieces"]) != known or claim.statement["relation"] != "up to constants":
        raise ValueError("the sum is of other pieces")
    for step, _, witness in _hits(claim, bundle, lookup):
        collects = [step] if step.rule == "collect" else [lookup[p] for p in step.premises]
        agree = all(_sum_agrees(c, powers, orders, lookup) for c in collects)
        outcomes.append(Outcome(agree, True, step.cell, witness))
    return outcomes


def _sum_agrees(collect: Step, powers: Mapping[str, Any], orders: Any, lookup: Mapping[str, Step]) -> bool:
    window = _premise(collect, "absorb", lookup)
    (gamma_term,) = terms_of(_premise(window, "learning-rate", lookup))
    moving, pieces = bool(gamma_term.monomial.powers), {}
    for name, power in powers.items():
        monomial = Monomial.of({n: parse_ratio(e) for n, e in power.items()})
        if name == "K_pp" and moving:
            monomial = monomial * Monomial.of({"gamma": 1})
        pieces[name] = monomial
    found = {t.monomial for p in window.premises if lookup[p].rule == "transfer" for t in terms_of(lookup[p])}
    present = found >= set(pieces.values())
    floors = {parse_ratio(o["exponent"]) for o in orders}  # which of them where is the business of the floor's own claim
    allowed = {substitute_time(Term(m), gamma_term).monomial for m in pieces.values()}
    allowed |= {Monomial.of({"d": e}) for e in floors}
    return present and all(t.monomial in allowed for t in terms_of(collect))


def _premise(step: Step, rule: str, lookup: Mapping[str, Step]) -> Step:
    found = [lookup[p] for p in step.premises if lookup[p].rule == rule]
    if len(found) != 1:
        raise ValueError(f"one premise by the rule {rule} is wanted")
    return found[0]


def _floor(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> list[Outcome]:
    said, outcomes = claim.statement, []
    lam, target, omega = (Ratio.parameter(n) for n in ("lam", "target", "omega"))
    form = parse_ratio(said["summand"]) == target / (omega * (1 + 1 / (lam * omega)))
    balance = parse_ratio(said["kappa"]["exponent"]) == parse_ratio("2*alpha") and said["kappa"]["ratio"] == "rho"
    form = form and balance and parse_ratio(said["omega"].replace("d**(2*alpha)", "scale")) == parse_ratio("kappa*scale")
    for place, row in enumerate(said["order"]):
        demand_region(claim, lookup, place, row["region"])
        for step, _, witness in _hits(claim, bundle, lookup, place):
            (term,) = terms_of(step)
            same = form and term.monomial == Monomial.of({"d": parse_ratio(row["exponent"])})
            outcomes.append(Outcome(same, True, step.cell, witness))
    return outcomes


def _stability(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> list[Outcome]:
    """The norm as a sum over steps, and the learning rate that it allows."""
    said, outcomes = claim.statement, []
    lam, g, b = (Ratio.parameter(n) for n in ("lam", "gamma", "B"))
    factor = 1 - g * b * lam * 2 + g**2 * b * (b + 1) * lam**2
    identity = g**2 * b * lam**2 / (1 - factor) == parse_ratio(said["norm"])
    place = 0
    for row in said["learning_rate"]:
        sign = decode_cell(row["region"]).conditions[0]
        if sign.relation == "=":
            rates = [s for s in bundle.steps if s.rule == "learning-rate" and _on_wall(s, sign.polynomial)]
            found: list[tuple[Step, dict[str, str]]] = [(s, {}) for s in rates]
            if not found:
                raise ValueError("no learning rate was derived on this wall")
        else:
            demand_region(claim, lookup, place, row["region"])
            found = [(s, w) for s, _, w in _hits(claim, bundle, lookup, place)]
            place += 1
        for step, witness in found:
            (term,) = terms_of(step)
            logs = sum((k for _, k in term.logs), Ratio.of(0))
            same = identity and (term.monomial, logs) == (
                Monomial.of({"d": parse_ratio(row["exponent"])}), parse_ratio(row["log"])
            )
            outcomes.append(Outcome(same, True, step.cell, witness))
    return outcomes


def _on_wall(step: Step, polynomial: Ratio) -> bool:
    """Whether a learning rate is for 2 alpha = 1, where the trace has its double pole."""
    alpha = parse_ratio(step.given["c"]) / 2
    return alpha.is_constant and not polynomial.substitute({"alpha": alpha})


def _universal(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> list[Outcome]:
    """The named phases are exactly those whose size exponent is the printed one."""
    said, outcomes = claim.statement, []
    for other in bundle.claims:
        if other.kind == "phase" and other.statement["quantity"] == "size" and other.statement["exponent"] is not None:
            has = parse_ratio(other.statement["exponent"]) == parse_ratio(said["size"])
            named = other.statement["phase"] in said["phases"]
            outcomes.append(Outcome(has == named, True, list(other.region), other.statement["witness"]))
    assert lookup
    return outcomes


PRINTED: Final[Mapping[str, Callable[[Claim, Bundle, Mapping[str, Step]], list[Outcome]]]] = {
    "printed-row": _row, "printed-piece": _piece, "printed-sum": _sum, "printed-floor": _floor,
    "printed-stability": _stability, "printed-universal": _universal, **PRINTED_LAWS, **PRINTED_FINITE_SIZE,
}
