"""Answers and tables about models with laws for each bottleneck: what holds at a point of the (a, b) plane.

Each law stands in the bundle as claims of kind `law`, one a cell. At a point inside one cell its law is evaluated; on a wall
between two the exponents of both sides agree there (checked), and the wall is named: the law may carry a logarithm on it.

Exponents are positive for a decaying loss or correction (negative: it grows) and for a growing size or number of steps.

Not covered: powers of logarithms on walls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.export.answers import write_point
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.plain import plain
from scaling_sym.export.prose import Math, show, show_region
from scaling_sym.export.statements import formula
from scaling_sym.export.tables import Entry, Table, Verdicts

Answer = dict[str, Any]
NAMES: Final = ("a", "b")
DOMAIN: Final = Cell.parse(["a - 1 > 0", "b - 1 > 0"])
DIGITS: Final = 15
ROWS: Final[Mapping[str, tuple[str, str]]] = {  # quantity -> what it is, its printed label
    "time": ("time, N = P = infinity", "B-bottleneck/time"), "model": ("model, t = P = infinity", "B-bottleneck/model"),
    "data": ("data, t = N = infinity", "B-bottleneck/data"),
    "correction/model": ("first order in 1/N", "B-early/window"), "correction/data": ("first order in 1/P", "B-early/window"),
    "gap": ("test minus train, first order in 1/P", ""), "bias": ("bias, t = P = infinity", ""),
    "sgd/time": ("one-pass SGD, time", "B-sgd/time-and-size-laws"),
    "sgd/size": ("one-pass SGD, size", "B-sgd/time-and-size-laws"),
}


@final
@dataclass(frozen=True, slots=True)
class LawRow:
    """One law on one cell: powers of sizes and times, and its constant where it is determined."""

    quantity: str
    cell: Cell
    power: Mapping[str, Ratio]
    constant: Constant | None
    claim: Claim


def read_laws(bundle: Bundle) -> list[LawRow]:
    """All laws with a power, in the order of the bundle; raises `BadInputError` for a malformed one."""
    rows = []
    for c in bundle.claims:
        if c.kind == "law" and "power" in c.statement:
            power = {n: parse_ratio(e) for n, e in c.statement["power"].items()}
            constant = None if c.statement["constant"] is None else decode_constant(c.statement["constant"])
            rows.append(LawRow(c.statement["quantity"], decode_cell(c.region), power, constant, c))
    return rows


def answer_laws(bundle: Bundle, point: Point) -> Answer:
    """The bottlenecks, the compute-optimum for C = N t, and the corrections at a rational point.

    Raises `BadInputError` for a missing or unknown name, `OutsideDomainError` outside a > 1, b > 1.
    """
    for name in point:
        if name not in NAMES:
            raise BadInputError(f"the model dmft has no parameter {name!r}; a and b are allowed")
    missing = [n for n in NAMES if n not in point]
    if missing:
        raise BadInputError(f"the model dmft needs a value for {' and '.join(missing)}, such as --at {missing[0]}=3/2")
    if not DOMAIN.contains(point):
        raise OutsideDomainError(f"{write_point(point)} lies outside the domain of dmft: a > 1 and b > 1 is needed")
    rows = read_laws(bundle)
    used: list[LawRow] = []

    def law(quantity: str, name: str, sign: int) -> Answer:
        row = _row_at(rows, quantity, name, point)
        used.append(row)
        return _exponent(row, name, sign, point)

    corrections = {
        side: {"size": law(f"correction/{side}", size, -1), "time": law(f"correction/{side}", "t", -1)}
        for side, size in (("model", "N"), ("data", "P"))
    }
    answer: Answer = {
        "model_name": "dmft", "at": {n: str(point[n]) for n in NAMES},
        "time": law("time", "t", -1), "model": law("model", "N", -1), "data": law("data", "P", -1),
        "compute": {"loss": law("compute/loss", "C", -1), "size": law("compute/size", "C", 1),
                    "steps": law("compute/steps", "C", 1)},
        "corrections": corrections, "gap": {"size": law("gap", "P", -1), "time": law("gap", "t", -1)},
        "sgd": {"time": law("sgd/time", "r", -1), "size": law("sgd/size", "d", -1)},
    }
    signs = {s for row in used for s in row.cell.conditions}
    answer["region"] = Cell.of(s for s in signs if s.holds_at(point)).texts()
    walls = sorted({f"{s.polynomial} = 0" for s in signs if not s.polynomial.at(point)})
    answer["wall"] = walls or None
    return answer


def _row_at(rows: Sequence[LawRow], quantity: str, name: str, point: Point) -> LawRow:
    """The law of the cell that holds the point; on a wall the first of those around it, which agree there."""
    mine = [r for r in rows if r.quantity == quantity]
    around = [r for r in mine if all(s.holds_at(point) or not s.polynomial.at(point) for s in r.cell.conditions)]
    if not around:
        raise OutsideDomainError(f"no law of {quantity} is derived at {write_point(point)}")
    values = {r.power.get(name, Ratio.of(0)).at(point) for r in around}
    if len(values) != 1:
        raise OutsideDomainError(f"undecided: the exponents of {quantity} differ on the two sides of {write_point(point)}")
    return around[0]


def _exponent(row: LawRow, name: str, sign: int, point: Point) -> Answer:
    value = row.power.get(name, Ratio.of(0)) * sign
    answer: Answer = {"exact": str(value.at(point)), "symbolic": symbolic(value, point)}
    if (row.constant is not None and name != "t") or row.quantity == "time":
        assert row.constant is not None
        answer["constant"] = _evaluate(row.constant.orient(point), point)
    return answer


def _evaluate(constant: Constant, point: Point) -> Answer:
    """The constant as text, with its value where it has one (it has a pole on walls)."""
    text = plain(constant, point)
    try:
        value = constant.evaluate(point, DIGITS).str(DIGITS, radius=False)
    except (OutsideDomainError, ZeroDivisionError):
        value = None
    return {"text": text, "value": value}


def bottleneck_table(bundle: Bundle, verdicts: Verdicts) -> Table:
    """Each bottleneck and correction, region by region, beside the printed law and its verdict."""
    printed = {c.label: c for c in bundle.claims}
    columns = (("law", "law"), ("region", "region"), ("derived", "derived"), ("printed", "printed"), ("verdict", "verdict"))
    rows = []
    for quantity, (words, label) in ROWS.items():
        for row in (r for r in read_laws(bundle) if r.quantity == quantity):
            shown = formula(row.claim, bundle)
            other = printed.get(label)
            rows.append((
                Entry(words, quantity), region_entry(row.cell), Entry(shown, _data(row)),
                Entry("", None) if other is None else Entry(formula(other, bundle), label),
                Entry("", None) if other is None else Entry(verdicts.get(label, "not judged"), verdicts.get(label, "not judged")),
            ))
    return Table("bottlenecks", "Bottlenecks and corrections of the mean-field model", columns, tuple(rows))


def compute_table(bundle: Bundle, verdicts: Verdicts) -> Table:
    """The compute-optimal laws for C = N t, region by region, beside the verdicts on the printed ones."""
    columns = (("region", "region"), ("loss", Math(r"-\log\mathcal{L}_{\star}/\log C", "loss C^-")), ("size", "size C^"),
               ("steps", "steps C^"), ("verdicts", "printed: loss; size; steps"))
    rows, laws = [], read_laws(bundle)
    for loss in (r for r in laws if r.quantity == "compute/loss"):
        size, steps = (next(r for r in laws if r.quantity == f"compute/{k}" and r.cell == loss.cell) for k in ("size", "steps"))
        said = "; ".join(verdicts.get(f"B-compute/{k}", "not judged") for k in ("loss", "size", "steps"))
        rows.append((region_entry(loss.cell), _ratio(-loss.power["C"]), _ratio(size.power["C"]), _ratio(steps.power["C"]),
                     Entry(said, said)))
    return Table("compute", "Compute-optimal laws of the mean-field model, C = N t", columns, tuple(rows))


def region_entry(cell: Cell) -> Entry:
    """A region of the (a, b) plane without the conditions of the domain, which hold everywhere."""
    own = Cell.of(s for s in cell.conditions if s not in DOMAIN.conditions)
    return Entry(show_region(own.texts()) if own.conditions else "", cell.texts())


def _ratio(value: Ratio) -> Entry:
    return Entry(show(value), symbolic(value))


def _data(row: LawRow) -> dict[str, Any]:
    return {"power": {n: symbolic(e) for n, e in row.power.items()},
            "constant": None if row.constant is None else str(row.constant)}


LAW_TABLES: Final[Mapping[str, Callable[[Bundle, Verdicts], Table]]] = {
    "bottlenecks": bottleneck_table, "compute": compute_table,
}
