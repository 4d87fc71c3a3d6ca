"""What a derived claim may say: its statement and region against the conclusions of the steps it rests on.

One function a kind of claim gives the statement that follows. A printed claim rests on no steps; `judge` compares it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from proofs_check.framework import decode_point, demand, list_steps
from proofs_check.statements_of_laws import DOMAINS, state_equation, state_law, state_law_on_wall
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim, Step, is_printed
from scaling_sym.claims.codec import decode_cell

Said = dict[str, Any]


@final
@dataclass(frozen=True, slots=True)
class Surroundings:
    """All steps by id, and the names that the phase claims give to the optima they rest on."""

    lookup: Mapping[str, Step]
    names: Mapping[str, str]

    @staticmethod
    def of(bundle: Bundle) -> Surroundings:
        """The surroundings of the claims of a bundle; a malformed claim is refused later."""
        sound = [c for c in bundle.claims if c.kind in ("phase", "law") and c.steps and isinstance(c.statement, dict)]
        losses = [c for c in sound if c.statement.get("quantity") in ("loss", "compute/loss")]
        names = {c.steps[0]: c.statement.get("phase") or c.label.rpartition("/")[2] for c in losses}
        return Surroundings({s.id: s for s in bundle.steps}, names)

    def name_phases(self, step: Step) -> list[str]:
        """The names of the optima among the premises of a step."""
        return [self.names[p] for p in step.premises if self.lookup[p].rule == "optimum"]


def check_claim(claim: Claim, around: Surroundings) -> None:
    """Refuse a claim that says more, or other, than its steps."""
    lookup = around.lookup
    if is_printed(claim):
        demand(all(lookup[s].rule == "match" for s in claim.steps), "a printed claim rests on nothing but its comparison")
        return
    rules, state = KINDS[claim.kind]
    known = bool(claim.steps) and (not rules or lookup[claim.steps[0]].rule in rules.split("|"))
    demand(known, f"a claim of this kind rests on {rules or 'steps'}")
    stated = any(s.rule == "stated" for s in list_steps(claim.steps, lookup))
    demand(not stated, "the claim rests on terms that are stated, not derived")
    steps = [lookup[s] for s in claim.steps]
    same = decode_cell(steps[0].cell) == decode_cell(claim.region)
    demand(claim.kind in ("wall", "corner") or same, "the region is not that of the step")
    demand(claim.statement == state(claim, steps, around), "the statement is not what follows from the step")


def _list_names(step: Step) -> list[str]:
    return sorted({t.get("name", "") for t in step.conclusion["terms"]})


def _terms(_claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,) = steps
    return {"time": "theta = 2 gamma B r", "names": _list_names(step)}


def _infinite(_claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    """For v = infinity the terms have the powers of those for v = rho d on a cell that holds them."""
    first, second = steps
    ratios, tables = [], []
    for step in (first, second):
        demand(step.rule in ("glue", "collect"), "terms are supplied by glue or collect")
        inner = step if step.rule == "collect" else around.lookup[step.premises[0]]
        ratios += [around.lookup[p].given["ratio"] for p in inner.premises if around.lookup[p].rule == "floor"]
        tables.append(sorted((t.get("name", ""), sorted(t["monomial"].items())) for t in step.conclusion["terms"]))
    demand(ratios == ["0", "rho"], "the terms for v = infinity are compared with those for v = rho d")
    demand(tables[0] == tables[1], "the terms for v = infinity are others")
    return {"width": "infinite", "names": _list_names(first)}


def _piece(claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,) = steps
    demand({*_list_names(step), "F_0"} <= {claim.statement["piece"], "F_0"}, "another piece is meant")
    return {"piece": claim.statement["piece"], "ratio": "rho"}


def _phase(claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,), said = steps, claim.statement
    body, decays = step.conclusion, bool(parse_ratio(step.conclusion["loss"]))
    demand(decode_cell(step.cell).contains(decode_point(said["witness"])), "the witness lies outside the phase")
    value = {"loss": body["loss"], "size": body["sizes"]["d"]}[said["quantity"]]
    names = sorted(t["name"] for t in body["tradeoff"])
    return {
        "phase": said["phase"], "quantity": said["quantity"], "witness": said["witness"],
        "tradeoff": names if decays else [], "exponent": value if decays else None,
    }


def _prefactor(_claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    """The phase; that the constants are positive is for the judge."""
    (step,) = steps
    return {"phase": around.names[step.premises[0]]}


def _cover(claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    (step,), model = steps, claim.label.partition("/")[0]
    plane = ["alpha > 0", "beta > 0"] if model == "plrf" else DOMAINS[model]
    demand(decode_cell(claim.region) == decode_cell(plane), "the whole plane is to be covered")
    return {"phases": around.name_phases(step)}


def _wall(claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    continuity, *others = steps
    polynomial, logs = continuity.conclusion["polynomial"], others[0] if others else None
    demand(len(others) <= 1 and claim.region == (logs.cell if logs else []), "the region is not that of the step")
    common = _find_common(continuity, around, {})
    if logs is not None:
        solved = {n: parse_ratio(x) for n, x in logs.given["substitution"].items()}
        demand(not parse_ratio(polynomial).substitute(solved), "the logarithms are for another wall")
        optima = {p for p in logs.premises if around.lookup[p].rule == "optimum"}
        demand(optima == set(continuity.premises), "the logarithms are for other neighbours")
    return {"polynomial": polynomial, **common, **_find_logs(claim, logs)}


def _corner(claim: Claim, steps: list[Step], around: Surroundings) -> Said:
    (logs,) = steps
    demand(claim.region == [], "a corner is a point")
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
    demand(logs is None or logs.rule == "log-optimum", "the log powers need their step")
    if logs is not None and not logs.conclusion["iterated"]:
        return {"log_loss": logs.conclusion["loss"], "log_size": logs.conclusion["sizes"]["d"], "note": None}
    note, wanted = claim.statement["note"], "undecided" if logs is None else "iterated"
    demand(isinstance(note, str) and note.startswith(wanted), f"the note must begin with {wanted}")
    return {"log_loss": None, "log_size": None, "note": note}


def _quote(claim: Claim, steps: list[Step], _around: Surroundings) -> Said:
    (step,) = steps
    demand(claim.region == [], "it holds everywhere")
    return dict(step.conclusion)


# Each kind of claim: by which rules its first step may be (a law: see `statements_of_laws`), and the statement that follows.
KINDS: Final[Mapping[str, tuple[str, Callable[[Claim, list[Step], Surroundings], Said]]]] = {
    "terms": ("glue|collect", _terms), "terms-infinite": ("glue|collect", _infinite), "piece": ("glue", _piece),
    "phase": ("optimum", _phase), "prefactor": ("prefactor", _prefactor), "cover": ("cover", _cover),
    "wall": ("continuity", _wall), "corner": ("log-optimum", _corner), "growth": ("unstable", _quote),
    "recursion": ("volterra", _quote), "equation": ("identity|total|sum-identity", state_equation), "law": ("", state_law),
    "law-on-wall": ("", state_law_on_wall),
}
