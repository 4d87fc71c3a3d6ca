"""What a derived claim may say: its statement, region and assumptions against the steps it rests on.

One function a kind of claim gives the statement that follows; the region is that of the last step. Which steps may supply a law,
from the last one upward, and with what in their `given`, stands in laws.json; which rule of which model uses which named
assumption in assumed.json ("" is any model). A printed claim rests on comparisons alone; `judge` reads them.
Not covered: labels and sources (`records`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from proofs_check.framework import Context, decode_point, demand, list_steps, read_ratios, terms_of
from proofs_check.named_sums import sums_above
from proofs_check.rules.optima import PLANES, check_plane
from scaling_sym.algebra.constants import Constant, add_constants
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial
from scaling_sym.claims.bundle import Bundle, Claim, Step, is_printed
from scaling_sym.claims.codec import decode_cell, decode_constant

Said = dict[str, Any]
ASSUMED: Final[Any] = json.loads(Path(__file__).with_name("assumed.json").read_text())
LAWS: Final[Any] = json.loads(Path(__file__).with_name("laws.json").read_text())


@final
@dataclass(frozen=True, slots=True)
class Case:
    """A claim with the steps that it names, the claims beside it, and all steps by id."""

    claim: Claim
    steps: tuple[Step, ...]
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
    steps = tuple(lookup[s] for s in claim.steps)
    demand(find_assumptions(claim.steps, lookup) <= set(claim.assumptions), "an assumption that a step uses is not named")
    if is_printed(claim):
        demand(all(s.rule == "match" for s in steps), "a printed claim rests on nothing but its comparison")
        return
    rules, state = KINDS[claim.kind]
    known = bool(steps) and (not rules or steps[0].rule in rules.split("|"))
    demand(known, f"a claim of this kind rests on {rules or 'steps'}")
    stated = any(s.rule == "stated" for s in list_steps(claim.steps, lookup))
    demand(not stated, "the claim rests on terms that are stated, not derived")
    demand(decode_cell(steps[-1].cell) == decode_cell(claim.region), "the region is not that of the step")
    demand(claim.statement == state(Case(claim, steps, bundle.claims, lookup)), "the statement is not what follows from the step")


def find_assumptions(steps: Iterable[str], lookup: Mapping[str, Step]) -> set[str]:
    """The names of the assumptions that these steps use, and those above them."""
    below = list_steps(steps, lookup)
    models = {s.conclusion["model"] for s in below if s.rule in ("model", "define")}
    return {name for m in (*models, "") for s in below for name in ASSUMED.get(m, {}).get(s.rule, ())}


def _list_names(step: Step) -> list[str]:
    return sorted({t.get("name", "") for t in step.conclusion["terms"]})


def _state_terms(case: Case) -> Said:
    (step,) = case.steps
    return {"time": "theta = 2 gamma B r", "names": _list_names(step)}


def _state_infinite(case: Case) -> Said:
    """For v = infinity the terms have the powers of those for v = rho d on the same cell."""
    first, second = case.steps
    ratios, tables = [], []
    for step in (first, second):
        demand(step.rule in ("glue", "collect") and step.cell == first.cell, "terms are supplied by glue or collect")
        inner = step if step.rule == "collect" else case.lookup[step.premises[0]]
        ratios += [case.lookup[p].given["ratio"] for p in inner.premises if case.lookup[p].rule == "floor"]
        tables.append(sorted((t.get("name", ""), sorted(t["monomial"].items())) for t in step.conclusion["terms"]))
    demand(ratios == ["0", "rho"], "the terms for v = infinity are compared with those for v = rho d")
    demand(tables[0] == tables[1], "the terms for v = infinity are others")
    return {"width": "infinite", "names": _list_names(first)}


def _state_piece(case: Case) -> Said:
    (step,), piece = case.steps, case.claim.statement["piece"]
    demand({*_list_names(step), "F_0"} <= {piece, "F_0"}, "another piece is meant")
    return {"piece": piece, "ratio": "rho"}


def _state_phase(case: Case) -> Said:
    (step,), said = case.steps, case.claim.statement
    body, decays = step.conclusion, bool(parse_ratio(step.conclusion["loss"]))
    demand(decode_cell(step.cell).contains(decode_point(said["witness"])), "the witness lies outside the phase")
    value = {"loss": body["loss"], "size": body["sizes"]["d"]}[said["quantity"]]
    names = sorted(t["name"] for t in body["tradeoff"])
    return {
        "phase": said["phase"], "quantity": said["quantity"], "witness": said["witness"],
        "tradeoff": names if decays else [], "exponent": value if decays else None,
    }


def _state_prefactor(case: Case) -> Said:
    """The phase; that the constants are positive is for the judge."""
    (step,) = case.steps
    (name,) = case.name_phases(step)
    return {"phase": name}


def _state_cover(case: Case) -> Said:
    (step,) = case.steps
    return {"phases": case.name_phases(step)}


def _state_wall(case: Case) -> Said:
    crossing, *others = case.steps
    said = {"polynomial": crossing.conclusion["polynomial"], **_find_common(case, crossing, {})}
    if not others:
        return {**said, **_find_logs(case, None)}
    (logs,) = others
    solved = read_ratios(logs.given["substitution"])
    demand(not parse_ratio(said["polynomial"]).substitute(solved), "the logarithms are for another wall")
    demand({s.id for s in case.find_optima(logs)} == set(crossing.premises), "the logarithms are for other neighbours")
    return {**said, **_find_logs(case, logs)}


def _state_corner(case: Case) -> Said:
    (logs,) = case.steps
    point = logs.given["substitution"]
    return {"point": point, **_find_common(case, logs, read_ratios(point)), **_find_logs(case, logs)}


def _find_common(case: Case, step: Step, solved: Mapping[str, Ratio]) -> Said:
    """The phases that meet, and the exponents that the first of them has there; a size where the loss decays."""
    body = case.find_optima(step)[0].conclusion
    loss, size = (parse_ratio(x).substitute(solved) for x in (body["loss"], body["sizes"]["d"]))
    return {"phases": case.name_phases(step), "loss": str(loss), "size": str(size) if loss else None}


def _find_logs(case: Case, logs: Step | None) -> Said:
    """The powers of log f, or a note that says why there are none."""
    demand(logs is None or logs.rule == "log-optimum", "the log powers need their step")
    if logs is not None and not logs.conclusion["iterated"]:
        return {"log_loss": logs.conclusion["loss"], "log_size": logs.conclusion["sizes"]["d"], "note": None}
    note, wanted = case.claim.statement["note"], "undecided" if logs is None else "iterated"
    demand(isinstance(note, str) and note.startswith(wanted), f"the note must begin with {wanted}")
    return {"log_loss": None, "log_size": None, "note": note}


def _state_whole(case: Case) -> Said:
    (step,) = case.steps
    return dict(step.conclusion)


def _state_equation(case: Case) -> Said:
    """One of the step's equations, up to a product of powers of single symbols; the sums in it mean what they mean there."""
    (step,), said = case.steps, case.claim.statement
    equation, above = parse_ratio(said["equation"]), sums_above(Context(step, (), case.lookup))
    demand(same_equation(equation, parse_ratio(step.conclusion["equations"][said["name"]])), "the equation is another")
    used = {n: above[n] for n in equation.names if n in above}
    demand(read_ratios(said["sums"]) == used, "just the sums that occur are explained, as they are above")
    return {n: said[n] for n in ("name", "equation", "sums")}


def same_equation(one: Ratio, two: Ratio) -> bool:
    """Whether two expressions vanish together, being equal up to a product of powers of single symbols."""
    if not one or not two:
        return not one and not two
    return all(len(f.monomials()) == 1 for f, _ in (one / two).factors()[1])


def _state_law(case: Case) -> Said:
    """The sign, or the power with its logarithm and, where it is determined, its constant, as the step gives them."""
    (step,), said, walled = case.steps, case.claim.statement, case.claim.kind == "law-on-wall"
    law, solved = LAWS[said["quantity"]], read_ratios(said["wall"]) if walled else {}
    demand(bool(solved) == walled, "a wall is wanted")
    _check_supply(step, law["from"], case.lookup)
    if step.rule in ("optimum", "log-optimum", "better"):  # on a wall the terms are looked at by the rule log-optimum
        optima = [s.id for s in (step, *case.find_optima(step)) if s.rule == "optimum"]
        check_plane(list_steps(optima, case.lookup), {}, PLANES["a"])
        power, log, constant = _read_optimum(case, law, solved)
    else:
        check_plane(list_steps(case.claim.steps, case.lookup), solved, PLANES["a"])
        if step.rule == "order":
            return {"quantity": said["quantity"], "sign": step.conclusion["sign"]}
        power, log, constant = _read_size(case, law)
    read: Said = {"quantity": said["quantity"], "names": law.get("names", {}), "power": power, "constant": constant}
    demand(walled or not log, "one term leads, without logarithms")
    return {**read, "wall": {n: str(x) for n, x in solved.items()}, "log": str(log)} if walled else read


def _read_optimum(case: Case, law: Any, solved: Mapping[str, Ratio]) -> tuple[dict[str, str], Ratio, None]:
    """The power of C and that of log C of a loss or a size, at an optimum or the better of two, perhaps on a wall."""
    (step,), size = case.steps, law.get("size")
    logs, beside = step.conclusion, case.find_optima(step)[0] if step.rule == "log-optimum" else step
    demand(read_ratios(step.given.get("substitution", {})) == solved, "the optimum is on another wall")
    power = parse_ratio(beside.conclusion["sizes"][size]) if size else -parse_ratio(beside.conclusion["loss"])
    if beside is step:
        return {"C": str(power)}, parse_ratio(logs.get("log", "0")), None
    demand(logs["iterated"] is False, "the law contains log log C")
    return {"C": str(power.substitute(solved))}, parse_ratio(logs["sizes"][size] if size else logs["loss"]), None


def _read_size(case: Case, law: Any) -> tuple[dict[str, str], Ratio, Any]:
    """The power and the power of the logarithm of terms that are alike, and their constant, where it is determined."""
    if "several" in law:  # the terms stand in the step
        return {}, Ratio.of(0), None
    terms = terms_of(case.steps[0])
    (size,) = {(t.monomial, t.logs) for t in terms}
    renamed = size[0].replace({n: Monomial.of({m: 1}) for n, m in law.get("names", {}).items()})
    power, log = {n: str(e) for n, e in renamed.powers}, sum((k for _, k in size[1]), Ratio.of(0))
    demand(len({n for m, _ in size[1] for n, _ in m.powers}) <= 1, "the logarithms are of one size")
    if "constant" not in law:
        return power, log, None
    constant = add_constants(t.constant for t in terms) * Constant.of(2) ** size[0].exponent("theta")  # theta = 2 t
    for argument, k in size[1]:
        ((_, rate),) = argument.powers  # log x^r is r log x
        constant = constant * Constant.of(rate) ** k
    given = case.claim.statement["constant"]
    demand(decode_constant(given).canonical() == constant.canonical(), "the constant is another")
    return power, log, given


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


# Each kind of claim: by which rules its first step may be ("": see laws.json), and the statement that follows.
KINDS: Final[Mapping[str, tuple[str, Callable[[Case], Said]]]] = {
    "terms": ("glue|collect", _state_terms), "terms-infinite": ("glue|collect", _state_infinite), "piece": ("glue", _state_piece),
    "phase": ("optimum", _state_phase), "prefactor": ("prefactor", _state_prefactor), "cover": ("cover", _state_cover),
    "wall": ("continuity", _state_wall), "corner": ("log-optimum", _state_corner), "growth": ("unstable", _state_whole),
    "recursion": ("volterra", _state_whole), "equation": ("identity|total", _state_equation),
    "law": ("", _state_law), "law-on-wall": ("", _state_law),
}
