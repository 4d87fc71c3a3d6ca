"""What a step or a claim means: its canonical form, by exact algebra. Two items of one canonical form say the same.

    formula        the rational function (`Ratio`, a normal form)      constant   `Constant.canonical`
    equation       the factors of what vanishes, up to powers of single symbols
    comparison     the primitive polynomial with its relation          cell       the set of its comparisons
    sum of terms   the multiset of its terms                            premise    what the premise says, and of which
                                                                                   model, not its name; of a definition,
                                                                                   the sum that is used
    claim          label, kind, statement, region, assumptions, steps, verdict; and of its source the paper, how the statement
                   was read, and whether the paper says that it proves it

Of a source, the place in the paper and the note are for the reader: no mathematics depends on them, so that another place is
no other claim. A note in a statement means its first word (`iterated`, `undecided`); the rest is prose.

A part of a certificate is *free* where the proof needs any of many things: a point inside a cell, a segment between two
cells, the choice among terms that tie. Another choice is meaningless if it serves as well, which is decided here, without
the rules' code: `serves_as_well`.

Not covered: whether the mathematics is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from proofs_check.faults import REGIONS, Path, look_up
from proofs_check.framework import list_steps
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.bundle import Claim
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_fraction, decode_term
from scaling_sym.claims.steps import Step
from scaling_sym.claims.writing import step_body
from scaling_sym.errors import BadInputError

Json = Any
RAYS: Final = "rays"
Steps = Mapping[str, Step]
# Premises whose order among themselves is free, by the rules that take them: the premises by these rules ("" is any).
UNORDERED: Final[Mapping[str, frozenset[str]]] = {
    "combine": frozenset({"power-sum", "trace"}),
    "identity": frozenset({""}), "evaluate": frozenset({"lead"}),
}
UNREADABLE: Final = (BadInputError, KeyError, TypeError, ValueError, IndexError, AttributeError, ZeroDivisionError,
                     AssertionError, OverflowError)


def canonical_form(item: Mapping[str, Json], section: str, steps: Steps) -> object:
    """The canonical form of a step, a claim or an assumption's text."""
    if section == "steps":
        item = {**item, "given": _normalise_given(item, steps)}
        said = [(part, _canonical(item[part], part)) for part in ("rule", "cell", "given", "conclusion", "certificate")]
        return (*said, _premises(item, steps))
    if section == "claims":
        source = item["source"]
        said = [(part, _canonical(item[part], part)) for part in ("statement", "region")]
        plain = (item["label"], item["kind"], item["verdict"], item.get("finding", ""),
                 *(source[part] for part in ("paper", "tag", "proved")))
        return (plain, said, sorted(item["assumptions"]), [say(name, steps) for name in item["steps"]])
    return (item["name"], item["text"])


def _normalise_given(item: Mapping[str, Json], steps: Steps) -> Json:
    """What a step is given, without what makes no difference to it.

    Sums: all that are defined in it or above, as to define one again says nothing new. An infinite power sum has no upper end
    whose terms could be counted. A parameter that is written as g(f), and f then sent to a point, is sent to where g goes.
    """
    given, rule = item["given"], item["rule"]
    if not isinstance(given, dict):
        return given
    if rule == "identity" and "sums" in given:
        given = {**given, "sums": {n: t for g in (*_tables(item["premises"], steps), given) for n, t in g["sums"].items()}}
    if rule == "power-sum" and given.get("upper") == "":
        return {**given, "outer": None}
    if rule == "identity" and "at" in given:
        return {**given, "at": list(_merge_limits(given["at"]))}
    return given


def _tables(names: Iterable[str], steps: Steps) -> list[Json]:
    """What some steps, and all that they rest on, are given, where they name sums over modes."""
    above = (steps[n] for n in sorted(_above(names, steps)))
    return [s.given for s in above if s.rule in ("identity", "total") and "sums" in s.given]


def _merge_limits(values: list[dict[str, str]]) -> Iterator[Json]:
    """Substitutions in turn, where {P: g(f)}, {f: c} for a single P becomes the limit of P."""
    todo = list(values)
    while todo:
        first = todo.pop(0)
        if len(first) == 1 and todo and len(todo[0]) == 1:
            ((name, text),), ((inner, point),) = first.items(), todo[0].items()
            value, at = parse_ratio(text), {inner: parse_ratio(point)}
            if set(value.names) == {inner}:
                todo.pop(0)
                pole = not value.denominator.substitute(at)
                yield ["limit", name, "infinity" if pole else str(value.substitute(at))]
                continue
        yield first


def _premises(item: Mapping[str, Json], steps: Steps) -> list[object]:
    """What the premises say; in a fixed order where theirs is free."""
    said = [say(name, steps) for name in item["premises"]]
    if item["rule"] == "power-law":  # of the step that defines sums, the one that is expanded
        return [s if n not in steps or steps[n].rule == "power-sum" else _defined_sum(n, item["given"]["symbol"], steps)
                for n, s in zip(item["premises"], said, strict=True)]
    if item["rule"] in ("join", "join-exact"):  # a cone has a set of premises
        return [sorted((said[i] for i in cone["premises"]), key=repr) for cone in item["given"]["cones"]]
    free = UNORDERED.get(item["rule"], frozenset())
    places = [i for i, n in enumerate(item["premises"]) if "" in free or (n in steps and steps[n].rule in free)]
    for i, value in zip(places, sorted((said[i] for i in places), key=repr), strict=True):
        said[i] = value
    return said


def _defined_sum(name: str, symbol: str, steps: Steps) -> object:
    """What a named sum is at some step: its summand under the restrictions made above it, and the model."""
    above = _tables([name], steps)
    (summand,) = {parse_ratio(g["sums"][symbol]) for g in above if symbol in g["sums"]}
    swap = {old: parse_ratio(new) for g in above for old, new in g.get("where", {}).items()}
    return ("sum", symbol, str(summand.substitute(swap)), sorted(_definitions([name], steps)))


def say(name: Json, steps: Steps) -> object:
    """What a premise says: its rule, cell, data, conclusion and model; a name that is no step's stands for itself."""
    if not isinstance(name, str) or name not in steps:
        return name
    step = steps[name]
    parts = (("cell", step.cell), ("given", _normalise_given(step_body(step), steps)), ("conclusion", step.conclusion))
    models = sorted(repr(steps[n].conclusion) for n in _above([name], steps) if steps[n].rule in ("define", "model"))
    return (step.rule, *(_canonical(v, k) for k, v in parts), models)


def _canonical(value: Json, key: str = "") -> object:
    try:
        return _read(value, key)
    except UNREADABLE:
        return ("unreadable", repr(value))


def _read(value: Json, key: str) -> object:
    if isinstance(value, str):
        return _read_text(value, key)
    if isinstance(value, dict):
        if value.keys() == {"coefficient", "factors"}:
            return ("constant", str(decode_constant(value).canonical()))
        if {"monomial", "constant", "logs"} <= value.keys():
            term = decode_term(value)
            return ("term", str(term.monomial), str(term.logs), term.name, str(term.constant.canonical()))
        still = key == RAYS  # a resource that stands still may be left out
        return tuple((k, _canonical(v, k)) for k, v in sorted(value.items()) if not still or parse_ratio(v))
    if isinstance(value, list):
        if key in REGIONS and all(isinstance(c, str) for c in value):
            return ("cell", tuple(decode_cell(value).texts()))
        parts = [_canonical(v, key) for v in value]
        return ("sum", sorted(parts, key=repr)) if key == "terms" else parts
    return (type(value).__name__, value)


def _read_text(value: str, key: str) -> object:
    if key == "note":
        return ("note", value.split(maxsplit=1)[0].rstrip(":") if value.split() else "")
    if key == "equation" and " " in value:  # an expression that vanishes; a name has no blanks
        factors = parse_ratio(value).numerator.factors()[1]
        return ("equation", [(str(f), e) for f, e in factors if len(f.monomials()) > 1])
    try:
        return ("formula", str(parse_ratio(value)))
    except BadInputError:
        pass
    try:
        return ("comparison", str(Sign.parse(value)))
    except BadInputError:
        return ("word", value)


def is_idle(name: str, steps: Steps, claims: Iterable[Claim]) -> bool:
    """Whether no claim rests on the step, near or far: whatever stands there, if it replays, the claims are the same."""
    return name not in _above([s for c in claims for s in c.steps], steps)


def serves_as_well(old: Mapping[str, Json], new: Mapping[str, Json], path: Path, steps: Steps) -> str:
    """Why a changed free part still serves, or nothing where it is not free or does not serve."""
    try:
        if path[:1] == ("premises",) and "sums" in (old["given"] or {}):
            return "another step of the same model, of which only the names count" if _same_scope(old, new, steps) else ""
        if "segment" in path:
            return "another segment that joins the two cells" if _joins(new, steps) else ""
        if {"witness", "witnesses", "point"} & set(path):
            return "another point of the same cells" if _inside(old, new, path, steps) else ""
        if old.get("rule") == "power-law" and path[0] == "given":
            return "a sum without a, which is the same on every wall" if _same_but_for_wall(old["given"], new["given"]) else ""
        if "basis" in path:
            return "a term that ties with the same powers" if _same_basis(old, new, steps) else ""
    except UNREADABLE:
        pass
    return ""


def _same_scope(old: Mapping[str, Json], new: Mapping[str, Json], steps: Steps) -> bool:
    """Sums over modes are defined in the step itself; of premises whose equations it does not use only the model counts."""
    return _definitions(old["premises"], steps) == _definitions(new["premises"], steps)


def _same_but_for_wall(one: Json, two: Json) -> bool:
    """Whether two readings of a sum that does not contain a differ in their walls alone."""
    plain = [{n: x for n, x in given.items() if n != "wall"} for given in (one, two)]
    return plain[0] == plain[1] and plain[0]["powers"]["A"] == 0


def _definitions(names: Iterable[str], steps: Steps) -> set[str]:
    """The definitions that some steps rest on."""
    return {n for n in _above(names, steps) if steps[n].rule == "define"}


def _above(names: Iterable[str], steps: Steps) -> set[str]:
    """The ids of some steps, and of all that they rest on."""
    return {s.id for s in list_steps(names, steps)}


def _point(body: Json) -> dict[str, Fraction]:
    return {n: decode_fraction(x) for n, x in body.items()}


def _inside(old: Mapping[str, Json], new: Mapping[str, Json], path: Path, steps: Steps) -> bool:
    """Whether the new witness satisfies every comparison that the cells at hand make of the old one."""
    depth = next(i for i, k in enumerate(path) if k in ("witness", "witnesses", "point"))
    end = depth + 1 + (path[depth] == "witnesses")
    before, after = (_point(look_up(item, path[:end])) for item in (old, new))
    if before.keys() != after.keys():
        return False
    cells = [decode_cell(c) for c in _cells_about(old, steps)]
    meant = [c for c in cells if set(c.names) <= set(before) and c.contains(before)]
    return bool(meant) and all(c.contains(after) for c in meant)


def _cells_about(item: Mapping[str, Json], steps: Steps) -> list[Json]:
    cells = [item[k] for k in ("cell", "region") if k in item]
    cells += [steps[s].cell for s in (*item.get("premises", ()), *item.get("steps", ()))]
    given = item.get("given")
    return [*cells, given["domain"]] if isinstance(given, dict) and "domain" in given else cells


def _joins(step: Mapping[str, Json], steps: Steps) -> bool:
    """Exactly: along the segment the wall changes its sign, and no other polynomial of the two cells has a root."""
    first, second = map(_point, step["certificate"]["segment"])
    wall = parse_ratio(step["conclusion"]["polynomial"])
    left, right = (decode_cell(steps[p].cell) for p in step["premises"])
    if wall.at(first) * wall.at(second) >= 0 or not _on_both_sides(left, right, first, second):
        return False
    others = {s.polynomial for c in (left, right) for s in c.conditions} - {wall}
    return all(_count_roots(p, first, second) == 0 for p in others)


def _on_both_sides(left: Cell, right: Cell, first: dict[str, Fraction], second: dict[str, Fraction]) -> bool:
    return (left.contains(first) and right.contains(second)) or (right.contains(first) and left.contains(second))


def _count_roots(polynomial: Ratio, first: dict[str, Fraction], second: dict[str, Fraction]) -> int:
    """The number of different roots on the closed segment, by Sturm's sequence."""
    t = Ratio.parameter("t")
    along = polynomial.substitute({n: t * (second[n] - first[n]) + first[n] for n in polynomial.names})
    dense = [Fraction(0)] * (along.degree + 1)
    for powers, coefficient in along.monomials().items():
        dense[dict(powers).get("t", 0)] = coefficient
    if not any(dense) or _value(dense, 0) == 0 or _value(dense, 1) == 0:
        return 1
    return count_sign_changes(dense, 0) - count_sign_changes(dense, 1)


def _value(dense: list[Fraction], at: int) -> Fraction:
    return dense[0] if at == 0 else sum(dense, Fraction(0))


def count_sign_changes(dense: list[Fraction], at: int) -> int:
    """The sign changes of Sturm's sequence of a polynomial (coefficients from the lowest) at 0 or 1."""
    sequence = [_trim(dense), _trim([i * c for i, c in enumerate(dense)][1:])]
    while sequence[-1]:
        rest = list(sequence[-2])
        while len(rest) >= len(sequence[-1]):
            factor, shift = rest[-1] / sequence[-1][-1], len(rest) - len(sequence[-1])
            rest = _trim([c - factor * sequence[-1][i - shift] if i >= shift else c for i, c in enumerate(rest)][:-1])
        sequence.append([-c for c in rest])
    signs = [v for p in sequence if p and (v := _value(p, at))]
    return sum(a * b < 0 for a, b in pairwise(signs))


def _trim(dense: list[Fraction]) -> list[Fraction]:
    while dense and not dense[-1]:
        dense = dense[:-1]
    return dense


def _same_basis(old: Mapping[str, Json], new: Mapping[str, Json], steps: Steps) -> bool:
    """Whether each place of the new basis names a term with the powers of the old one; that it ties is checked by the rule."""
    solved = {n: parse_ratio(x) for n, x in old["given"].get("substitution", {}).items()}
    placed = [steps[p] for p, place in zip(old["premises"], old["certificate"]["pieces"], strict=False) if "inside" in place]
    powers = [decode_term(t).monomial.substitute(solved) for step in placed for t in step.conclusion["terms"]]
    return all(powers[i] == powers[j] for i, j in zip(old["certificate"]["basis"], new["certificate"]["basis"], strict=True))
