"""Answers about one model as plain data: what holds at a point of its parameter plane, and which phases there are.

Algorithm. A rational point lies inside one phase, or on walls. The phases that meet at a point are found along all
directions which the vanishing polynomials tell apart (`asymptotics.phases.phases_at`); one alone means that the point
is inside it. On a wall the exponents are the values that the neighbours have in common, and the powers of log f those
of the claim about that wall, evaluated at the point; in a corner they are those of the claim about that corner.

Exact numbers are text such as "11/16"; `symbolic` and `region` are in the grammar of `algebra.grammar`. Exponents are
positive for a decaying loss and a growing size: loss ~ f^(-loss_exponent) (log f)^(log_power.loss), and size
~ f^(size_exponent) (log f)^(log_power.size).

Not covered: prefactors on walls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.regions import negate
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.asymptotics.phases import phases_at
from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.latex import latex
from scaling_sym.export.plain import plain
from scaling_sym.export.rows import CornerRow, PhaseRow, Plane, TermsRow, WallRow

Answer: TypeAlias = dict[str, Any]

UNKNOWN_LAW: Final = "undecided: no law is derived for this point"
DIGITS: Final = 15
LIMITS: Final[Mapping[str, tuple[str, Callable[[Fraction], bool]]]] = {
    "B": ("a whole number from 1 on", lambda x: x >= 1 and x.denominator == 1),
    "gamma": ("positive", lambda x: x > 0),
    "rho": ("greater than 1", lambda x: x > 1),
    "s": ("between 0 and 1", lambda x: 0 < x < 1),
}


def answer_exponents(plane: Plane, point: Point, given: Point | None = None) -> Answer:
    """What holds at a rational point; `given` are values of B, gamma, rho, s at which prefactors are evaluated.

    Raises `BadInputError` for a missing or unknown name, `OutsideDomainError` where there is no power law.
    """
    check_names(plane, point)
    check_given(given or {})
    if not plane.domain.contains(point):
        needed = " and ".join(str(s) for s in plane.domain.conditions)
        raise OutsideDomainError(f"{write_point(point)} lies outside the domain of {plane.model}: {needed} is needed")
    rows = locate(plane, point)
    barren = next((row for row in rows if row.loss is None), None)
    if barren is not None or not rows:
        raise OutsideDomainError(f"{write_point(point)} lies outside the admissible region of {plane.model}: "
                                 f"{_condition_against(plane, barren)} is needed for a power law")
    start: Answer = {"model": plane.model, "at": {n: str(point[n]) for n in plane.names}}
    if len(rows) == 1:
        return start | _inside(rows[0], plane, point, given or {})
    return start | _on_walls(rows, plane, point)


def locate(plane: Plane, point: Point) -> list[PhaseRow]:
    """The one phase that contains the point, or all that meet there."""
    inside = [row for row in plane.phases if row.cell.contains(point)]
    return inside or [plane.phases[i] for i in phases_at([row.cell for row in plane.phases], point)]


def answer_phases(plane: Plane) -> Answer:
    """The phases, walls and corners of a model; exact values stand for the phase's witness."""
    return {
        "model": plane.model, "parameters": list(plane.names), "domain": plane.domain.texts(),
        "phases": [_describe_phase(row) for row in plane.phases],
        "walls": [_describe_wall(row) for row in plane.walls],
        "corners": [_describe_corner(row) for row in plane.corners],
    }


def check_names(plane: Plane, point: Point) -> None:
    """Raise `BadInputError` unless exactly the parameters of the model have values."""
    allowed = " and ".join(plane.names)
    for name in point:
        if name not in plane.names:
            raise BadInputError(f"no exponent of {plane.model} depends on a parameter {name!r}; {allowed} are allowed")
    for name in plane.names:
        if name not in point:
            raise BadInputError(f"the parameter {name} is missing: {plane.model} needs {allowed}")


def check_given(given: Point) -> None:
    """Raise `BadInputError` for a letter that no prefactor contains, or a value out of its range."""
    for name, value in given.items():
        if name not in LIMITS:
            raise BadInputError(f"prefactors have no letter {name!r}; {', '.join(LIMITS)} are allowed")
        text, allowed = LIMITS[name]
        if not allowed(value):
            raise BadInputError(f"{name}={value} is out of range: {name} must be {text}")


def write_point(point: Point) -> str:
    """alpha=4/5, beta=11/10."""
    return ", ".join(f"{n}={x}" for n, x in sorted(point.items()))


def _condition_against(plane: Plane, barren: PhaseRow | None) -> str:
    """What a point needs so as not to lie in a phase without a power law."""
    signs = [s for s in barren.cell.conditions if s not in plane.domain.conditions] if barren else []
    return " or ".join(str(negate(s)) for s in signs) or "another point"


def _inside(row: PhaseRow, plane: Plane, point: Point, given: Point) -> Answer:
    assert row.loss is not None
    assert row.size is not None
    found = next((t for t in plane.terms if t.cell.contains(point)), None)
    return {
        "phase": row.name, "region": row.cell.texts(), "tradeoff": list(row.tradeoff),
        "loss_exponent": _exponent(row.loss, point), "size_exponent": _exponent(row.size, point),
        "wall": None, "neighbours": None, "log_power": None,
        "prefactors": _describe_prefactors(row, point, given), "terms": _describe_terms(found, point),
        "claims": list(row.claims),
    }


def _on_walls(rows: Sequence[PhaseRow], plane: Plane, point: Point) -> Answer:
    names = [row.name for row in rows]
    walls = [w for w in plane.walls if not w.polynomial.at(point) and set(w.phases) <= set(names)]
    law = _find_law(plane, walls, names, point)
    corner = len({w.polynomial for w in walls}) > 1
    on_wall = {n: Ratio.of(x) for n, x in point.items()} if corner else walls[0].solved
    cell = law.cell if isinstance(law, WallRow) else Cell()
    losses = {row.loss.at(point) for row in rows if row.loss is not None}
    sizes = {row.size.at(point) for row in rows if row.size is not None}
    first = rows[0]
    assert first.loss is not None
    assert first.size is not None
    return {
        "phase": None, "region": cell.texts(),
        "tradeoff": list(dict.fromkeys(n for row in rows for n in row.tradeoff)),
        "loss_exponent": _exponent(first.loss.substitute(on_wall), point) if len(losses) == 1 else None,
        "size_exponent": _exponent(first.size.substitute(on_wall), point) if len(sizes) == 1 else None,
        "wall": " and ".join(f"{p} = 0" for p in dict.fromkeys(w.polynomial for w in walls)),
        "neighbours": names, "log_power": _log_power(law, point), "prefactors": None, "terms": None,
        "claims": [law.label] if law else [],
    }


def _find_law(plane: Plane, walls: Sequence[WallRow], names: Sequence[str], point: Point) -> WallRow | CornerRow | None:
    """The claim about exactly this corner, or about the wall between exactly these two phases here."""
    if len(names) > 2:
        return next((c for c in plane.corners if dict(c.point) == dict(point)), None)
    return next((w for w in walls if set(w.phases) == set(names) and w.cell.contains(point)), None)


def _log_power(law: WallRow | CornerRow | None, point: Point) -> Answer:
    if law is None:
        return {"loss": None, "size": None, "note": UNKNOWN_LAW}
    values = [x.at(point) if isinstance(x, Ratio) else x for x in (law.log_loss, law.log_size)]
    loss, size = (None if x is None else str(x) for x in values)
    return {"loss": loss, "size": size, "note": law.note}


def _exponent(value: Ratio, point: Point) -> Answer:
    return {"exact": str(value.at(point)), "symbolic": symbolic(value, point)}


def _describe_phase(row: PhaseRow) -> Answer:
    loss, size = (None if x is None else _exponent(x, row.witness) for x in (row.loss, row.size))
    return {
        "name": row.name, "region": row.cell.texts(), "tradeoff": list(row.tradeoff), "loss_exponent": loss,
        "size_exponent": size, "witness": {n: str(x) for n, x in sorted(row.witness.items())},
        "prefactors": _describe_prefactors(row, row.witness, {}), "claims": list(row.claims),
    }


def _describe_wall(row: WallRow) -> Answer:
    values = {"loss_exponent": row.loss, "size_exponent": row.size, "log_loss": row.log_loss, "log_size": row.log_size}
    shown = {k: None if x is None else symbolic(x, where_on(row)) for k, x in values.items()}
    return {"wall": f"{row.polynomial} = 0", "between": list(row.phases), "region": row.cell.texts(), **shown,
            "note": row.note, "claim": row.label}


def where_on(row: WallRow) -> Point | None:
    """A rational point on the wall, at which the factors of its formulas are written positive."""
    free = [n for n in row.polynomial.names if n not in row.solved]
    names = sorted({*row.cell.names, *free, *(n for x in (row.loss, row.log_loss) if x for n in x.names)})
    return next(iter(sample_cell(row.cell, names)), None)


def _describe_corner(row: CornerRow) -> Answer:
    logs = {"log_loss": row.log_loss, "log_size": row.log_size}
    return {"point": {n: str(x) for n, x in sorted(row.point.items())}, "between": list(row.phases),
            "loss_exponent": str(row.loss), "size_exponent": str(row.size),
            **{k: None if x is None else str(x) for k, x in logs.items()}, "note": row.note, "claim": row.label}


def _describe_terms(row: TermsRow | None, point: Point) -> list[Answer] | None:
    if row is None:
        return None
    oriented = [replace(t, constant=orient(t.constant, point)) for t in row.terms]
    return [
        {"name": t.name, "powers": {n: _exponent(e, point) for n, e in t.monomial.powers},
         "constant": _describe_constant(t.constant, point, {}), "latex": latex(t, point)}
        for t in oriented
    ]


def _describe_prefactors(row: PhaseRow, point: Point, given: Point) -> Answer | None:
    found = row.prefactor
    if found is None:
        return None
    loss, size = (None if c is None else _describe_constant(c, point, given) for c in (found.loss, found.size))
    return {"loss": loss, "size": size, "note": found.note}


def _describe_constant(constant: Constant, point: Point, given: Point) -> Answer:
    """A constant as text and LaTeX, the letters it depends on besides the point, and its value where all are known."""
    letters = sorted(set(constant_names(constant)) - set(point))
    known = not set(letters) - set(given)
    value = evaluate_positive(constant, {**point, **given}) if known else None
    shown = orient(constant, point)
    return {"text": plain(shown, point), "latex": latex(shown, point), "letters": letters, "value": value}


def evaluate_positive(constant: Constant, point: Point) -> str:
    """The value to 15 digits; raises `BadInputError` where a factor that must be positive is not.

    Such factors are sums like 1 - gamma zeta(2 alpha)/2, which vanish at the limit of stability.
    """
    for atom, _ in constant.factors:
        if atom.head == "sum" and not evaluate(Constant.of(atom), point, DIGITS) > 0:
            raise BadInputError(f"{plain(Constant.of(atom))} is not positive at {write_point(point)}: "
                                "a smaller learning rate is allowed")
    return str(evaluate(constant, point, DIGITS).str(DIGITS, radius=False))


def constant_names(constant: Constant) -> Iterator[str]:
    """All parameters that occur in a constant, in its exponents too."""
    for atom, exponent in constant.factors:
        yield from exponent.names
        for argument in atom.arguments:
            yield from argument.names if isinstance(argument, Ratio) else constant_names(argument)

