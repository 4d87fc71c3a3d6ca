"""What a derived claim may say: its statement, region and assumptions against the steps it rests on.

One function a kind of claim gives the statement that follows; the region is that of the last step. Which steps may supply a law,
from the last one upward, and with what in their `given`, stands in laws.json; which rule of which model uses which named
assumption in assumed.json ("" is any model). A printed claim rests on comparisons alone; `judge` reads them.
Not covered: labels and sources (`records`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, final

from proofs_check.framework import Context, decode_point, demand, list_steps, read_ratios, terms_of
from proofs_check.named_sums import sums_above
from proofs_check.rules.optima import check_plane
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.claims.steps import Bundle, Claim, Step, is_printed, list_restrictions

Said = dict[str, Any]
ASSUMED: Final[Any] = json.loads(Path(__file__).with_name("assumed.json").read_text())
LAWS: Final[Any] = json.loads(Path(__file__).with_name("laws.json").read_text())


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A claim, the claims beside it, and all steps by id."""

    claim: Claim
    beside: tuple[Claim, ...]
    lookup: Mapping[str, Step]

    def find_optima(self, step: Step) -> list[Step]:
        """The optima among the premises of a step."""
        return [self.lookup[p] for p in step.premises if self.lookup[p].rule == "optimum"]

    def name_phases(self, step: Step) -> list[str]:
        """The names that the claims on the loss give to the optima among the premises of a step."""
        losses = [c for c in self.beside if c.kind in ("phase", "law") and c.statement["quantity"] in ("loss", "compute/loss")]
        names = {c.steps[0]: c.statement.get("phase") or c.label.rpartition("/")[2] for c in losses}
        return [names[p.id] for p in self.find_optima(step)]


def check_claim(claim: Claim, bundle: Bundle, lookup: Mapping[str, Step]) -> None:
    """Refuse a claim that says more, or other, than its steps, or does not name an assumption that they use."""
    pattern, state = KINDS[claim.kind if not is_printed(claim) else "printed"]
    steps, below = [lookup[s] for s in claim.steps], list_steps(claim.steps, lookup)
    demand(re.fullmatch(pattern, " ".join(s.rule for s in steps)) is not None, f"a claim of this kind rests on {pattern}")
    demand(find_assumptions(below) <= set(claim.assumptions), "an assumption that a step uses is not named")
    if state is not None:
        demand(all(s.rule != "stated" for s in below), "the claim rests on terms that are stated, not derived")
        demand(decode_cell(steps[-1].cell) == decode_cell(claim.region), "the region is not that of the step")
        follows = state(Case(claim, bundle.claims, lookup), *steps)
        demand(claim.statement == follows, "the statement is not what follows from the step")


def find_assumptions(steps: Sequence[Step]) -> set[str]:
    """The names of the assumptions that these steps use."""
    models = {s.conclusion["model"] for s in steps if s.rule in ("model", "define")}
    return {name for m in (*models, "") for s in steps for name in ASSUMED.get(m, {}).get(s.rule, ())}


def _list_names(step: Step) -> list[str]:
    return sorted({t.get("name", "") for t in step.conclusion["terms"]})


def _check_model(case: Case, step: Step, upper: str = "v") -> None:
    """The step is about SGD on the plane of alpha and beta, its sums end there, and nothing is restricted above it."""
    below = list_steps([step.id], case.lookup)
    check_plane(below, {}, "alpha")
    demand(not list_restrictions(below), "an equation above holds under restrictions that are not stated")
    width = Context(step, (), case.lookup).model()["upper"]
    demand(_list_models(below) == ["plrf"] and width == upper, "another model, or width")


def _list_models(below: Sequence[Step]) -> list[str]:
    return sorted({s.conclusion["model"] for s in below if s.rule in ("model", "define")})


def _state_terms(case: Case, step: Step) -> Said:
    _check_model(case, step)
    demand(all(s.rule == "collect" for s in Context(step, (), case.lookup).pieces(step)), "the loss of SGD, collected, is wanted")
    return {"time": "theta = 2 gamma B r", "names": _list_names(step)}


def _state_infinite(case: Case, first: Step, second: Step) -> Said:
    """For v = infinity the terms have the powers of those for v = rho d on the same cell."""
    tables = []
    _check_model(case, first, "")
    _check_model(case, second)
    for step in (first, second):
        tables.append(sorted((t.get("name", ""), sorted(t["monomial"].items())) for t in step.conclusion["terms"]))
    demand(tables[0] == tables[1] and first.cell == second.cell, "the terms for v = infinity are others")
    return {"width": "infinite", "names": _list_names(first)}


def _state_piece(case: Case, step: Step) -> Said:
    piece, pieces = case.claim.statement["piece"], Context(step, (), case.lookup).pieces(step)
    _check_model(case, step)
    demand(all(s.rule == "absorb" and s.given["names"] == [piece] for s in pieces), "another piece is meant")
    return {"piece": piece, "ratio": "rho"}


def _state_phase(case: Case, step: Step) -> Said:
    said, body = case.claim.statement, step.conclusion
    _check_model(case, step)
    demand(decode_cell(step.cell).contains(decode_point(said["witness"])), "the witness lies outside the phase")
    named = {n: said[n] for n in ("phase", "quantity", "witness")}
    if not parse_ratio(body["loss"]):  # no trade-off where the loss stands still
        return {**named, "tradeoff": [], "exponent": None}
    value = {"loss": body["loss"], "size": body["sizes"]["d"]}[said["quantity"]]
    return {**named, "tradeoff": sorted(t["name"] for t in body["tradeoff"]), "exponent": value}


def _state_wall(case: Case, crossing: Step, logs: Step | None = None) -> Said:
    polynomial = crossing.conclusion["polynomial"]
    if logs is not None:
        solved, beside = read_ratios(logs.given["substitution"]), {s.id for s in case.find_optima(logs)}
        demand(not parse_ratio(polynomial).substitute(solved), "the logarithms are for another wall")
        demand(beside == set(crossing.premises), "the logarithms are for other neighbours")
    return {"polynomial": polynomial, **_meet(case, crossing, {}, logs)}


def _meet(case: Case, step: Step, solved: Mapping[str, Ratio], logs: Step | None) -> Said:
    """The phases that meet; the exponents of the first of them there, a size where the loss decays; the powers of log f."""
    body = case.find_optima(step)[0].conclusion
    loss, size = (parse_ratio(x).substitute(solved) for x in (body["loss"], body["sizes"]["d"]))
    said: Said = {"phases": case.name_phases(step), "loss": str(loss), "size": str(size) if loss else None}
    if logs is not None and not logs.conclusion["iterated"]:
        return {**said, "log_loss": logs.conclusion["loss"], "log_size": logs.conclusion["sizes"]["d"], "note": None}
    note, wanted = case.claim.statement["note"], "undecided" if logs is None else "iterated"
    demand(note.startswith(wanted), f"the note must begin with {wanted}")  # why there are no powers
    return {**said, "log_loss": None, "log_size": None, "note": note}


def _state_corner(case: Case, logs: Step) -> Said:
    point = logs.given["substitution"]
    return {"point": point, **_meet(case, logs, read_ratios(point), logs)}


def _state_equation(case: Case, step: Step) -> Said:
    """One of the step's equations, up to powers of single symbols; what its sums mean, what is set to what, and the order."""
    said = case.claim.statement
    equation, above = parse_ratio(said["equation"]), sums_above(Context(step, (), case.lookup))
    demand(same_equation(equation, parse_ratio(step.conclusion["equations"][said["name"]])), "the equation is another")
    used = {n: above[n] for n in equation.names if n in above}
    demand(read_ratios(said["sums"]) == used, "just the sums that occur are explained, as they are above")
    steps = {s.id for s in list_steps([step.id], case.lookup)}
    where, order = list_restrictions(s for s in case.lookup.values() if s.id in steps), (step.given or {}).get("modulo")
    return {**{n: said[n] for n in ("name", "equation", "sums")}, "where": where, "order": order}


def same_equation(one: Ratio, two: Ratio) -> bool:
    """Whether two expressions vanish together, being equal up to a product of powers of single symbols."""
    if not one or not two:
        return not one and not two
    return all(len(f.monomials()) == 1 for f, _ in (one / two).factors()[1])


def _state_law(case: Case, step: Step) -> Said:
    """The sign, or the power and, where it is determined, the constant that the step gives; on a wall, the log's power too."""
    said = case.claim.statement
    law, solved = LAWS[said["quantity"]], read_ratios(said.get("wall", {}))
    open_names = solved if step.rule == "optimum" else decode_cell(case.claim.region).names
    demand(solved.keys().isdisjoint(open_names), "an open cell is no wall")
    _check_supply(step, law["from"], case.lookup)
    _check_names(case, step, law)
    if step.rule in ("optimum", "log-optimum", "better"):  # on a wall the terms are looked at by the rule log-optimum
        optima = [s.id for s in (step, *case.find_optima(step)) if s.rule == "optimum"]
        check_plane(list_steps(optima, case.lookup), {}, "a")
        power, log, constant = _read_optimum(case, step, law.get("size"), solved)
    else:
        check_plane(list_steps([step.id], case.lookup), solved, "a")
        if step.rule == "order":
            return {"quantity": said["quantity"], "sign": step.conclusion["sign"]}
        power, log, constant = _read_size(case, step, law)
    read: Said = {"quantity": said["quantity"], "names": law.get("names", {}), "power": power, "constant": constant}
    demand(bool(solved) or not log, "one term leads, without logarithms")
    return {**read, "wall": {n: str(x) for n, x in solved.items()}, "log": str(log)} if solved else read


def _check_names(case: Case, step: Step, law: Any) -> None:
    """The law rests on its models and restrictions alone, and on no sum in place of its unknown, a resource or another sum."""
    below, sums = list_steps([step.id], case.lookup), sums_above(Context(step, (), case.lookup))
    restrictions, known = list_restrictions(below), read_ratios(law.get("sums", {}))
    under = [*_list_models(below), *sorted(map(", ".join, restrictions))]
    demand(under == law["under"], "a law of this quantity rests on other models or restrictions")
    free = {n for said in restrictions for text in said for n in parse_ratio(text.partition(" = ")[2]).names}
    free |= {s.given["unknown"] for s in below if s.rule == "evaluate"} - known.keys()
    demand(known.items() <= sums.items() and not free & sums.keys(), "a name that the law speaks of is another sum")


def _read_optimum(case: Case, step: Step, size: str | None, solved: Mapping[str, Ratio]) -> tuple[Said, Ratio, None]:
    """The power of C and that of log C of a loss or a size, at an optimum or the better of two, perhaps on a wall."""
    logs, beside = step.conclusion, case.find_optima(step)[0] if step.rule == "log-optimum" else step
    demand(read_ratios(step.given.get("substitution", {})) == solved, "the optimum is on another wall")
    power = parse_ratio(beside.conclusion["sizes"][size]) if size else -parse_ratio(beside.conclusion["loss"])
    if beside is step:
        return {"C": str(power)}, parse_ratio(logs.get("log", "0")), None
    demand(logs["iterated"] is False, "the law contains log log C")
    return {"C": str(power.substitute(solved))}, parse_ratio(logs["sizes"][size] if size else logs["loss"]), None


def _read_size(case: Case, step: Step, law: Any) -> tuple[Said, Ratio, Any]:
    """The power and the power of the logarithm of terms that are alike, and their constant, where it is determined."""
    if "several" in law:  # the terms stand in the step
        return {}, Ratio.of(0), None
    names = {n: Term(Monomial.of({m: 1}), Constant.of(2 if n == "theta" else 1)) for n, m in law.get("names", {}).items()}
    (term,) = merge_terms(replace(substitute(t, names), name="") for t in terms_of(step))  # theta = 2 t
    power, log, constant = {n: str(e) for n, e in term.monomial.powers}, Ratio.of(0), term.constant
    for argument, k in term.logs:
        ((_, rate),) = argument.powers  # log x^r is r log x
        log, constant = log + k, constant * Constant.of(rate) ** k
    demand(len({m.powers[0][0] for m, _ in term.logs}) <= 1, "the logarithms are of one size")
    if "constant" not in law:
        return power, log, None
    given = decode_constant(case.claim.statement["constant"])
    demand(given.canonical() == constant.canonical(), "the constant is another")
    return power, log, case.claim.statement["constant"]


def _check_supply(step: Step, supply: Any, lookup: Mapping[str, Step]) -> None:
    """The step is by the rule that comes first, for the quantity meant, and so on above it; all of what was glued is.

    A rule may be followed by the laws that its premises must be, in order (optima in that of their resources). An optimum on a
    wall rests on the terms and on the optima beside it.
    """
    (rule, wanted, *laws), *rest = LAWS[supply]["from"] if isinstance(supply, str) else supply
    above = [lookup[p] for p in step.premises]
    if step.rule == "glue":
        parts = [(piece, supply) for piece in above]
    elif step.rule == "log-optimum" and rule == "optimum":
        parts = [(above[0], rest), *((optimum, supply) for optimum in above[1:])]
    else:
        demand(step.rule == rule, f"a step by the rule {rule} is wanted")
        demand(all(step.given[k] == v for k, v in wanted.items()), f"the step by {rule} is for another quantity")
        parts = [(s, rest) for s in above if rest and s.rule in (rest[0][0], "glue")]
        demand(bool(parts) or not rest, f"the step by {rule} rests on other terms")
        above.sort(key=lambda s: str((s.given or {}).get("resources")))
        parts += zip(above, laws[0], strict=True) if laws else ()
    for part, source in parts:
        _check_supply(part, source, lookup)


# Each kind of claim: the rules of the steps that it rests on, in order, as a pattern, and the statement that follows from them.
KINDS: Final[Mapping[str, tuple[str, Callable[..., Said] | None]]] = {
    "terms": ("glue|collect", _state_terms), "terms-infinite": ("(glue|collect) (glue|collect)", _state_infinite),
    "piece": ("glue", _state_piece), "phase": ("optimum", _state_phase),
    "prefactor": ("prefactor", lambda case, step: {"phase": case.name_phases(step)[0]}),  # positive or not: see the judge
    "cover": ("cover", lambda case, step: {"phases": case.name_phases(step)}),
    "wall": ("continuity( log-optimum)?", _state_wall), "corner": ("log-optimum", _state_corner),
    "growth": ("unstable", lambda _, step: step.conclusion), "recursion": ("volterra", lambda _, step: step.conclusion),
    "equation": ("identity|total", _state_equation),
    "law": (r"\S+", _state_law), "law-on-wall": (r"\S+", _state_law), "printed": (r"(match ?)*", None),
}
