"""What a derived claim may say: its statement and region against the conclusions of the steps it rests on.

One function a kind of claim gives the statement that follows. A printed claim rests on no steps; `judge` compares it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

from proofs_check.framework import decode_point, demand, list_steps
from proofs_check.statements_of_laws import DOMAINS, state_equation, state_law
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim, Step, is_printed
from scaling_sym.claims.codec import decode_cell, decode_constant

Said = dict[str, Any]
GENERIC: Final = {"rho": Fraction(2), "gamma": Fraction(1, 100), "B": Fraction(1), "s": Fraction(1, 2)}


@final
@dataclass(frozen=True, slots=True)
class Surroundings:
    """All steps by id, and the names and witnesses that the phase claims give to the optima they rest on."""

    lookup: Mapping[str, Step]
    names: Mapping[str, str]
    points: Mapping[str, Any]

    @staticmethod
    def of(bundle: Bundle) -> Surroundings:
        """The surroundings of the claims of a bundle; a malformed claim is refused later."""
        sound = [c for c in bundle.claims if c.kind in ("phase", "law") and c.steps and isinstance(c.statement, dict)]
        losses = [c for c in sound if c.statement.get("quantity") in ("loss", "compute/loss")]
        names = {c.steps[0]: c.statement.get("phase") or c.label.rpartition("/")[2] for c in losses}
        points = {c.steps[0]: c.statement.get("witness") for c in losses}
        return Surroundings({s.id: s for s in bundle.steps}, names, points)

    def name_phases(self, step: Step) -> list[str]:
        """The names of the optima among the premises of a step."""
        return [self.names[p] for p in step.premises if self.lookup[p].rule == "optimum"]


def check_claim(claim: Claim, around: Surroundings) -> None:
    """Refuse a claim that says more, or other, than its steps."""
    lookup = around.lookup
    if is_printed(claim):
        demand(all(lookup[s].rule == "match" for s in claim.steps), "a printed claim rests on nothing but its comparison")
        return
    demand(claim.kind in KINDS and bool(claim.steps), "the kind of claim is unknown, or it rests on nothing")
    stated = any(s.rule == "stated" for s in list_steps(claim.steps, lookup))
    demand(not stated, "the claim rests on terms that are stated, not derived")
    steps = [lookup[s] for s in claim.steps]
    same = decode_cell(steps[0].cell) == decode_cell(claim.region)
    demand(claim.kind in ("wall", "corner") or same, "the region is not that of the step")
    demand(claim.statement == KINDS[claim.kind](claim, steps, around), "the statement is not what follows from the step")


def _list_names(step: Step) -> list[str]:
    """The names of the terms that are supplied."""
    demand(step.rule in ("glue", "collect"), "terms are supplied by glue or collect")
    return sorted({t.get("name", "") for t in step.conclusion["terms"]})


def _terms(_claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,) = steps
    return {"time": "theta = 2 gamma B r", "names": _list_names(step)}


def _infinite(_claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    """For v = infinity the terms have the powers of those for v = rho d on a cell that holds them."""
    ratios, tables = [], []
    for step in steps:
        inner = step if step.rule == "collect" else around.lookup[step.premises[0]]
        ratios += [around.lookup[p].given["ratio"] for p in inner.premises if around.lookup[p].rule == "floor"]
        tables.append(sorted((t.get("name", ""), sorted(t["monomial"].items())) for t in step.conclusion["terms"]))
    demand(ratios == ["0", "rho"], "the terms for v = infinity are compared with those for v = rho d")
    demand(tables[0] == tables[1], "the terms for v = infinity are others")
    names, _ = map(_list_names, steps)
    return {"width": "infinite", "names": names}


def _piece(claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,) = steps
    demand(step.rule == "glue" and {*_list_names(step), "F_0"} <= {claim.statement["piece"], "F_0"}, "another piece is meant")
    return {"piece": claim.statement["piece"], "ratio": "rho"}


def _phase(claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,), said = steps, claim.statement
    demand(step.rule == "optimum" and said["quantity"] in ("loss", "size"), "a phase has a loss and a size, at an optimum")
    body, decays = step.conclusion, bool(parse_ratio(step.conclusion["loss"]))
    demand(decode_cell(step.cell).contains(decode_point(said["witness"])), "the witness lies outside the phase")
    value = {"loss": body["loss"], "size": body["sizes"]["d"]}[said["quantity"]]
    names = sorted(t["name"] for t in body["tradeoff"])
    return {**said, "tradeoff": names if decays else [], "exponent": value if decays else None}


def _prefactor(_claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    (step,) = steps
    demand(step.rule == "prefactor", "a prefactor is wanted")
    optimum, values = step.premises[0], step.conclusion.values()
    point = decode_point(around.points[optimum]) | GENERIC
    for constant in (decode_constant(v) for v in values if v is not None):  # the rule compares them up to signs
        demand(bool(constant.evaluate(point) > 0), "a prefactor is not positive")
    return {"phase": around.names[optimum]}


def _cover(claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    plane = ["alpha > 0", "beta > 0"] if claim.label.startswith("plrf/") else DOMAINS[claim.label.partition("/")[0]]
    demand(steps[0].rule == "cover" and decode_cell(claim.region) == decode_cell(plane), "the whole plane is to be covered")
    return {"phases": around.name_phases(steps[0])}


def _wall(claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    continuity, *others = steps
    demand(continuity.rule == "continuity" and len(others) <= 1, "a wall rests on continuity")
    polynomial, logs = continuity.conclusion["polynomial"], others[0] if others else None
    demand(claim.region == (logs.cell if logs else []), "the region is not that of the step")
    common = _find_common(continuity, around, {})
    if logs is not None:
        solved = {n: parse_ratio(x) for n, x in logs.given["substitution"].items()}
        demand(not parse_ratio(polynomial).substitute(solved), "the logarithms are for another wall")
        optima = {p for p in logs.premises if around.lookup[p].rule == "optimum"}
        demand(optima == set(continuity.premises), "the logarithms are for other neighbours")
    return {"polynomial": polynomial, **common, **_find_logs(claim, logs)}


def _corner(claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    (logs,) = steps
    demand(claim.region == [] and logs.rule == "log-optimum", "a corner is a point, with its powers of the logarithm")
    point = logs.given["substitution"]
    solved = {n: parse_ratio(x) for n, x in point.items()}
    return {"point": point, **_find_common(logs, around, solved), **_find_logs(claim, logs)}


def _find_common(step: Step, around: Surroundings, solved: Mapping[str, Ratio]) -> Said:
    """The phases that meet, and the exponents that the first of them has there; a size where the loss decays."""
    body = next(around.lookup[p].conclusion for p in step.premises if around.lookup[p].rule == "optimum")
    loss, size = (parse_ratio(x).substitute(solved) for x in (body["loss"], body["sizes"]["d"]))
    return {"phases": around.name_phases(step), "loss": str(loss), "size": str(size) if loss else None}


def _find_logs(claim: Claim, logs: Step | None) -> Said:
    """The powers of log f, or a note that says why there are none."""
    if logs is not None and not logs.conclusion["iterated"]:
        demand(logs.rule == "log-optimum", "the log powers need their step")
        return {"log_loss": logs.conclusion["loss"], "log_size": logs.conclusion["sizes"]["d"], "note": None}
    note, wanted = claim.statement["note"], "undecided" if logs is None else "iterated"
    demand(isinstance(note, str) and note.startswith(wanted), f"the note must begin with {wanted}")
    return {"log_loss": None, "log_size": None, "note": note}


def _quote(rule: str) -> Callable[[Claim, list[Step], Surroundings], Said]:
    """The statement is the conclusion of a step by this rule."""
    def quote(claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
        (step,) = steps
        demand(step.rule == rule and claim.region == [], f"a step by the rule {rule} is wanted")
        return dict(step.conclusion)

    return quote


KINDS: Final[Mapping[str, Callable[[Claim, list[Step], Surroundings], Said]]] = {
    "terms": _terms, "terms-infinite": _infinite, "piece": _piece, "phase": _phase, "prefactor": _prefactor, "cover": _cover,
    "wall": _wall, "corner": _corner, "equation": state_equation, "law": state_law, "growth": _quote("unstable"),
    "recursion": _quote("volterra"),
}
