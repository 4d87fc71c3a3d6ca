"""What a derived claim may say: its statement and region against the conclusion of the steps it rests on.

One function a kind of claim. A printed claim rests on no steps; `judge` compares it with the derived ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, final

from proofs_check.framework import demand
from proofs_check.statements_of_laws import DOMAINS, check_equation, check_law, check_law_on_wall
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Bundle, Claim, Step
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_fraction, decode_ratio

Lookup = Mapping[str, Step]
GENERIC: Final = {"rho": Fraction(2), "gamma": Fraction(1, 100), "B": Fraction(1), "s": Fraction(1, 2)}


@final
@dataclass(frozen=True, slots=True)
class Surroundings:
    """All steps by id, and the names and witnesses that the phase claims give to the optima they rest on."""

    lookup: Lookup
    names: Mapping[str, str]
    points: Mapping[str, Any]

    @staticmethod
    def of(bundle: Bundle) -> Surroundings:
        """The surroundings of the claims of a bundle."""
        phases = [c for c in bundle.claims if c.kind == "phase" and _quantity(c) == "loss"]
        names = {c.steps[0]: c.statement.get("phase", "") for c in phases}
        laws = [c for c in bundle.claims if c.kind == "law" and _quantity(c) == "compute/loss"]
        names |= {c.steps[0]: c.label.rpartition("/")[2] for c in laws}
        points = {c.steps[0]: c.statement.get("witness") for c in phases}
        return Surroundings({s.id: s for s in bundle.steps}, names, points)


def _quantity(claim: Claim) -> Any:
    """What a claim is about, where it says so and rests on something; a malformed one is refused later."""
    return claim.statement.get("quantity") if claim.steps and isinstance(claim.statement, dict) else None


def check_claim(claim: Claim, around: Surroundings) -> None:
    """Refuse a claim that says more, or other, than its steps."""
    lookup = around.lookup
    if claim.kind.startswith("printed-"):
        demand(all(lookup[s].rule == "match" for s in claim.steps), "a printed claim rests on nothing but its comparison")
        return
    demand(claim.kind in KINDS and bool(claim.steps), "the kind of claim is unknown, or it rests on nothing")
    demand(claim.source.tag == "derived", "a derived claim says so")
    steps = [lookup[s] for s in claim.steps]
    demand(not _rest_on_stated(claim.steps, lookup), "the claim rests on terms that are stated, not derived")
    region = decode_cell(claim.region)
    demand(claim.kind in ("wall", "corner") or decode_cell(steps[0].cell) == region, "the region is not that of the step")
    KINDS[claim.kind](claim, steps, around)


def _rest_on_stated(steps: tuple[str, ...], lookup: Lookup) -> bool:
    """Whether a step of the rule `stated` stands above: such terms carry a user's own claims and no others."""
    if not any(s.rule == "stated" for s in lookup.values()):
        return False
    seen, todo = set[str](), list(steps)
    while todo:
        step = lookup[todo.pop()]
        if step.rule == "stated":
            return True
        todo += [p for p in step.premises if p not in seen]
        seen.update(step.premises)
    return False


def _terms(claim: Claim, steps: list[Step], _: Surroundings) -> None:
    (step,) = steps
    demand(step.rule in ("glue", "collect"), "terms are supplied by glue or collect")
    names = sorted({t.get("name", "") for t in step.conclusion["terms"]})
    demand(claim.statement == {"time": "theta = 2 gamma B r", "names": names}, "the names are not those of the terms")


def _infinite(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    """For v = infinity the terms have the powers of those for v = rho d on a cell that holds them."""
    step, finite = steps
    demand({step.rule, finite.rule} <= {"glue", "collect"}, "terms are supplied by glue or collect")
    ratios = [_floor_ratio(s, around) for s in (step, finite)]
    demand(ratios == ["0", "rho"], "the terms for v = infinity are compared with those for v = rho d")
    tables = [sorted((t.get("name", ""), str(sorted(t["monomial"].items()))) for t in s.conclusion["terms"])
              for s in (step, finite)]
    demand(tables[0] == tables[1], "the terms for v = infinity are others")
    demand(claim.statement == {"width": "infinite", "names": sorted({n for n, _ in tables[0]})}, "other names are meant")


def _floor_ratio(step: Step, around: Surroundings) -> str:
    """The ratio v/d in the floor under a step that supplies terms."""
    inner = step if step.rule == "collect" else around.lookup[step.premises[0]]
    floor = next(around.lookup[p] for p in inner.premises if around.lookup[p].rule == "floor")
    return str(floor.given["ratio"])


def _piece(claim: Claim, steps: list[Step], _: Surroundings) -> None:
    (step,) = steps
    names = {t.get("name", "") for t in step.conclusion["terms"]} - {"F_0"}
    demand(step.rule == "glue" and names <= {claim.statement["piece"]}, "the step is about another piece")
    demand(claim.statement["ratio"] == "rho", "v = rho d is meant")


def _phase(claim: Claim, steps: list[Step], _: Surroundings) -> None:
    (step,), said = steps, claim.statement
    demand(step.rule == "optimum", "a phase rests on an optimum")
    loss, size = decode_ratio(step.conclusion["loss"]), decode_ratio(step.conclusion["sizes"]["d"])
    names = sorted(t["name"] for t in step.conclusion["tradeoff"]) if loss else []
    demand(said["tradeoff"] == names, "the trade-off is another")
    demand(said["quantity"] in ("loss", "size"), "a phase has a loss and a size")
    value = loss if said["quantity"] == "loss" else size
    if said["exponent"] is None:
        demand(not loss, "the loss decays: there is an exponent")
    else:
        demand(bool(loss) and decode_ratio(said["exponent"]) == value, "the exponent is another")
    point = {n: decode_fraction(x) for n, x in said["witness"].items()}
    demand(decode_cell(step.cell).contains(point), "the witness lies outside the phase")
    demand(claim.label == f"plrf/{said['phase']}/{said['quantity']}", "the label names another phase")


def _prefactor(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    (step,) = steps
    demand(step.rule == "prefactor" and claim.label == f"plrf/{claim.statement['phase']}/prefactor", "another step")
    optimum = step.premises[0]
    demand(around.names[optimum] == claim.statement["phase"], "the prefactors are those of another phase")
    point = {n: decode_fraction(x) for n, x in around.points[optimum].items()} | GENERIC
    for constant in (step.conclusion["loss"], step.conclusion["size"]):  # the rule compares them up to signs
        demand(constant is None or bool(decode_constant(constant).evaluate(point) > 0), "a prefactor is not positive")


def _cover(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    demand(steps[0].rule == "cover", "a cover is wanted")
    demand(claim.statement["phases"] == [around.names[p] for p in steps[0].premises], "the phases are not the cover's")
    plane = ["alpha > 0", "beta > 0"] if claim.label.startswith("plrf/") else DOMAINS[claim.label.partition("/")[0]]
    demand(decode_cell(claim.region) == decode_cell(plane), "the whole plane is to be covered")


def _wall(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    said, continuity = claim.statement, steps[0]
    demand(continuity.rule == "continuity", "a wall rests on continuity")
    wall = decode_ratio(said["polynomial"])
    demand(wall == decode_ratio(continuity.conclusion["polynomial"]), "the polynomial is another")
    demand(claim.label == f"plrf/wall/{'|'.join(sorted(said['phases']))}", "the label names another wall")
    logs = steps[1] if len(steps) > 1 else None
    _check_common(said, [around.lookup[p] for p in continuity.premises], around, {})
    demand(claim.region == (logs.cell if logs else []), "the region is not that of the step")
    if logs is not None:
        solved = {n: decode_ratio(x) for n, x in logs.given["substitution"].items()}
        demand(not wall.substitute(solved), "the logarithms are for another wall")
        optima = {p for p in logs.premises if around.lookup[p].rule == "optimum"}
        demand(optima == set(continuity.premises), "the logarithms are for other neighbours")
    _check_logs(said, logs)


def _corner(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    said = claim.statement
    logs = steps[0] if steps[0].rule == "log-optimum" else None
    demand(claim.region == [], "a corner is a point")
    if logs is not None:
        demand(logs.given["substitution"] == said["point"], "the logarithms are for another corner")
        optima = [around.lookup[p] for p in logs.premises if around.lookup[p].rule == "optimum"]
        _check_common(said, optima, around, {n: decode_ratio(x) for n, x in said["point"].items()})
    _check_logs(said, logs)


def _check_common(
    said: Mapping[str, Any], optima: list[Step], around: Surroundings, solved: Mapping[str, Ratio]
) -> None:
    """The phases that meet, and the exponents that the first of them has there."""
    demand(said["phases"] == [around.names[p.id] for p in optima], "other phases meet here")
    loss = decode_ratio(optima[0].conclusion["loss"]).substitute(solved)
    size = decode_ratio(optima[0].conclusion["sizes"]["d"]).substitute(solved)
    demand(decode_ratio(said["loss"]) == loss, "the common loss exponent is another")
    demand((said["size"] is None) == (not loss), "a size exponent is stated where, and only where, the loss decays")
    if said["size"] is not None:
        demand(decode_ratio(said["size"]) == size, "the common size exponent is another")


def _check_logs(said: Mapping[str, Any], logs: Step | None) -> None:
    if logs is None or logs.conclusion["iterated"]:
        demand(said["log_loss"] is None and said["log_size"] is None and bool(said["note"]), "no log power is proved")
        wanted = "iterated" if logs is not None else "undecided"
        demand(str(said["note"]).startswith(wanted), f"the note must begin with {wanted}")
        return
    demand(logs.rule == "log-optimum" and said["note"] is None, "the log powers need their step")
    demand(decode_ratio(said["log_loss"]) == decode_ratio(logs.conclusion["loss"]), "the log power of the loss is another")
    size = decode_ratio(logs.conclusion["sizes"]["d"])
    demand(decode_ratio(said["log_size"]) == size, "the log power of the size is another")


def _equation(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    check_equation(claim, steps, around.lookup)


def _law(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    check_law(claim, steps, around.lookup)


def _law_on_wall(claim: Claim, steps: list[Step], around: Surroundings) -> None:
    check_law_on_wall(claim, steps, around.lookup)


def _recursion(claim: Claim, steps: list[Step], _: Surroundings) -> None:
    (step,) = steps
    demand(step.rule == "volterra" and claim.region == [], "the recursion is meant")
    demand(claim.statement == step.conclusion, "factor or kernel is another")


def _growth(claim: Claim, steps: list[Step], _: Surroundings) -> None:
    (step,) = steps
    demand(step.rule == "unstable" and claim.region == [], "the unstable flow is meant")
    demand(claim.statement == step.conclusion, "base or margin is another")


KINDS: Final[dict[str, Callable[[Claim, list[Step], Surroundings], None]]] = {
    "terms": _terms, "terms-infinite": _infinite, "piece": _piece, "phase": _phase, "prefactor": _prefactor, "cover": _cover,
    "wall": _wall, "corner": _corner, "equation": _equation, "law": _law, "law-on-wall": _law_on_wall, "growth": _growth,
    "recursion": _recursion,
}
