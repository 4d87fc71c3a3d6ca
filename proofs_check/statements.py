"""What a derived claim may say: its statement, region and assumptions against the steps it rests on.

A claim is read as a step is: one function a kind gives the statement that follows; the region is that of the last step. What a
claim rests on, from its own steps upward and with what in their `given`, under which models and restrictions, stands in laws.json
(for laws) and claims.json (for other kinds); which rule of which model uses which named assumption in assumed.json ("" is any
model). A printed claim rests on comparisons alone; `judge` reads them. Not covered: labels, sources and names of phases
(`records`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, decode_point, demand, list_steps, read_ratios, terms_of
from proofs_check.rules.equations import sums_above
from proofs_check.rules.optima import read_exponents, read_place, split_logs
from scaling_sym.algebra.cells import Sign
from scaling_sym.algebra.constants import Constant, whole
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.claims.steps import Step, list_restrictions, list_settings

Said = dict[str, Any]
ASSUMED, LAWS, CLAIMS = (
    json.loads(Path(__file__).with_name(f"{name}.json").read_text()) for name in ("assumed", "laws", "claims"))


def follow_claim(context: Context) -> Said | None:
    """The statement that follows where a claim, read as a step, names the assumptions in use and rests on what it must."""
    claim = context.step
    demand(find_assumptions(context.ancestors()) <= {*claim.given}, "an assumption that a step uses is not named")
    if claim.rule.startswith("printed-"):
        demand(all(s.rule == "match" for s in context.premises), "a printed claim rests on comparisons")
        return None
    check_source(context, LAWS[claim.conclusion["quantity"]] if claim.rule in ("law", "law-on-wall") else CLAIMS[claim.rule])
    demand(decode_cell(context.premises[-1].cell) == context.cell, "the region is not that of the step")
    return KINDS[claim.rule](context, *context.premises)


def find_assumptions(steps: Iterable[Step]) -> set[str]:
    """The names of the assumptions that these steps use."""
    return {name for m in ["", *_list_models(steps)] for s in steps for name in ASSUMED.get(m, {}).get(s.rule, ())}


def _list_models(steps: Iterable[Step]) -> list[str]:
    return sorted({s.conclusion["model"] for s in steps if s.rule in ("model", "define")})


def check_source(context: Context, source: Any) -> None:
    """What the claim rests on is of the right quantity, plane, model, sums and restrictions, with sums that end as they must."""
    for step, supply in zip(context.premises, [source["from"], *[source.get("beside")] * len(context.premises)], strict=False):
        _check_supply(step, supply, context.lookup)
    below, solved = context.ancestors(), read_ratios(context.step.conclusion.get("wall", {}))
    _check_under(below, source)
    demand(read_ratios(source.get("sums", {})).items() <= sums_above(context).items(), "a name that it speaks of is another sum")
    places = [(s, read_place(s)) for s in below if s.rule == "optimum"] or [(s, solved) for s in context.premises]
    names = {*solved, *decode_cell(list({t for s in below for t in s.cell})).names}  # of the plane: alpha and beta, or a and b
    for step, place in places:
        check_plane(list_steps([step.id], context.lookup), place, min(names, default=""))


def _check_under(steps: Sequence[Step], source: Any) -> None:
    """These steps rest on the models, the ends of sums and the restrictions that are meant."""
    ends = {s.conclusion["upper"] or "all modes" for s in steps if s.rule == "model"}
    under = [*_list_models(steps), *sorted(ends), *sorted(map(", ".join, list_restrictions(steps)))]
    demand(under == source.get("under", under), "it rests on other models, ends of sums or restrictions")


def check_plane(steps: Iterable[Step], solved: Mapping[str, Ratio], name: str) -> None:
    """Refuse terms of another plane, or of another wall, and sums whose poles coincide on this wall alone."""
    for step in steps:
        agree = step.given.get("wall", {}) if step.rule == "power-law" else {}
        if step.rule == "model":
            agree = dict(zip(DEFINITIONS["planes"][name], (step.conclusion["c"], step.conclusion["w"]), strict=True))
        same = (not (parse_ratio(x) - parse_ratio(y)).substitute(solved) for x, y in agree.items())
        demand(all(same), "a model or a sum is for another wall")
        if step.rule == "power-sum":
            place = (1 - parse_ratio(step.given["s0"])) / parse_ratio(step.given["c"])
            apart = place.is_constant or whole(place.substitute(solved)) is None
            demand(apart, "poles coincide on this wall, and the terms do not show it")


def _check_supply(step: Step, supply: Any, lookup: Mapping[str, Step]) -> None:
    """The step is by the rule that comes first, for the quantity meant, and so on above it; all of what was glued is.

    A rule may be followed by the laws that its premises must be, in order (optima in that of their resources).
    """
    if isinstance(supply, str):  # a law that others rest on has its own restrictions, not all of theirs
        _check_under(list_steps([step.id], lookup), LAWS[supply])
    (rule, wanted, *laws), *rest = LAWS[supply]["from"] if isinstance(supply, str) else supply
    above = [lookup[p] for p in step.premises]
    if step.rule == "glue":
        parts = [(piece, supply) for piece in above]
    else:
        demand(step.rule in rule.split("|"), f"a step by the rule {rule} is wanted")
        demand(all(step.given[k] == v for k, v in wanted.items()), f"the step by {rule} is for another quantity")
        parts = [(s, rest) for s in above if rest and s.rule in ("glue", *rest[0][0].split("|"))]
        demand(bool(parts) or not rest, f"the step by {rule} rests on other terms")
        above.sort(key=lambda s: str((s.given or {}).get("resources")))
        parts += zip(above, laws[0], strict=True) if laws else ()
    for part, source in parts:
        _check_supply(part, source, lookup)


def _state_terms(_: Context, step: Step) -> Said:
    return {"time": "theta = 2 gamma B r", "names": sorted({t.name for t in terms_of(step)})}


def _state_infinite(_: Context, first: Step, second: Step) -> Said:
    """For v = infinity the terms have the powers of those for v = rho d on the same cell."""
    one, two = (sorted((t.name, str(t.monomial)) for t in terms_of(s)) for s in (first, second))
    demand(one == two and first.cell == second.cell, "the terms for v = infinity are others")
    return {"width": "infinite", "names": sorted({name for name, _ in one})}


def _state_piece(context: Context, _: Step) -> Said:
    ((piece,),) = {tuple(s.given["series"]) for s in context.ancestors("combine")}
    return {"piece": piece, "ratio": "rho"}


def _state_phase(context: Context, step: Step) -> Said:
    said, found = context.step.conclusion, read_exponents(step, {})
    demand(decode_cell(step.cell).contains(decode_point(said["witness"])), "the witness lies outside the phase")
    named = {n: said[n] for n in ("phase", "quantity", "witness")}
    if not found["loss"]:  # no trade-off where the loss stands still
        return {**named, "tradeoff": [], "exponent": None}
    value = found[{"loss": "loss", "size": "d"}[said["quantity"]]]
    return {**named, "tradeoff": sorted(t["name"] for t in step.conclusion["tradeoff"]), "exponent": str(value)}


def _state_wall(context: Context, crossing: Step, logs: Step | None = None) -> Said:
    polynomial, wall = crossing.conclusion["polynomial"], read_place(logs) if logs else {}
    solved = {(Ratio.parameter(n) - x).primitive() for n, x in wall.items()}
    demand(logs is None or solved == {parse_ratio(polynomial)}, "the logarithms are for another wall, or for a part of it")
    return {"polynomial": polynomial, **_meet(context, [context.lookup[p] for p in crossing.premises], {}, logs)}


def _state_corner(context: Context, *steps: Step) -> Said:
    *phases, logs = steps
    return {"point": logs.given["substitution"], **_meet(context, phases, read_place(logs), logs)}


def _meet(context: Context, phases: Sequence[Step], place: Mapping[str, Ratio], logs: Step | None) -> Said:
    """The phases that meet; the exponents of the first of them there, a size where the loss decays; the powers of log f."""
    loss, size = (read_exponents(phases[0], {})[n].substitute(place) for n in ("loss", "d"))
    said: Said = {"phases": context.step.conclusion["phases"], "loss": str(loss), "size": str(size) if loss else None}
    if logs is not None:
        found = {n: split_logs(x) for n, x in read_exponents(logs, read_place(logs)).items()}
        for phase in phases:
            _check_side(phase, logs, {n: found[n][0] for n in ("d", *found)})
        if not logs.conclusion["iterated"]:
            return {**said, "log_loss": str(-found["loss"][1]), "log_size": str(found["d"][1]), "note": None}
    note, wanted = context.step.conclusion["note"], "undecided" if logs is None else "iterated"
    demand(note.startswith(wanted), f"the note must begin with {wanted}")  # why there are no powers
    return {**said, "log_loss": None, "log_size": None, "note": note}


def _check_side(phase: Step, logs: Step, powers: Mapping[str, Ratio]) -> None:
    """A phase reaches a wall, and has there the exponents of the optimum on it."""
    wall, along, found = read_place(logs), decode_cell(logs.cell).conditions, read_exponents(phase, read_place(logs))
    demand(all(found[n] == power for n, power in powers.items()), "a phase has another optimum on the wall")
    sides = [(sign.positive.substitute(wall), sign.polynomial.degree) for sign in decode_cell(phase.cell).conditions]
    # near the wall a linear condition holds on one side, but a product may hold nowhere
    reach = all(x.constant() > 0 or (not x and k == 1) if x.is_constant else Sign.of(x) in along for x, k in sides)
    demand(reach, "a phase does not reach the wall")


def _state_equation(context: Context, step: Step) -> Said:
    """One of the step's equations, up to symbols that do not vanish; what its sums mean, what is set to what, and the order."""
    said, sums, above = context.step.conclusion, sums_above(context), {s.id for s in context.ancestors()}
    equation = parse_ratio(said["equation"])
    units = {str(f) for f, _ in (equation / parse_ratio(step.conclusion["equations"][said["name"]])).factors()[1]}
    known = {n for n, x in DEFINITIONS["nonzero"]["units"].items() if sums.get(n, Ratio.parameter(n)) == parse_ratio(x)}
    where, order = list_restrictions(s for s in context.lookup.values() if s.id in above), (step.given or {}).get("modulo")
    known -= {n for n, _ in list_settings(context.ancestors())}
    demand(bool(equation) and units <= known and not (order and units), "the equation is another")
    demand(read_ratios(said["sums"]) == {n: sums[n] for n in equation.names if n in sums}, "just the sums that occur are told")
    return {**{n: said[n] for n in ("name", "equation", "sums")}, "where": where, "order": order}


def _state_law(context: Context, step: Step) -> Said:
    """The sign, or the power and, where it is determined, the constant that the step gives; on a wall, the log's power too."""
    said, law = context.step.conclusion, LAWS[context.step.conclusion["quantity"]]
    if step.rule == "order":
        demand(not read_place(step), "an order on a wall is none on an open cell")
        return {"quantity": said["quantity"], **step.conclusion}
    solved, optimal = read_ratios(said.get("wall", {})), step.rule in ("optimum", "better")
    demand(solved.keys().isdisjoint(context.cell.names), "an open cell is no wall")
    power, log, constant = _read_optimum(context, step, law.get("size"), solved) if optimal else _read_size(context, step, law)
    read: Said = {"quantity": said["quantity"], "names": law.get("names", {}), "power": power, "constant": constant}
    demand(bool(solved) or not log, "one term leads, without logarithms")
    return {**read, "wall": {n: str(x) for n, x in solved.items()}, "log": str(log)} if solved else read


def _read_optimum(context: Context, step: Step, size: str | None, solved: Mapping[str, Ratio]) -> tuple[Said, Ratio, None]:
    """The power of C and that of log C of a loss or a size, at an optimum or the better of two, perhaps on a wall."""
    demand(read_place(step) == solved, "the optimum is on another wall")
    best, sign = (step, 0) if step.rule == "optimum" else (context.lookup[step.premises[0]], step.conclusion["sign"])
    demand(sign >= 0 and not best.conclusion.get("iterated"), "the other optimum is better, or the law contains log log C")
    found = read_exponents(best, solved)
    power, log = split_logs(found[size] if size else -found["loss"])
    return {"C": str(power)}, log, None


def _read_size(context: Context, step: Step, law: Any) -> tuple[Said, Ratio, Any]:
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
    given = decode_constant(context.step.conclusion["constant"])
    demand(given.canonical() == constant.canonical(), "the constant is another")
    return power, log, context.step.conclusion["constant"]


def _name(key: str) -> Callable[..., Said]:
    """A claim that names phases, of a step that says the rest: that these are their names is recorded (`records`)."""
    return lambda context, _: {key: context.step.conclusion[key]}


# The statement that follows from the steps on which a claim of some kind rests.
KINDS: Final[Mapping[str, Callable[..., Said]]] = {
    "terms": _state_terms, "terms-infinite": _state_infinite, "piece": _state_piece, "phase": _state_phase,
    "prefactor": _name("phase"), "cover": _name("phases"),  # whether prefactors are positive: see the judge
    "wall": _state_wall, "corner": _state_corner, "equation": _state_equation, "law": _state_law, "law-on-wall": _state_law,
    **dict.fromkeys(("growth", "recursion"), lambda _, step: step.conclusion),
}
