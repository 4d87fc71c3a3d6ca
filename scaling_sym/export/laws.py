"""Answers and tables about models with laws for each bottleneck: what holds at a point of the (a, b) plane.

Each law stands in the bundle as claims of kind `law`, one a cell. At a point inside one cell its law is evaluated; on a wall
between two the exponents of both sides agree there (checked), the wall is named, and the claim of kind `law-on-wall` about it
gives the power of the logarithm and the constant. Where there is no such claim the power of the logarithm is undecided.

Exponents are positive for a decaying loss or correction (negative: it grows) and for a growing size or number of steps: a
quantity is x^(-exact) (log x)^log, or x^exact (log x)^log.

Not covered: sizes on walls where a range of them is equally good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.export.answers import write_point
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.laws_on_walls import UNDECIDED, WallLaw, find_wall_law, read_wall_laws, show_place
from scaling_sym.export.plain import plain
from scaling_sym.export.prose import Math, show, show_region
from scaling_sym.export.statements import formula
from scaling_sym.export.tables import Entry, Table, Verdicts

Answer = dict[str, Any]
NAMES: Final = ("a", "b")
DOMAIN: Final = Cell.parse(["a - 1 > 0", "b - 1 > 0"])
DIGITS: Final = 15
BUDGETS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {  # quantity -> what it costs, and what has a law
    "compute-late": ("N*P", ("loss", "size", "data")), "compute-wide": ("P*t", ("loss", "data", "steps")),
    "compute-min": ("N*min(P,t)", ("loss",)),
}
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
    rows, walls = read_laws(bundle), read_wall_laws(bundle)
    used: list[LawRow] = []

    def law(quantity: str, name: str, sign: int) -> Answer:
        """The exponent of one law at the point, with its logarithm and constant on a wall."""
        row = _row_at(rows, quantity, name, point)
        used.append(row)
        found = _exponent(row, name, sign, point)
        if len(row.power) > 1 and name != "t":  # the logarithm is that of the time
            return found | {k: x for k, x in _log_at(rows, walls, quantity, point).items() if k == "constant"} | {"log": "0"}
        at = _log_at(rows, walls, quantity, point)
        return found | {k: x for k, x in at.items() if k != "constant" or len(row.power) == 1}

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
    answer["budgets"] = _answer_budgets(rows, walls, point)
    signs = {s for row in used for s in row.cell.conditions}
    answer["region"] = Cell.of(s for s in signs if s.holds_at(point)).texts()
    answer["wall"] = sorted({f"{s.polynomial} = 0" for s in signs if not s.polynomial.at(point)}) or None
    return answer


def _answer_budgets(rows: Sequence[LawRow], walls: Sequence[WallLaw], point: Point) -> Answer:
    """The compute-optimal laws of the other budgets; a size of which a range is equally good has no exponent."""
    answer: Answer = {}
    for budget, (cost, quantities) in BUDGETS.items():
        answer[cost] = {}
        for name in quantities:
            sign = -1 if name == "loss" else 1
            try:
                found = _exponent(_row_at(rows, f"{budget}/{name}", "C", point), "C", sign, point)
            except OutsideDomainError as reason:
                answer[cost][name] = {"exact": None, "symbolic": None, "log": None, "note": str(reason)}
                continue
            answer[cost][name] = found | _log_at(rows, walls, f"{budget}/{name}", point)
    return answer


def _log_at(rows: Sequence[LawRow], walls: Sequence[WallLaw], quantity: str, point: Point) -> Answer:
    """The power of the logarithm at a point, and on a wall the constant there; `None` with a note where it is undecided."""
    if any(r.quantity == quantity and r.cell.contains(point) for r in rows):
        return {"log": "0"}
    law = find_wall_law(walls, quantity, point)
    if law is None:
        return {"log": None, "note": UNDECIDED}
    found: Answer = {"log": str(law.log.at(point))}
    return found if law.constant is None else found | {"constant": _evaluate(orient(law.constant, point), point)}


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
        answer["constant"] = _evaluate(orient(row.constant, point), point)
    return answer


def _evaluate(constant: Constant, point: Point) -> Answer:
    """The constant as text, with its value where it has one (it has a pole on walls)."""
    text = plain(constant, point)
    try:
        value = evaluate(constant, point, DIGITS).str(DIGITS, radius=False)
    except (OutsideDomainError, ZeroDivisionError):
        value = None
    return {"text": text, "value": value}


def bottleneck_table(bundle: Bundle, verdicts: Verdicts) -> Table:
    """Each bottleneck and correction, region by region, beside the printed law and its verdict."""
    printed = {c.label: c for c in bundle.claims}
    columns = (("law", "law"), ("region", "region"), ("derived", "derived"), ("printed", "printed"), ("verdict", "verdict"))
    rows = []
    for quantity, (words, label) in ROWS.items():
        for law in (w for w in read_wall_laws(bundle) if w.quantity == quantity):
            rows.append((Entry(words, quantity), _place(law), Entry(formula(law.claim, bundle), _data_on_wall(law)),
                         Entry("", None), Entry("", None)))
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
    """The compute-optimal laws of each budget, region by region and wall by wall, beside the verdicts on the printed ones.

    On a wall the powers of log C stand behind those of C; a size that is not determined there is said to be undecided.
    """
    columns = (("budget", "budget C"), ("region", "region"), ("loss", Math(r"-\log\mathcal{L}_{\star}/\log C", "loss C^-")),
               ("size", "size C^"), ("data", "data C^"), ("steps", "steps C^"),
               ("logs", "powers of log C: loss; size; data; steps"), ("verdicts", "printed: loss; size; steps"))
    rows: list[tuple[Entry, ...]] = []
    laws, walls = read_laws(bundle), read_wall_laws(bundle)
    for budget, (cost, names) in {"compute": ("N*t", ("loss", "size", "steps")), **BUDGETS}.items():
        for loss in (r for r in laws if r.quantity == f"{budget}/loss"):
            mine = {r.quantity.rpartition("/")[2]: r.power["C"] for r in laws
                    if r.quantity in {f"{budget}/{n}" for n in names} and r.cell == loss.cell}
            said = "; ".join(verdicts.get(f"B-compute/{k}", "not judged") for k in names) if budget == "compute" else ""
            rows.append((Entry(cost, cost), region_entry(loss.cell), *_powers(mine), Entry("", None), Entry(said, said or None)))
        for law in (w for w in walls if w.quantity == f"{budget}/loss"):
            here = {w.quantity.rpartition("/")[2]: w for w in walls if w.quantity in {f"{budget}/{n}" for n in names}
                    and (w.wall, w.cell) == (law.wall, law.cell)}
            logs = {n: symbolic(here[n].log) if n in here else "undecided" for n in names}
            rows.append((Entry(cost, cost), _place(law), *_powers({n: w.power["C"] for n, w in here.items()}),
                         Entry("; ".join(logs.values()), logs), Entry("", None)))
    return Table("compute", "Compute-optimal laws of the mean-field model", columns, tuple(rows))


def _powers(powers: Mapping[str, Ratio]) -> tuple[Entry, ...]:
    """Loss, size, data and steps, as far as they have a law."""
    signed = {n: -x if n == "loss" else x for n, x in powers.items()}
    return tuple(_ratio(signed[n]) if n in signed else Entry("", None) for n in ("loss", "size", "data", "steps"))


def _place(law: WallLaw) -> Entry:
    wall = [f"{(Ratio.parameter(n) - x).numerator.primitive()} = 0" for n, x in sorted(law.wall.items())]
    return Entry(show_place(law), [*wall, *law.cell.texts()])


def _data_on_wall(law: WallLaw) -> dict[str, Any]:
    return {"power": {n: symbolic(e) for n, e in law.power.items()}, "log": symbolic(law.log),
            "constant": None if law.constant is None else str(law.constant)}


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
