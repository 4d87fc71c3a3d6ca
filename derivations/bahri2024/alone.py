"""What rests on nothing but one rule each: distances and simplices of random points, tails, eigenvalues, averages, unstable flow.

    distance, nearest, linear   nearest neighbour and piecewise-linear interpolation of uniform points on the torus
    tail, eigenvalues, top      power-law tails, kernels of given smoothness, and what leading features leave out
    average, average/depth      a smooth function of averages: exponent 1 in data and in width, with its constant
    moment, unstable            where that fails: a loss that is not smooth, and long unstable training

Not covered: boundaries; networks whose training is no smooth function of averages over their units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import factorial
from typing import Final

from derivations.bahri2024.literature import AVERAGE, CLOSURE, PAPER
from derivations.bordelon2024.flow import DOMAIN, A, B
from derivations.bordelon2024.laws import find_leading
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.asymptotics.absorption import certify_ratio
from scaling_sym.claims.bundle import Claim, Source
from scaling_sym.claims.encoding import encode
from scaling_sym.claims.recorder import Recorder
from scaling_sym.errors import UndecidedError
from scaling_sym.numerics.interpolation import delaunay_constant

N, D, T, ALPHA, S2 = (Ratio.parameter(x) for x in ("n", "d", "t", "alpha", "s2"))
PI, HALF = Constant.of(Atom("pi")), Ratio.of(Fraction(1, 2))
POINTS: Final = ("uniform-points",)


def source() -> Source:
    """Where derived claims come from."""
    return Source(PAPER, "derived from the model's equations", "derived")


def claims_alone(recorder: Recorder, replica: str) -> list[Claim]:
    """All of them; `replica` is the step with the equation of kernel regression."""
    return [*_points(recorder), *_tails(recorder, replica), *_averages(recorder)]


def _points(recorder: Recorder) -> list[Claim]:
    """Interpolation of D uniform points."""
    volume = PI ** (D / 2) / gamma(D / 2 + 1)
    distance = Term(Monomial.of({"D": -N / D}), gamma(1 + N / D) * volume ** (-N / D))
    spacing = recorder.add("spacing", Cell(), (), {"power": N, "dimension": D}, {"terms": [distance]})
    first = gamma(D / 2) * gamma((N + 1) / 2) / gamma((D + N) / 2) * PI**-HALF
    nearest = Term(distance.monomial, distance.constant * first)
    direction = recorder.add("direction", Cell(), (), {"power": N, "dimension": D}, {"terms": [nearest]})
    radius = volume ** (-4 / D) * gamma(D + 1 + 4 / D) / gamma(D + 5)
    exact = {d: delaunay_constant(d) for d in range(2, 16)}
    parts = {("trace", 2): {d: c.of_trace for d, c in exact.items()}, ("square", 1): {d: c.of_square for d, c in exact.items()}}
    terms = [Term(Monomial.of({"D": -4 / D, name: k}), radius * Constant.of(fit_rational(_scale_up(values), D)))
             for (name, k), values in parts.items()]
    simplices = recorder.add("simplices", Cell(), (), None, {"terms": terms})
    return [_claim("distance", [distance], Cell(), POINTS, spacing), _claim("nearest", [nearest], Cell(), POINTS, direction),
            _claim("linear", terms, Cell(), POINTS, simplices)]


def _scale_up(values: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Times (d + 4)!, which makes them a rational function of d."""
    return {d: value * factorial(d + 4) for d, value in values.items()}


def fit_rational(values: Mapping[int, Fraction], name: Ratio) -> Ratio:
    """The rational function of least degree through all values, which must leave at least four to spare.

    A guess: the checker knows the form for all arguments, and a test derives it. Raises `UndecidedError` where there is none.
    """
    points = list(values.items())
    for degree in range(len(points) - 4):
        for below in range(degree // 2 + 1):
            found = _fit(points[: degree + 1], degree - below, below, name)
            if found is not None and all(_agrees(found, name, d, value) for d, value in points):
                return found
    raise UndecidedError("no rational function of low degree passes through the values")


def _fit(points: Sequence[tuple[int, Fraction]], top: int, below: int, name: Ratio) -> Ratio | None:
    """p/q through as many points as there are unknowns, q of degree `below` with leading coefficient 1."""
    from flint import fmpq, fmpq_mat

    rows = [[*(Fraction(d) ** k for k in range(top + 1)), *(-v * Fraction(d) ** k for k in range(below))] for d, v in points]
    right = [[v * Fraction(d) ** below] for d, v in points]
    left, rest = (fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in m]) for m in (rows, right))
    try:
        solved = [Fraction(int(x.p), int(x.q)) for x in left.solve(rest).entries()]
    except ZeroDivisionError:
        return None
    numerator = sum((name**k * c for k, c in enumerate(solved[: top + 1])), Ratio.of(0))
    return numerator / sum((name**k * c for k, c in enumerate(solved[top + 1 :])), name**below)


def _agrees(found: Ratio, name: Ratio, d: int, value: Fraction) -> bool:
    (letter,) = name.names
    return bool(found.denominator.at({letter: Fraction(d)})) and found.at({letter: Fraction(d)}) == value


def _tails(recorder: Recorder, replica: str) -> list[Claim]:
    """Tails of power laws, eigenvalues of kernels, and features left out."""
    beyond, plane = Cell.parse(["b - 1 > 0"]), DOMAIN
    rest = Term(Monomial.of({"D": 1 - B}), Constant.of(1 / (B - 1)))
    given = {"s": B, "positive": ["s - 1"]}
    tail = recorder.add("tail", beyond, (), given, {"terms": [rest]}, [certify_ratio(B - 1, beyond)])
    order = Term(Monomial.of({"n": -(D + T) / D}))
    counting = recorder.add("counting", Cell(), (), {"decay": D + T, "dimension": D}, {"terms": [order]})
    decays = (B, B * 2, A + B)  # how the summands of dof, K2 and W1 fall beyond the modes that are kept
    orders = [Term(Monomial.of({"N": p})) for p in (*(1 - s for s in decays), (1 - B) * 2)]
    change = recorder.add(
        "truncate", plane, (replica,), {"positive": ["b - 1"]}, {"terms": orders}, [certify_ratio(B - 1, plane)])
    (top,), step = _lead(recorder, change, orders, "N", plane)
    return [_claim("tail", [rest], beyond, (), tail),
            _claim("eigenvalues", [order], Cell(), ("lattice-count",), counting, determined=False),
            _claim("top", [top], plane, CLOSURE, step, determined=False)]


def _averages(recorder: Recorder) -> list[Claim]:
    """Smooth functions of averages, and the exceptions."""
    half, eighth, sixth = (Constant(Fraction(1, n)) for n in (2, 8, 6))
    first = Term(Monomial.of({"x": -1, "f2": 1, "s2": 1}), half)
    second = [Term(Monomial.of({"x": -2, "f4": 1, "s2": 2}), eighth), Term(Monomial.of({"x": -2, "f3": 1, "s3": 1}), sixth)]
    expansion = [first, *second]
    average = recorder.add("average", Cell(), (), {"layers": 1}, {"terms": expansion})
    (smooth,), lead = _lead(recorder, average, expansion, "x", Cell())
    below = [Term(Monomial.of({"x": -1, "r2": 1, **m}), half) for m in ({"f2": 1, "g1": 2}, {"f1": 1, "g2": 1})]
    deep = recorder.add("average", Cell(), (), {"layers": 2}, {"terms": [first, *below]})
    mean = half * Constant.of(S2 * 2) ** ALPHA * gamma(ALPHA + HALF) * PI**-HALF
    sample = Term(Monomial.of({"D": -ALPHA}), mean)
    moment = recorder.add("moment", Cell(), (), {"power": ALPHA * 2, "variance": S2}, {"terms": [sample]})
    y = Ratio.parameter("y")
    body = {"base": str(ALPHA / y + (1 - ALPHA) * y), "margin": str(ALPHA - (1 - ALPHA) * y)}
    unstable = recorder.add("unstable", Cell(), (), None, body)
    return [_claim("average", [smooth], Cell(), AVERAGE, lead), _claim("average/depth", [first, *below], Cell(), AVERAGE, deep),
            _claim("moment", [sample], Cell(), (), moment),
            Claim("kernel/unstable", "growth", body, [], (), source(), (unstable,))]


def _lead(recorder: Recorder, step: str, terms: Iterable[Term], along: str, cell: Cell) -> tuple[tuple[Term, ...], str]:
    """The leading terms along one resource, and the step that says so."""
    rays = ({along: Ratio.of(1)},)
    kept, proof = find_leading(list(terms), rays, cell)
    return kept, recorder.add("lead", cell, (step,), {"rays": list(rays)}, {"terms": kept}, proof)


def _claim(
    quantity: str, terms: list[Term], cell: Cell, assumptions: tuple[str, ...], step: str, determined: bool = True
) -> Claim:
    """A law: of one term with its constant, or of several, which stand in the step."""
    power, constant = (terms[0].monomial, encode(terms[0].constant)) if len(terms) == 1 else (Monomial(), None)
    statement = {"quantity": quantity, "power": encode(power), "constant": constant if determined else None, "names": {}}
    return Claim(f"kernel/{quantity}", "law", statement, cell.texts(), assumptions, source(), (step,))
