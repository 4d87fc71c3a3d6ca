"""What the papers say of each other: one dictionary of letters, and the places where two printed statements disagree.

A translation is a definition, not a result: that the papers' models are one model where they overlap is proved by the step
`forcing` of the mean-field bundle and by the rule `model` for gradient flow. A disagreement is computed: two printed exponents
of one quantity, in the same letters, differ on a region; the winner is the one that the verdicts say holds there.

Where drawn matrices decide too, the row of the verb `disputes` is named. Not covered: disagreements in what is measured on real
data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.laws import DOMAIN, NAMES
from scaling_sym.export.prose import show, show_region
from scaling_sym.export.rows import read_plane
from scaling_sym.export.tables import ETA, XI, Entry, Table, show_pieces

LETTERS: Final = {"alpha": "b/2", "beta": "(a - b)/2"}
WORDS: Final[tuple[tuple[str, str, str, str], ...]] = (  # quantity; bordelon2024; paquette2024; bahri2024
    ("decay of the eigenvalues", "b", "2*alpha", "1 + alpha_K"),
    ("decay of the task power", "a", "2*alpha + 2*beta", "1 + alpha_K"),
    ("loss exponent of the task", "a - 1", "2*alpha + 2*beta - 1", "alpha_K"),
)
SIZES: Final = (("model size", "N", "d", "P"), ("data", "P", "one pass", "D"), ("time", "t", "r, 2 gamma B r = 2 t", "late"))
# One quantity in two papers: what it is; label, part and resource in either; how the second's letters are translated.
PAIRS: Final[tuple[tuple[str, tuple[str, int, str], tuple[str, str]], ...]] = (
    ("loss against size, late, all data", ("B-bottleneck/model", 0, "N"), ("P-F0", "d")),
    ("compute-optimal loss of one-pass SGD, phase II", ("B-compute/loss", 0, "C"), ("P-table/II", "loss")),
    ("compute-optimal loss of one-pass SGD, phase III", ("B-compute/loss", 0, "C"), ("P-table/III", "loss")),
    ("compute-optimal size of one-pass SGD, phase II", ("B-compute/size", 0, "C"), ("P-table/II", "size")),
    ("compute-optimal size of one-pass SGD, phase III", ("B-compute/size", 0, "C"), ("P-table/III", "size")),
    ("loss against steps of one-pass SGD", ("B-sgd/time-and-size-laws", 0, "r"), ("P-Kpp", "theta")),
)
SIMULATED: Final = (  # what the rows of the verb `disputes` decide too, under the label of the first
    ("B-bottleneck/model", "P-F0"), ("B-compute/loss", "P-table/II"), ("B-sgd/time-and-size-laws", "P-Kpp"),
)


def dictionary_table() -> Table:
    """The letters of the three papers, quantity by quantity."""
    columns = (("quantity", "quantity"), ("bordelon2024", "bordelon2024"), ("paquette2024", "paquette2024"),
               ("bahri2024", "bahri2024"))
    rows = []
    for words, *texts in WORDS:
        rows.append((Entry(words, words), *(Entry(show(parse_ratio(t)), t) for t in texts)))
    for words, *names in SIZES:
        rows.append((Entry(words, words), *(Entry(n, n) for n in names)))
    return Table("dictionary", "One quantity in the letters of three papers", columns, tuple(rows))


def translation_table(bundle: Bundle) -> Table:
    """The phases of one-pass SGD in the letters a, b, where b > 1: alpha = b/2, beta = (a - b)/2 > 0."""
    columns = (("phase", "phase"), ("region", "region"), ("tradeoff", "trade-off"), ("loss", ETA), ("size", XI))
    values = {n: parse_ratio(t) for n, t in LETTERS.items()}
    domain, rows = DOMAIN.meet(Cell.parse(["a - b > 0"])), []
    for phase in read_plane(bundle, "plrf").phases:
        cell = _translate(phase.cell.texts(), values).meet(domain)
        points = sample_cell(cell, NAMES)
        if points and phase.loss is not None and phase.size is not None and _keeps(phase.cell, values, points[0]):
            shown = Cell.of(s for s in cell.conditions if s not in domain.conditions)
            loss, size = phase.loss.substitute(values), phase.size.substitute(values)
            rows.append((Entry(phase.name, phase.name), Entry(show_region(shown.texts()), cell.texts()),
                         show_pieces(phase.tradeoff),
                         Entry(show(loss, points[0]), symbolic(loss, points[0])),
                         Entry(show(size, points[0]), symbolic(size, points[0]))))
    return Table("translation", "The phases of one-pass SGD in the letters of the mean-field model", columns, tuple(rows))


def _keeps(cell: Cell, values: Mapping[str, Ratio], point: Mapping[str, Any]) -> bool:
    """Whether a point in the new letters lies in the phase (conditions that become constants count too)."""
    return cell.contains({n: v.at(point) for n, v in values.items()})


def disagreement_table(bundles: Mapping[str, Bundle], verdicts: Mapping[str, str]) -> Table:
    """Where two printed exponents of one quantity differ, and which of them the verdicts support there."""
    claims = {c.label: c for b in bundles.values() for c in b.claims}
    columns = (("quantity", "quantity"), ("region", "where"), ("one", "bordelon2024"), ("other", "paquette2024"),
               ("verdicts", "verdicts"), ("winner", "winner by derivation"), ("simulation", "by simulation"))
    rows = []
    for words, (label, part, resource), (other, key) in PAIRS:
        for cell, left, right in _compare(claims[label], part, resource, claims[other], key):
            said = f"{label}: {verdicts.get(label, '?')}; {other}: {verdicts.get(other, '?')}"
            papers = [claims[name].source.paper for name in (label, other) if verdicts.get(name) == "holds"]
            winner = papers[0] if len(papers) == 1 else "neither" if set(verdicts) >= {label, other} else "?"
            drawn = f"disputes: {label}" if (label, other) in SIMULATED else ""
            rows.append((Entry(words, words), Entry(show_region(cell.texts()), cell.texts()), Entry(show(left), symbolic(left)),
                         Entry(show(right), symbolic(right)), Entry(said, said), Entry(winner, winner), Entry(drawn, drawn)))
    title = "Printed exponents (of the loss: of its decay) that differ, in the letters a and b"
    return Table("disagreements", title, columns, tuple(rows))


def _compare(one: Claim, part: int, resource: str, other: Claim, key: str) -> list[tuple[Cell, Ratio, Ratio]]:
    """The regions on which the two printed exponents differ."""
    found = []
    for case in one.statement["parts"][part]["cases"]:
        for region, right in _cases(other, key):
            left = parse_ratio(case["power"][resource]) * (1 if key == "size" else -1)
            cell = Cell.parse(case["region"]).meet(region).meet(DOMAIN)
            if left != right and sample_cell(cell, NAMES):
                found.append((Cell.of(s for s in cell.conditions if s not in DOMAIN.conditions), left, right))
    return found


def _cases(claim: Claim, key: str) -> list[tuple[Cell, Ratio]]:
    """The printed exponents of the second paper in the letters of the first, with their regions."""
    values = {n: parse_ratio(t) for n, t in LETTERS.items()}
    said: Any = claim.statement
    if claim.kind == "printed-floor":
        pairs: Sequence[tuple[Any, str]] = [(row["region"], f"-({row['exponent']})") for row in said["order"]]
    elif claim.kind == "printed-piece":
        pairs = [(["beta - alpha > 0"], f"-({said['power'][key]})")]  # where the piece leads in time
    else:
        pairs = [(claim.region, said[key])]
    return [(_translate(region, values), parse_ratio(text).substitute(values)) for region, text in pairs]


def _translate(region: Sequence[str], values: Mapping[str, Ratio]) -> Cell:
    signs = []
    for sign in Cell.parse(region).conditions:
        moved = sign.positive.substitute(values)
        if not moved.is_constant:
            signs.append(type(sign).of(moved))
    return Cell.of(signs)
