"""The bottlenecks, corrections and floors of the mean-field model for lambda_k = k^(-b), w_k^2 = k^(b-a).

Each law is a leading term, with its constant where it is determined:

    time         P, N = infinity, t -> infinity                       leading term of the forcing function
    model        t, P = infinity: L = kappa F with dof(kappa) = N
    data         t, N = infinity: L = kappa P W1/K1 with dof(kappa) = P
    both         t = infinity, P << N: the data law and the first order in P/N
    corrections  first order in 1/N and in 1/P, while 1 << t << min(N, P)^b
    gap          first order in 1/P of test minus train loss

A cell is split where a comparison turns on a sign: no boundary is typed in. On a wall, such as a = b + 1, the same functions
run with a in terms of b; poles that coincide there give the logarithms.

Not covered: the crossovers, where all orders are comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, final

from derivations.bordelon2024.equations import Equations2024
from derivations.bordelon2024.flow import NAMES, A, B
from derivations.paquette2024.loss_terms import LossTerms, count_inner, split_until_decided
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.growth import Growth, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute
from scaling_sym.asymptotics.absorption import certify_absorption, order_by_size
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small
from scaling_sym.asymptotics.transfer import transfer
from scaling_sym.claims.recorder import Recorder

ONE: Final = Ratio.of(1)
ZERO: Final = Ratio.of(0)
TO_ZERO: Final = ({"u": Ratio.of(-1)},)
LATE: Final = ({"t": Ratio.of(1)},)
# Each named sum: the powers of L = k^b and A = k^a in its summand, and the order of its kernel 1/(1 + x L).
READING: Final[Mapping[str, tuple[int, int, int]]] = {
    "W1": (2, -1, 2), "K1": (1, 0, 2), "K2": (0, 0, 2), "W2": (1, -1, 2), "F": (1, -1, 1), "dof": (0, 0, 1),
}
FREE: Final[Mapping[str, tuple[int, int, int, int]]] = {  # the same at a frequency D, and how many integer powers are kept
    "T0": (0, 0, 1, 1), "S0": (1, -1, 1, 2), "Z": (2, -1, 2, 1),
}
SHARES: Final = {"N": "dof/N", "P": "dof/P", "q": "1/(q*kappa)"}  # what limits kappa is 1 of these
FIRST_ORDERS: Final = {"gap": ("T0", "S0"), "loss": ("T0", "S0", "Z")}


@final
@dataclass(frozen=True, slots=True)
class Law:
    """What leads on one cell, with the step that says so."""

    cell: Cell
    terms: tuple[Term, ...]
    step: str


@final
class Laws:
    """The laws of the plane (a, b), or of a wall in it, recorded as steps after the equations."""

    def __init__(self, equations: Equations2024, recorder: Recorder, wall: Mapping[str, Ratio] | None = None) -> None:
        """On a wall, which gives a in terms of b, all laws are those there."""
        self.equations, self.recorder, self.wall = equations, recorder, dict(wall or {})
        self.sums: dict[str, tuple[str, tuple[Term, ...]]] = {}
        for symbol, reading in READING.items():
            self.sums[symbol] = self._read(symbol, "kappa", "static-sums", *reading)

    def _read(
        self, symbol: str, scale: str, owner: str, i: int, j: int, order: int, inner: int = 1
    ) -> tuple[str, tuple[Term, ...]]:
        """The expansion of a named sum for kappa -> 0, or D -> 0."""
        s0 = (-(B * i + A * j)).substitute(self.wall)
        inner = max(inner, count_inner(s0, B))
        expansion = expand_small(PowerSum(s0, B, Kernel("rational", order), "u", ""), inner=inner, outer=1)
        given = {"s0": s0, "c": B, "kernel": "rational", "order": order, "x": "u", "upper": "", "inner": inner, "outer": 1}
        power = self.recorder.add("power-sum", Cell(), given=given, conclusion={"terms": expansion.terms})
        said: dict[str, Any] = {"symbol": symbol, "scale": scale, "powers": {"L": i, "A": j}}
        if self.wall:
            said["wall"] = self.wall
        premises = (self.equations.steps[owner], power)
        return self.recorder.add("power-law", Cell(), premises, said, {"terms": expansion.terms}), expansion.terms

    def lead(self, step: str, terms: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell) -> Law:
        """The leading terms on a cell; raises `SplitNeededError`."""
        kept, proof = find_leading(terms, rays, cell)
        return Law(cell, kept, self.recorder.add("lead", cell, (step,), {"rays": list(rays)}, {"terms": kept}, proof))

    def split(self, decide: Callable[[Cell], Law], cell: Cell) -> list[Law]:
        """The laws on the pieces of a cell."""
        return [law for _, law in split_until_decided(decide, cell, NAMES)]

    def lead_everywhere(
        self, step: str, terms: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], domain: Cell
    ) -> list[Law]:
        """The leading terms on every piece of the domain."""
        return self.split(lambda cell: self.lead(step, terms, rays, cell), domain)

    def send(self, piece: LossTerms, to_infinity: str, along: str) -> Law:
        """What leads in one resource when the other is infinite."""
        terms = [replace(t, name="", cell=Cell()) for t in piece.terms]
        wide = self.lead(piece.step, terms, ({to_infinity: Ratio.of(1)},), piece.cell)
        return self.lead(wide.step, wide.terms, ({along: Ratio.of(1)},), piece.cell)

    def scale(self, size: str, rays: Sequence[Mapping[str, Ratio]], cell: Cell) -> tuple[str, Term]:
        """kappa as a term in what limits it in a cone: N or P, at which dof is, or q, where it is the ridge 1/q."""
        law, growing = self.lead(*self.sums["dof"], TO_ZERO, cell), {n for ray in rays for n in ray}
        (dof,) = law.terms
        power = -dof.monomial.exponent("u")
        known = Term(Monomial.of({size: -1 / power}), dof.constant ** (1 / power))
        kappa = Term(Monomial.of({"q": -1})) if size == "q" else known
        tables = {"kappa": [kappa], "dof": [put(dof, "u", kappa)]}
        shares = [t for n, x in SHARES.items() if n in growing for t in evaluate(parse_ratio(x), tables)]
        name, equation = ("ridge-scale", "ridge-balance") if "q" in growing else ("late-scale", "late-balance")
        given = {"equation": equation, "rays": list(rays)}
        premises, proof = (self.equations.steps[name], law.step), find_leading([kappa, *shares], rays, cell)[1]
        return self.recorder.add("scale", cell, premises, given, {"terms": [kappa]}, [proof]), kappa

    def solve(
        self, owner: str, equation: str, size: str, rays: Sequence[Mapping[str, Ratio]], domain: Cell, unknown: str = "L"
    ) -> list[Law]:
        """An unknown from an equation of late times, or with a ridge, in a cone, on the pieces of the domain."""
        noise = {} if owner == "unit-noise" else {"sigma2": ZERO}
        value, variable = self.equations.known[equation].substitute(noise).numerator, Ratio.parameter(unknown)
        slope, rest = value.derivative(unknown), value.substitute({unknown: ZERO})
        assert value == slope * variable + rest
        symbols = [s for s in READING if s in value.names]

        def on(cell: Cell) -> Law:
            """The law on one cell: the sums lead there, and so do terms in the coefficient of the unknown, and in the rest."""
            scale, kappa = self.scale(size, rays, cell)
            leads = {s: self.lead(*self.sums[s], TO_ZERO, cell) for s in symbols}
            tables = {"kappa": [kappa]} | {s: [put(t, "u", kappa) for t in law.terms] for s, law in leads.items()}
            ((below,), first), above = find_leading(evaluate(slope, tables), rays, cell), evaluate(-rest, tables)
            left, second = find_leading(above, rays, cell)
            stays, over = {(t.monomial, t.logs) for t in left}, Term(below.monomial**-1, Constant.of(1) / below.constant)
            given = {"equation": equation, "unknown": unknown, "rays": list(rays)}
            premises = (self.equations.steps[owner], scale, *(law.step for law in leads.values()))
            merged = merge_terms(t * over for t in above if (t.monomial, t.logs) in stays)
            return Law(cell, merged, self.recorder.add("evaluate", cell, premises, given, {"terms": merged}, [first, second]))

        return self.split(on, domain)

    def data(self, domain: Cell) -> list[Law]:
        """t, N = infinity."""
        return self.solve("floors-data", "floor-data", "P", ({"P": ONE},), domain)

    def model(self, domain: Cell) -> list[Law]:
        """t, P = infinity."""
        return self.solve("floors", "floor-model", "N", ({"N": ONE},), domain)

    def bias(self, domain: Cell) -> list[Law]:
        """t, P = infinity: the part of the loss that the mean residual has."""
        return self.solve("static-mean", "bias-floor", "N", ({"N": ONE},), domain, "bias0")

    def share(self, domain: Cell) -> list[Law]:
        """t, N = infinity: the sum K2, which is P times the gamma of the replica formula."""
        return self.solve("over", "over-dof", "P", ({"P": ONE},), domain, "K2")

    def both(self, domain: Cell) -> list[Law]:
        """t = infinity, P << N."""
        return self.solve("over", "ridgeless-over", "P", ({"N": ONE, "P": ZERO}, {"N": ONE, "P": ONE}), domain)

    def early(self, domain: Cell) -> list[Law]:
        """The sum in the response's first order, for frequencies D -> 0."""
        return self.lead_everywhere(*self.free("T0"), TO_ZERO, domain)

    def free(self, symbol: str) -> tuple[str, tuple[Term, ...]]:
        """The expansion of a sum at a frequency D -> 0, with the responses of infinite sizes."""
        return self._read(symbol, "D", "orders" if symbol == "T0" else "train-orders", *FREE[symbol])

    def under(self, domain: Cell) -> list[Law]:
        """t = infinity, N << P."""
        return self.solve("ridgeless-under", "ridgeless-under", "N", ({"N": ZERO, "P": ONE}, {"N": ONE, "P": ONE}), domain)

    def first_order(self, order: str, domain: Cell) -> list[Law]:
        """The first order in 1/P of the loss, or of the gap, in time: twice a convolution, and what the train loss adds."""
        read = {n: self.free(n) for n in FIRST_ORDERS[order]}
        moved = {n: transfer(Expansion(read[n][1])).terms for n in ("T0", "S0")}
        terms = [_convolve(x, y) for x in moved["T0"] for y in moved["S0"]]
        if order == "loss":
            slope = Expansion(read["T0"][1]) * Expansion(read["Z"][1])
            terms += [_in_time(t) for t in transfer(slope.scale(Term(Monomial.of({"u": 1}), Constant.of(-1)))).terms]
        owners = ("train-orders", "gap-order", *(["train-order"] if order == "loss" else []))
        premises = (*(self.equations.steps[n] for n in owners), *(step for step, _ in read.values()))
        merged = merge_terms(terms)
        step = self.recorder.add("corrections", Cell(), premises, {"order": order}, {"terms": merged})
        return self.lead_everywhere(step, merged, LATE, domain)


def find_leading(
    terms: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell
) -> tuple[tuple[Term, ...], list[dict[str, Any] | None]]:
    """The terms that lead in a cone, with the proof that each other power is dominated; raises `SplitNeededError`."""
    growth, sizes = Growth(tuple(rays)), sorted({Term(t.monomial, logs=t.logs) for t in terms}, key=str)
    kept = tuple(leading_terms(order_by_size(merge_terms(terms), growth, cell, NAMES), growth, cell, NAMES))
    return kept, certify_absorption(sizes, kept, growth, cell)


def put(term: Term, resource: str, value: Term) -> Term:
    """A term with a resource replaced by a term without logarithms."""
    return substitute(term, {resource: value})


def evaluate(formula: Ratio, tables: Mapping[str, Sequence[Term]]) -> list[Term]:
    """A rational formula whose denominator is one product, in the terms of its symbols; other names are resources."""
    ((below, scale),) = formula.denominator.monomials().items()
    head = Term(Monomial(), Constant.of(1 / Ratio.of(scale)))
    for name, power in below:
        (term,) = tables.get(name, [Term(Monomial.of({name: 1}))])
        head = head * Term(term.monomial**-power, term.constant ** Ratio.of(-power))
    total: list[Term] = []
    for powers, coefficient in formula.numerator.monomials().items():
        parts = [head * Term(Monomial(), Constant(coefficient))]
        for name, power in powers:
            for _ in range(power):
                parts = [x * y for x in parts for y in tables.get(name, [Term(Monomial.of({name: 1}))])]
        total += parts
    return total


def _convolve(fast: Term, slow: Term) -> Term:
    """Twice the convolution of s^(p-1) with (2 t - s)^(-q) over (0, t), over P."""
    p, q = fast.monomial.exponent("theta") + 1, -slow.monomial.exponent("theta")
    constant = fast.constant * slow.constant * Constant.of(Atom("halfbeta", (p, q))) * 2
    return Term(Monomial.of({"P": -1, "t": p - q}), constant)


def _in_time(term: Term) -> Term:
    """theta = 2 t, over P."""
    return substitute(term, {"theta": Term(Monomial.of({"t": 1}), Constant.of(2))}) * Term(Monomial.of({"P": -1}))
