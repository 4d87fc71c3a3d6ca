"""What a derived claim may say: its statement, region and assumptions against the steps it rests on.

A claim is read as a step is: one function a kind gives the statement that follows; the region is that of the last step. What a
claim rests on, from its own steps upward and with what in their `given`, under which models and restrictions, stands in laws.json
(for laws) and claims.json (for other kinds); which rule of which model uses which named assumption in assumed.json ("" is any
model). A printed claim rests on comparisons alone; `judge` reads them. Not covered: labels, sources and names of phases
(`records`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from proofs_check.framework import Context, decode_point, demand, list_steps, read_ratios, terms_of
from proofs_check.named_sums import sums_above
from proofs_check.rules.optima import check_plane
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.claims.steps import Claim, Step, is_printed, list_restrictions

Said = dict[str, Any]
ASSUMED, LAWS, CLAIMS = (
    json.loads(Path(__file__).with_name(f"{name}.json").read_text()) for name in ("assumed", "laws", "claims"))


def check_claim(claim: Claim, lookup: Mapping[str, Step]) -> None:
    """Refuse a claim that says more, or other, than its steps, or does not name an assumption that they use."""
    step = Step(claim.label, claim.kind, claim.region, claim.steps, None, claim.statement, None)
    demand(claim.label not in lookup, "a step has the label for its id")
    context = Context(step, tuple(lookup[s] for s in claim.steps), {**lookup, step.id: step})
    demand(find_assumptions(context.ancestors()) <= {*claim.assumptions}, "an assumption that a step uses is not named")
    if is_printed(claim):
        demand(all(s.rule == "match" for s in context.premises), "a printed claim rests on comparisons")
        return
    check_source(context, find_source(step))
    demand(decode_cell(context.premises[-1].cell) == context.cell, "the region is not that of the step")
    demand(claim.statement == KINDS[claim.kind](context, *context.premises), "the statement is not what follows from the step")


def find_assumptions(steps: Iterable[Step]) -> set[str]:
    """The names of the assumptions that these steps use."""
    return {name for m in ["", *_list_models(steps)] for s in steps for name in ASSUMED.get(m, {}).get(s.rule, ())}


def _list_models(steps: Iterable[Step]) -> list[str]:
    return sorted({s.conclusion["model"] for s in steps if s.rule in ("model", "define")})


def find_source(claim: Step) -> Any:
    """What a claim must rest on: for a law by its quantity, else by its kind."""
    return LAWS[claim.conclusion["quantity"]] if claim.rule in ("law", "law-on-wall") else CLAIMS[claim.rule]


def check_source(context: Context, source: Any) -> None:
    """What the claim rests on is of the right quantity, plane, model, sums and restrictions, with sums that end as they must."""
    for step, supply in zip(context.premises, (source["from"], source.get("beside")), strict=False):
        _check_supply(step, supply, context.lookup)
    below, solved = context.ancestors(), read_ratios(context.step.conclusion.get("wall", {}))
    ends = {s.conclusion["upper"] or "all modes" for s in below if s.rule == "model"}
    under = [*_list_models(below), *sorted(ends), *sorted(map(", ".join, list_restrictions(below)))]
    demand(under == source.get("under", under), "it rests on other models, ends of sums or restrictions")
    demand(read_ratios(source.get("sums", {})).items() <= sums_above(context).items(), "a name that it speaks of is another sum")
    optima = [s.id for s in below if s.rule == "optimum"]
    if optima:  # on a wall the terms are looked at by the rule log-optimum
        below, solved = list_steps(optima, context.lookup), {}
    if "plane" in source:
        check_plane(below, solved, source["plane"])


def _check_supply(step: Step, supply: Any, lookup: Mapping[str, Step]) -> None:
    """The step is by the rule that comes first, for the quantity meant, and so on above it; all of what was glued is.

    A rule may be followed by the laws that its premises must be, in order (optima in that of their resources). An optimum on a
    wall rests on the terms and on the optima beside it.
    """
    (rule, wanted, *laws), *rest = LAWS[supply]["from"] if isinstance(supply, str) else supply
    above = [lookup[p] for p in step.premises]
    if step.rule == "glue":
        parts = [(piece, supply) for piece in above]
    else:
        demand(step.rule in rule.split("|"), f"a step by the rule {rule} is wanted")
        demand(all(step.given[k] == v for k, v in wanted.items()), f"the step by {rule} is for another quantity")
        parts = [(s, rest) for s in above if rest and s.rule in ("glue", *rest[0][0].split("|"))]
        demand(bool(parts) or not rest, f"the step by {rule} rests on other terms")
        parts += [(s, supply) for s in above if step.rule == "log-optimum" and s.rule == "optimum"]
        above.sort(key=lambda s: str((s.given or {}).get("resources")))
        parts += zip(above, laws[0], strict=True) if laws else ()
    for part, source in parts:
        _check_supply(part, source, lookup)


def _list_optima(context: Context, step: Step) -> list[Step]:
    """The optima among the premises of a step."""
    return [context.lookup[p] for p in step.premises if context.lookup[p].rule == "optimum"]


def _state_terms(_: Context, step: Step) -> Said:
    return {"time": "theta = 2 gamma B r", "names": sorted({t.name for t in terms_of(step)})}


def _state_infinite(_: Context, first: Step, second: Step) -> Said:
    """For v = infinity the terms have the powers of those for v = rho d on the same cell."""
    one, two = (sorted((t.name, str(t.monomial)) for t in terms_of(s)) for s in (first, second))
    demand(one == two and first.cell == second.cell, "the terms for v = infinity are others")
    return {"width": "infinite", "names": sorted({name for name, _ in one})}


def _state_piece(context: Context, step: Step) -> Said:
    ((piece,),) = {tuple(s.given["names"]) for s in context.pieces(step)}
    return {"piece": piece, "ratio": "rho"}


def _state_phase(context: Context, step: Step) -> Said:
    said, body = context.step.conclusion, step.conclusion
    demand(decode_cell(step.cell).contains(decode_point(said["witness"])), "the witness lies outside the phase")
    named = {n: said[n] for n in ("phase", "quantity", "witness")}
    if not parse_ratio(body["loss"]):  # no trade-off where the loss stands still
        return {**named, "tradeoff": [], "exponent": None}
    value = {"loss": body["loss"], "size": body["sizes"]["d"]}[said["quantity"]]
    return {**named, "tradeoff": sorted(t["name"] for t in body["tradeoff"]), "exponent": value}


def _state_wall(context: Context, crossing: Step, logs: Step | None = None) -> Said:
    polynomial = crossing.conclusion["polynomial"]
    if logs is not None:
        solved, beside = read_ratios(logs.given["substitution"]), {s.id for s in _list_optima(context, logs)}
        demand(not parse_ratio(polynomial).substitute(solved), "the logarithms are for another wall")
        demand(beside == set(crossing.premises), "the logarithms are for other neighbours")
    return {"polynomial": polynomial, **_meet(context, crossing, {}, logs)}


def _meet(context: Context, step: Step, solved: Mapping[str, Ratio], logs: Step | None) -> Said:
    """The phases that meet; the exponents of the first of them there, a size where the loss decays; the powers of log f."""
    body = _list_optima(context, step)[0].conclusion
    loss, size = (parse_ratio(x).substitute(solved) for x in (body["loss"], body["sizes"]["d"]))
    said: Said = {"phases": context.step.conclusion["phases"], "loss": str(loss), "size": str(size) if loss else None}
    if logs is not None and not logs.conclusion["iterated"]:
        return {**said, "log_loss": logs.conclusion["loss"], "log_size": logs.conclusion["sizes"]["d"], "note": None}
    note, wanted = context.step.conclusion["note"], "undecided" if logs is None else "iterated"
    demand(note.startswith(wanted), f"the note must begin with {wanted}")  # why there are no powers
    return {**said, "log_loss": None, "log_size": None, "note": note}


def _state_corner(context: Context, logs: Step) -> Said:
    point = logs.given["substitution"]
    return {"point": point, **_meet(context, logs, read_ratios(point), logs)}


def _state_equation(context: Context, step: Step) -> Said:
    """One of the step's equations, up to powers of single symbols; what its sums mean, what is set to what, and the order."""
    said, sums, above = context.step.conclusion, sums_above(context), {s.id for s in context.ancestors()}
    equation = parse_ratio(said["equation"])
    demand(same_equation(equation, parse_ratio(step.conclusion["equations"][said["name"]])), "the equation is another")
    used = {n: sums[n] for n in equation.names if n in sums}
    demand(read_ratios(said["sums"]) == used, "just the sums that occur are explained, as they are above")
    where, order = list_restrictions(s for s in context.lookup.values() if s.id in above), (step.given or {}).get("modulo")
    return {**{n: said[n] for n in ("name", "equation", "sums")}, "where": where, "order": order}


def same_equation(one: Ratio, two: Ratio) -> bool:
    """Whether two expressions vanish together, being equal up to a product of powers of single symbols."""
    if not one or not two:
        return not one and not two
    return all(len(f.monomials()) == 1 for f, _ in (one / two).factors()[1])


def _state_law(context: Context, step: Step) -> Said:
    """The sign, or the power and, where it is determined, the constant that the step gives; on a wall, the log's power too."""
    said, law = context.step.conclusion, find_source(context.step)
    if step.rule == "order":
        return {"quantity": said["quantity"], **step.conclusion}
    solved, optimal = read_ratios(said.get("wall", {})), step.rule in ("optimum", "log-optimum", "better")
    open_names = solved if step.rule == "optimum" else context.cell.names
    demand(solved.keys().isdisjoint(open_names), "an open cell is no wall")
    power, log, constant = _read_optimum(context, step, law.get("size"), solved) if optimal else _read_size(context, step, law)
    read: Said = {"quantity": said["quantity"], "names": law.get("names", {}), "power": power, "constant": constant}
    demand(bool(solved) or not log, "one term leads, without logarithms")
    return {**read, "wall": {n: str(x) for n, x in solved.items()}, "log": str(log)} if solved else read


def _read_optimum(context: Context, step: Step, size: str | None, solved: Mapping[str, Ratio]) -> tuple[Said, Ratio, None]:
    """The power of C and that of log C of a loss or a size, at an optimum or the better of two, perhaps on a wall."""
    logs, beside = step.conclusion, _list_optima(context, step)[0] if step.rule == "log-optimum" else step
    demand(read_ratios(step.given.get("substitution", {})) == solved, "the optimum is on another wall")
    power = parse_ratio(beside.conclusion["sizes"][size]) if size else -parse_ratio(beside.conclusion["loss"])
    if beside is step:
        return {"C": str(power)}, parse_ratio(logs.get("log", "0")), None
    demand(logs["iterated"] is False, "the law contains log log C")
    return {"C": str(power.substitute(solved))}, parse_ratio(logs["sizes"][size] if size else logs["loss"]), None


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
