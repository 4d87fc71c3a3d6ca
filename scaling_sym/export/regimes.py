"""The four regimes: answers for a kernel of given smoothness and dimension, and the table of regimes.

A kernel on a d-dimensional manifold whose smoothness is exactly t has b = 1 + t/d. The random teacher has a = b; another
teacher's a may be given. Data D and features P in the letters of the paper are P and N of the mean-field laws. Laws with a ridge,
and where sizes grow together, are those of `kernel_scales`.

Not covered: which kernel has which smoothness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from typing import Any, Final, final

from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_term
from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.export.answers import write_point
from scaling_sym.export.grammar_text import symbolic
from scaling_sym.export.kernel_scales import answer_scales
from scaling_sym.export.laws import LawRow, read_laws, region_entry
from scaling_sym.export.statements import formula
from scaling_sym.export.tables import Entry, Table, Verdicts

Answer = dict[str, Any]
NAMES: Final = ("d", "t", "a", "s", "l")


def answer_kernel(bundle: Bundle, point: Point) -> Answer:
    """Spectrum, data and feature exponents at d, t (and a, where the teacher is not the random one), with and without a ridge.

    With s the features are P = D^s, with l the ridge is D^-l, and `joint` is the exponent of the loss in D.
    Raises `BadInputError` for a missing or unknown name, `OutsideDomainError` for d < 1, t <= 0 or a <= 1, and for s and l that
    `kernel_scales` refuses.
    """
    for name in point:
        if name not in NAMES:
            raise BadInputError(f"the model kernel has no parameter {name!r}; d, t, a, s and l are allowed")
    missing = [n for n in ("d", "t") if n not in point]
    if missing:
        raise BadInputError(f"the model kernel needs a value for {' and '.join(missing)}, such as --at {missing[0]}=2")
    if point["d"] < 1 or point["d"].denominator != 1 or point["t"] <= 0 or point.get("a", Fraction(2)) <= 1:
        raise OutsideDomainError(f"{write_point(point)} lies outside the domain of kernel: "
                                 "a whole dimension d >= 1, t > 0 and a > 1 are needed")
    (spectrum,) = (c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == "eigenvalues")
    b = -parse_ratio(spectrum.statement["power"]["n"])
    values: dict[str, Ratio] = {"b": b, "a": b if "a" not in point else Ratio.parameter("a")}
    rows = read_laws(bundle)

    def law(quantity: str, size: str) -> Answer:
        """The exponent of the loss in one size."""
        row = _row_on(rows, quantity, values, point)
        return _exponent(-row.power[size].substitute(values), point)

    one = _exponent(Ratio.of(1), point)
    return {
        "model_name": "kernel", "at": {n: str(x) for n, x in sorted(point.items())},
        "teacher": "structured" if "a" in point else "random", "b": _exponent(b, point),
        "alpha_K": _exponent(b - 1, point), "data": law("data", "P"), "features": law("model", "N"),
        "variance": {"data": one, "width": one}, "region": ["d > 0", "t > 0"],
        **answer_scales(bundle, values, point),
    }


def _exponent(value: Ratio, point: Point) -> Answer:
    return {"exact": str(value.at(point)), "symbolic": symbolic(value, point)}


def _row_on(rows: list[LawRow], quantity: str, values: Mapping[str, Ratio], point: Point) -> LawRow:
    """The law of the cell that holds the point; on a wall the first of those around it, which agree there."""
    place = {n: x.at(point) for n, x in values.items()}
    around = [r for r in rows if r.quantity == quantity
              and all(s.holds_at(place) or not s.polynomial.at(place) for s in r.cell.conditions)]
    if not around:
        raise OutsideDomainError(f"no law of {quantity} is derived at {write_point(point)}")
    return around[0]


@final
@dataclass(frozen=True, slots=True)
class Leading:
    """A leading term of the loss, coefficient D^-of_data P^-of_features, on the side P < D or P > D of the peak.

    On a wall the coefficient is nan, and `logarithm` says whether the term may carry one there.
    """

    name: str
    side: str
    coefficient: float
    of_data: Fraction
    of_features: Fraction
    logarithm: bool = False


SIDES: Final = (("late/under", "P<D"), ("late", "P>D"))


def read_leading(bundle: Bundle, point: Point) -> list[Leading]:
    """The leading terms of the ridgeless loss without noise at rational (a, b): those that lead in a cell of (log D, log P).

    The derivation's N and P are the paper's P and D. Raises `OutsideDomainError` on a wall, where a term has a logarithm,
    and outside a > 1, b > 1.
    """
    found = []
    for quantity, side in SIDES:
        here = [r for r in read_laws(bundle) if r.quantity == quantity and r.cell.contains(point)]
        if not here:
            raise OutsideDomainError(f"{write_point(point)} lies in no cell of the late laws: a > 1 and b > 1 are needed, and "
                                     "neither a = b + 1 nor a = 2 b + 1, where a term has a logarithm")
        for term in _list_terms(bundle, here[0]):
            size = float(evaluate(orient(term.constant, point), point))
            found.append(Leading(_name_term(term, point), side, size, *_read_powers(term, point)))
    return found


def read_leading_at_wall(bundle: Bundle, point: Point) -> list[Leading]:
    """The leading terms on a wall: those of the cells around it, whose exponents agree there; coefficients are left open.

    A term carries a logarithm where its exponent is another function on the two sides. Raises `OutsideDomainError` outside
    a > 1, b > 1.
    """
    found: dict[tuple[str, str], Leading] = {}
    forms: dict[tuple[str, str], set[str]] = {}
    for quantity, side in SIDES:
        rows = [r for r in read_laws(bundle) if r.quantity == quantity
                and all(s.holds_at(point) or not s.polynomial.at(point) for s in r.cell.conditions)]
        if not rows or not all(point[n] > 1 for n in ("a", "b")):
            raise OutsideDomainError(f"{write_point(point)} lies outside the domain of the late laws: a > 1 and b > 1 are needed")
        for row in rows:
            for term in _list_terms(bundle, row):
                name, powers = _name_term(term, point), _read_powers(term, point)
                known = forms.setdefault((name, side), set())
                known.add(str(term.monomial))
                found[name, side] = Leading(name, side, nan, *powers, logarithm=len(known) > 1)
    return list(found.values())


def _list_terms(bundle: Bundle, row: LawRow) -> list[Term]:
    (step,) = (s for s in bundle.steps if s.id == row.claim.steps[-1])
    return [decode_term(value) for value in step.conclusion["terms"]]


def _read_powers(term: Term, point: Point) -> tuple[Fraction, Fraction]:
    """The exponents of data and features, positive for a falling loss."""
    data, features = (-term.monomial.exponent(n).at(point) for n in ("P", "N"))
    return data, features


def _name_term(term: Term, point: Point) -> str:
    data, features = _read_powers(term, point)
    return "feature variance" if data and features else "data" if data else "features"


REGIMES: Final[tuple[tuple[str, str, str, str], ...]] = (  # regime, what grows, derived claim or quantity, printed label
    ("variance-limited, data", "D far above P", "kernel/equations/variance-data", "C-variance/data"),
    ("variance-limited, width", "P far above D", "kernel/equations/variance-width", "C-variance/width"),
    ("resolution-limited, data", "D far below P", "data", "C-features"),
    ("resolution-limited, features", "P far below D", "model", "C-features"),
    ("both sizes, no ridge", "D far below P", "late", ""), ("both sizes, no ridge", "P far below D", "late/under", ""),
    ("fixed ratio", "P = (1 + x) D", "aspect/over", ""), ("fixed ratio", "D = (1 + x) P", "aspect/under", ""),
    ("ridge-limited", "ridge^(-1/b) far below D and P", "ridge/limited", ""),
    ("ridge and label noise", "P = infinity", "ridge/noise", ""),
    ("best ridge, label noise", "P = infinity", "ridge/best/loss", ""),
    ("best ridge, label noise", "P = infinity", "ridge/best/ridge", ""), ("leading features", "D fixed", "top", ""),
    ("smooth averages", "any of x values", "average", ""),
)


def regime_table(bundle: Bundle, verdicts: Verdicts) -> Table:
    """The four regimes of (log D, log P), each with its law, beside the printed one and its verdict; then those with a ridge."""
    claims = {c.label: c for c in bundle.claims}
    columns = (("regime", "regime"), ("where", "where"), ("region", "teacher and spectrum"),
               ("derived", "derived (P data, N features, ridge 1/q)"), ("printed", "printed"), ("verdict", "verdict"))
    rows = []
    for regime, where, source, label in REGIMES:
        found = [claims[source]] if source in claims else [
            c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == source]
        for claim in found:
            rows.append((Entry(regime, regime), Entry(where, where), _region(claim), _law(claim, bundle),
                         Entry(formula(claims[label], bundle), label) if label else _words(""),
                         _words(verdicts.get(label, "not judged") if label else "")))
    title = "The four regimes: variance- and resolution-limited, in data and in features; and with a ridge"
    return Table("regimes", title, columns, tuple(rows))


def _region(claim: Claim) -> Entry:
    return region_entry(decode_cell(claim.region))


def _law(claim: Claim, bundle: Bundle) -> Entry:
    return Entry(formula(claim, bundle), claim.label)


def _words(text: str) -> Entry:
    return Entry(text, text)
