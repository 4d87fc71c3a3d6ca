"""Reading the phases, walls and corners of a model out of a bundle: the one form that answers and tables work on.

A phase stands in a bundle as two claims of kind `phase` (loss and size) and, where there is a power law, one of kind
`prefactor`; a wall or a corner is one claim. Here each becomes one row with exact objects in it.

Vocabulary. *Domain*: where the parameters may lie at all. *Admissible*: where there is a power law. *Order of rows*: by
the Roman numeral and letter of the name that the literature uses; phases without a name come last.

Not covered: whether a claim is true (see `proofs_check`); anything but models with one plane of phases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_fraction, decode_term
from scaling_sym.claims.steps import Step
from scaling_sym.errors import BadInputError

_ROMAN: Final[Mapping[str, int]] = {"I": 1, "V": 5, "X": 10}
_EDGE: Final = "the optimum lies at the edge of the terms' range, where leading constants do not determine it"


@final
@dataclass(frozen=True, slots=True)
class Prefactor:
    """loss * f^eta and size / f^xi as f grows, or a note that says why leading constants do not give them."""

    loss: Constant | None
    size: Constant | None
    note: str | None


@final
@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase; loss and size are exponents (positive: it decays, it grows), `None` without a power law."""

    name: str
    cell: Cell
    tradeoff: tuple[str, ...]
    loss: Ratio | None
    size: Ratio | None
    witness: Mapping[str, Fraction]
    prefactor: Prefactor | None
    claims: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class WallRow:
    """One wall between two phases: its equation, where on it the law holds, common exponents, and powers of log f.

    Exponents are written in the parameters that are left free on the wall.
    """

    label: str
    polynomial: Ratio
    phases: tuple[str, ...]
    cell: Cell
    loss: Ratio | None
    size: Ratio | None
    log_loss: Ratio | None
    log_size: Ratio | None
    note: str | None

    @property
    def solved(self) -> dict[str, Ratio]:
        """The equation solved for a parameter in which it is linear with a constant slope; empty where there is none."""
        for name in reversed(self.polynomial.names):
            slope = self.polynomial.derivative(name)
            if slope and slope.is_constant:
                return {name: Ratio.parameter(name) - self.polynomial / slope}
        return {}


@final
@dataclass(frozen=True, slots=True)
class CornerRow:
    """A point at which three or more phases meet, with what holds there."""

    label: str
    point: Mapping[str, Fraction]
    phases: tuple[str, ...]
    loss: Fraction
    size: Fraction
    log_loss: Fraction | None
    log_size: Fraction | None
    note: str | None


@final
@dataclass(frozen=True, slots=True)
class TermsRow:
    """The terms of the loss, in the resources, on one piece of the plane."""

    label: str
    cell: Cell
    terms: tuple[Term, ...]


@final
@dataclass(frozen=True, slots=True)
class Plane:
    """All that a bundle says of the phases of one model, in the order of rows."""

    model: str
    names: tuple[str, ...]
    domain: Cell
    phases: tuple[PhaseRow, ...]
    walls: tuple[WallRow, ...]
    corners: tuple[CornerRow, ...]
    terms: tuple[TermsRow, ...]


def read_plane(bundle: Bundle, model: str) -> Plane:
    """The rows of a model; raises `BadInputError` where the bundle has none, or where one of them cannot be read."""
    own = [c for c in bundle.claims if c.label.startswith(f"{model}/")]
    cover = next((c for c in own if c.kind == "cover"), None)
    if cover is None:
        raise BadInputError(f"the bundle of {bundle.paper} has no phases of a model {model!r}")
    with reading(f"the bundle of {bundle.paper}"):
        domain = decode_cell(cover.region)
        steps = {s.id: s for s in bundle.steps}
        phases = sorted(_read_phases(own, steps), key=lambda row: rank_name(row.name))
        walls = sorted((_read_wall(c) for c in own if c.kind == "wall"),
                       key=lambda row: [rank_name(n) for n in row.phases])
        corners = [_read_corner(c) for c in own if c.kind == "corner"]
        terms = [_read_terms(c, steps) for c in own if c.kind == "terms"]
    return Plane(model, domain.names, domain, tuple(phases), tuple(walls), tuple(corners), tuple(terms))


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn what goes wrong while a claim is taken apart into one sentence."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ZeroDivisionError) as error:
        said = f"{type(error).__name__} {str(error)[:60]}"
        raise BadInputError(f"{what} has a part that cannot be read: {said}") from None


def rank_name(name: str) -> tuple[int, int, str]:
    """Sorts names of phases: Ia, Ib, II, III, IVa ...; a name that is no Roman numeral comes after all others."""
    match = re.fullmatch(r"([IVX]+)([a-z]*)", name)
    if match is None:
        return 1, 0, name
    values = [_ROMAN[c] for c in match[1]]
    total = sum(-v if any(w > v for w in values[i:]) else v for i, v in enumerate(values))
    return 0, total, match[2]


def _read_phases(claims: list[Claim], steps: Mapping[str, Step]) -> list[PhaseRow]:
    found: dict[str, dict[str, Claim]] = {}
    for claim in claims:
        if claim.kind in ("phase", "prefactor"):
            quantity = claim.statement["quantity"] if claim.kind == "phase" else "prefactor"
            found.setdefault(claim.statement["phase"], {})[quantity] = claim
    return [_read_phase(name, group, steps) for name, group in found.items()]


def _read_phase(name: str, group: Mapping[str, Claim], steps: Mapping[str, Step]) -> PhaseRow:
    loss, size, prefactor = group["loss"], group["size"], group.get("prefactor")
    witness = {n: decode_fraction(x) for n, x in loss.statement["witness"].items()}
    return PhaseRow(
        name, decode_cell(loss.region), tuple(map(str, loss.statement["tradeoff"])),
        _optional(loss.statement["exponent"]), _optional(size.statement["exponent"]), witness,
        None if prefactor is None else _read_prefactor(steps[prefactor.steps[0]].conclusion),
        tuple(c.label for c in group.values()),
    )


def _read_prefactor(conclusion: Any) -> Prefactor:
    loss, size = (None if conclusion[k] is None else decode_constant(conclusion[k]) for k in ("loss", "size"))
    return Prefactor(loss, size, _EDGE if loss is None else None)


def _optional(value: Any) -> Ratio | None:
    return None if value is None else parse_ratio(value)


def _read_wall(claim: Claim) -> WallRow:
    said = claim.statement
    loss, size, log_loss, log_size = (_optional(said[k]) for k in ("loss", "size", "log_loss", "log_size"))
    phases = tuple(sorted(map(str, said["phases"]), key=rank_name))
    row = WallRow(claim.label, parse_ratio(said["polynomial"]), phases, decode_cell(claim.region),
                  loss, size, log_loss, log_size, said["note"])
    loss, size = (x and x.substitute(row.solved) for x in (row.loss, row.size))
    return replace(row, loss=loss, size=size)


def _read_corner(claim: Claim) -> CornerRow:
    said = claim.statement
    log_loss, log_size = (None if said[k] is None else decode_fraction(said[k]) for k in ("log_loss", "log_size"))
    point = {n: decode_fraction(x) for n, x in said["point"].items()}
    phases = tuple(sorted(map(str, said["phases"]), key=rank_name))
    return CornerRow(claim.label, point, phases, decode_fraction(said["loss"]), decode_fraction(said["size"]),
                     log_loss, log_size, said["note"])


def _read_terms(claim: Claim, steps: Mapping[str, Step]) -> TermsRow:
    cell = decode_cell(claim.region)
    return TermsRow(claim.label, cell,
                    tuple(replace(decode_term(t), cell=cell) for t in steps[claim.steps[0]].conclusion["terms"]))
