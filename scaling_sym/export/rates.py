"""Answers for learning rates gamma ~ d^(-c) and batches B ~ d^(c_batch) of random features, as plain data.

The phases over (alpha, beta, c) are laws of a bundle (`derivations.paquette2024.rates`). Here they are looked up at a point,
or cut by fixed values of some parameters. The exponent of a batch occurs in no loss: r = n/B takes it from the samples n.
A learning rate at the limit of stability lies on the boundary of the domain, and has the exponents of the phase that it bounds.

Vocabulary. *Slice*: the phases for fixed values of some parameters. A phase is named after the printed phases that it goes
over into at the limit of stability: "Ia+Ib"; "new" where there is none, "none" where the loss has no power law.

Not covered: prefactors, and logarithms on walls.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, TypeAlias, final

from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.sampling import distance_to_zero_sets, sample_cell
from scaling_sym.algebra.signs import implied
from scaling_sym.asymptotics.phases import distinct_factors, find_neighbours, phases_at
from scaling_sym.claims.bundle import Bundle
from scaling_sym.claims.codec import decode_cell
from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.export.answers import write_point
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.rows import Plane

Answer: TypeAlias = dict[str, Any]
RATE: Final = "c"
BATCH: Final = "c_batch"
PARAMETERS: Final = ("alpha", "beta", RATE, BATCH)
_LOGS: Final = {"loss": None, "size": None, "note": "undecided: logarithms on walls are derived for the limit of stability only"}


@final
@dataclass(frozen=True, slots=True)
class RatePhase:
    """One phase over (alpha, beta, c): trade-off, and the exponents of loss, size d and samples n."""

    name: str
    cell: Cell
    tradeoff: tuple[str, ...]
    loss: Ratio
    size: Ratio
    samples: Ratio
    claims: tuple[str, ...]

    def exponents(self, values: Mapping[str, Ratio]) -> dict[str, Ratio]:
        """All exponents in the budget f, in the order in which they are shown; positive: loss and rate fall, others grow."""
        size, samples = self.size.substitute(values), self.samples.substitute(values)
        rate, batch = (values.get(n, Ratio.parameter(n)) for n in (RATE, BATCH))
        return {
            "loss_exponent": self.loss.substitute(values), "size_exponent": size, "steps_exponent": samples - batch * size,
            "samples_exponent": samples, "batch_exponent": batch * size, "rate_exponent": rate * size,
        }


@final
@dataclass(frozen=True, slots=True)
class Rates:
    """The phases, and the domain that they fill."""

    model: str
    domain: Cell
    phases: tuple[RatePhase, ...]


def read_rates(bundle: Bundle, plane: Plane) -> Rates:
    """The phases in a bundle of laws, named after those of the plane at the limit of stability."""
    lookup = {s.id: s for s in bundle.steps}
    groups: dict[str, dict[str, Any]] = {}
    for claim in bundle.claims:
        groups.setdefault(claim.label.rpartition("/")[0], {})[claim.statement["quantity"]] = claim
    cells = [decode_cell(g["loss"].region) for g in groups.values()]
    met = _meet_plane(cells, plane)
    phases = []
    for i, (cell, group) in enumerate(zip(cells, groups.values(), strict=True)):
        match = lookup[group["loss"].steps[0]]
        optimum = lookup[match.premises[match.conclusion["hits"][0]]]
        loss, size, samples = (parse_ratio(group[q].statement["exponent"]) for q in ("loss", "d", "n"))
        names = sorted(t["name"] for t in optimum.conclusion["tradeoff"]) if loss else []
        name = "+".join(met[i]) or "new" if loss else "none"
        phases.append(RatePhase(name, cell, tuple(names), loss, size, samples, tuple(c.label for c in group.values())))
    return Rates(plane.model, decode_cell(next(s for s in bundle.steps if s.rule == "cover").cell), tuple(phases))


def _meet_plane(cells: Sequence[Cell], plane: Plane) -> list[list[str]]:
    """For each cell, the printed phases whose witnesses, at the limit of stability, lie on its boundary."""
    met: list[list[str]] = [[] for _ in cells]
    for row in plane.phases:
        point = {**row.witness, RATE: find_limit(row.witness)}
        for i in phases_at(cells, point):
            met[i].append(row.name)
    return met


def find_limit(point: Point) -> Fraction:
    """The smallest c that is stable at fixed batch: max(0, 1 - 2 alpha)."""
    return max(Fraction(0), 1 - 2 * point["alpha"])


def complete_point(point: Point) -> dict[str, Fraction]:
    """The point with c (the limit of stability) and c_batch (0) where they are absent; raises `BadInputError`."""
    for name in point:
        if name not in PARAMETERS:
            raise BadInputError(f"no exponent depends on a parameter {name!r}; {', '.join(PARAMETERS)} are allowed")
    for name in PARAMETERS[:2]:
        if name not in point:
            raise BadInputError(f"the parameter {name} is missing: {' and '.join(PARAMETERS[:2])} are needed")
        if point[name] <= 0:
            raise OutsideDomainError(f"{write_point(point)} lies outside the domain: {name} > 0 is needed")
    batch = point.get(BATCH, Fraction(0))
    limit = find_limit(point)
    rate = point.get(RATE, max(limit, batch))
    _check_stability(rate, batch, limit)
    if 2 * point["alpha"] == 1 and not rate:
        raise OutsideDomainError("where 2*alpha = 1 the limit of stability is gamma ~ 1/log d: c > 0 is needed, or no c at all")
    return {**point, RATE: rate, BATCH: batch}


def _check_stability(rate: Fraction, batch: Fraction, limit: Fraction) -> None:
    if rate < limit:
        raise BadInputError(f"gamma ~ d^(-c) with c = {rate} is above the limit of stability: c of at least {limit} is needed")
    if batch < 0:
        raise BadInputError(f"c_batch = {batch} means a batch below one sample: c_batch of at least 0 is allowed")
    if batch > rate:
        raise BadInputError(f"c_batch = {batch} with c = {rate} is unstable, because gamma B grows: at most c is allowed")


def answer_rates(rates: Rates, point: Point) -> Answer:
    """What holds at a point (alpha, beta, c, c_batch); the last two may be absent. Raises `BadInputError`."""
    full = complete_point(point)
    place = {n: full[n] for n in PARAMETERS[:3]}
    inside = [p for p in rates.phases if p.cell.contains(place)]
    rows = inside or [rates.phases[i] for i in phases_at([p.cell for p in rates.phases], place)]
    if any(not row.loss for row in rows):
        raise OutsideDomainError(f"{write_point(place)} lies outside the admissible region of {rates.model}: "
                                 "2*alpha + 2*beta - 1 > 0 is needed for a power law")
    values = {n: Ratio.of(x) for n, x in full.items()}
    shown = [{k: str(e.constant()) for k, e in row.exponents(values).items()} for row in rows]
    texts = rows[0].exponents({})
    common = {k: {"exact": x, "symbolic": symbolic(texts[k], full)} if all(s[k] == x for s in shown) else None
              for k, x in shown[0].items()}
    alone = len(rows) == 1
    walls = [] if alone else distinct_factors(
        s.polynomial for row in rows for s in row.cell.conditions
        if not s.polynomial.at(place) and s not in rates.domain.conditions
    )
    return {
        "model": rates.model, "at": {n: str(full[n]) for n in PARAMETERS},
        "phase": rows[0].name if alone else None, "region": rows[0].cell.texts() if alone else [],
        "tradeoff": list(dict.fromkeys(n for row in rows for n in row.tradeoff)), **common,
        "wall": None if alone else " and ".join(f"{p} = 0" for p in walls),
        "neighbours": None if alone else [row.name for row in rows], "log_power": None if alone else dict(_LOGS),
        "prefactors": None, "terms": None, "claims": [label for row in rows for label in row.claims],
    }


def answer_slice(rates: Rates, fixed: Point, free: Collection[str]) -> Answer:
    """The phases, and the walls between them, where some parameters have values; `free` of c and c_batch stay open."""
    names, domain = _open_slice(rates, fixed, free)
    values = {n: Ratio.of(x) for n, x in fixed.items()}
    if BATCH not in free:
        values.setdefault(BATCH, Ratio.of(0))
    found = [(phase, cell) for phase in rates.phases if (cell := _cut(phase.cell, values, domain, names)) is not None]
    cells = [cell for _, cell in found]
    polynomials = distinct_factors(s.polynomial for c in (domain, *cells) for s in c.conditions)
    points = sample_cell(domain, names, polynomials)
    walls = find_neighbours(cells, points, polynomials)
    phases = []
    for phase, cell in found:
        witness = max((p for p in points if cell.contains(p)),
                      key=lambda p: (distance_to_zero_sets(p, polynomials), str(p)))
        shown: Answer = {k: None if not phase.loss else symbolic(e, witness) for k, e in phase.exponents(values).items()}
        phases.append({"name": phase.name, "region": cell.texts(), "tradeoff": list(phase.tradeoff), **shown,
                       "witness": {n: str(x) for n, x in sorted(witness.items())}, "claims": list(phase.claims)})
    return {
        "model": rates.model, "at": {n: str(x) for n, x in sorted(fixed.items())}, "parameters": list(names),
        "domain": domain.texts(), "phases": phases,
        "walls": [{"wall": f"{w.polynomial} = 0", "between": [found[i][0].name for i in w.phases]} for w in walls],
    }


def _open_slice(rates: Rates, fixed: Point, free: Collection[str]) -> tuple[tuple[str, ...], Cell]:
    """The parameters that are left, in the order of elimination, and the domain in them."""
    for name in (*fixed, *free):
        if name not in PARAMETERS or (name in free and (name in fixed or name in PARAMETERS[:2])):
            raise BadInputError(f"{name!r} cannot be given so: {', '.join(PARAMETERS)} take values, and c and c_batch may be "
                                "free instead")
    if RATE not in fixed and RATE not in free:
        raise BadInputError("the exponent c of the learning rate is missing: a value such as --at c=1/4, or --free c, is needed")
    batch = fixed.get(BATCH, Fraction(0))
    if RATE in fixed:
        limit = find_limit(fixed) if "alpha" in fixed else Fraction(0)
        _check_stability(fixed[RATE], batch, limit)
    conditions = [s.positive for s in rates.domain.conditions]
    if BATCH in free or batch:
        conditions += [Ratio.parameter(RATE) - Ratio.parameter(BATCH), Ratio.parameter(BATCH)]
    values = {n: Ratio.of(x) for n, x in fixed.items()}
    signs, closed = [], [p.substitute(values) for p in conditions]
    for p in closed:
        if not p.is_constant:
            signs.append(Sign.of(p))
        elif p.constant() < 0:
            raise OutsideDomainError(f"{write_point(fixed)} lies outside the domain {', '.join(rates.domain.texts())}")
    names = tuple(n for n in ("alpha", RATE, BATCH, "beta") if n not in fixed and (n != BATCH or n in free))
    domain = Cell.of(signs)
    if not names or not sample_cell(domain, names):
        raise BadInputError("nothing is left to cut: at least one parameter must stay open inside the domain")
    return names, _shorten(domain)


def _cut(cell: Cell, values: Mapping[str, Ratio], domain: Cell, names: Sequence[str]) -> Cell | None:
    """The part of a cell inside a slice, by its shortest conditions; `None` where it is empty."""
    signs = []
    for sign in cell.conditions:
        p = sign.positive.substitute(values)
        if not p.is_constant:
            signs.append(Sign.of(p))
        elif p.constant() < 0:
            return None
        elif not p.constant() and sign.polynomial not in {s.polynomial for s in domain.conditions}:
            _refuse_wall(sign, values)
    part = Cell.of(signs).meet(domain)
    return _shorten(part) if sample_cell(part, names) else None


def _refuse_wall(sign: Sign, values: Mapping[str, Ratio]) -> None:
    """A fixed value on the boundary of the domain is the limit of stability; on a wall it is between two phases."""
    if sign.polynomial.names != (RATE,) or values[RATE].constant():
        at = ", ".join(f"{n}={values[n]}" for n in sign.polynomial.names)
        raise BadInputError(f"{at} lies on the wall {sign.polynomial} = 0: values off the walls are allowed here")


def _shorten(cell: Cell) -> Cell:
    """The cell without the conditions that follow from the others."""
    signs = list(cell.conditions)
    for sign in reversed(cell.conditions):
        rest = [s for s in signs if s != sign]
        if implied(sign, Cell.of(rest)) is not None:
            signs = rest
    return Cell.of(signs)
