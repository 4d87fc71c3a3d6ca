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
from derivations.paquette2024.loss_terms import LossTerms, split_until_decided
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.growth import Growth, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute
from scaling_sym.asymptotics.absorption import certify_absorption, certify_ratio, order_by_size
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small
from scaling_sym.asymptotics.transfer import transfer
from scaling_sym.claims.recorder import Recorder

ZERO: Final = Ratio.of(0)
TO_ZERO: Final = ({"u": Ratio.of(-1)},)
LATE: Final = ({"t": Ratio.of(1)},)
# Each named sum: the powers of L = k^b and A = k^a in its summand, and the order of its kernel 1/(1 + x L).
READING: Final[Mapping[str, tuple[int, int, int]]] = {
    "dof": (0, 0, 1), "F": (1, -1, 1), "W1": (2, -1, 2), "W2": (1, -1, 2), "K1": (1, 0, 2), "K2": (0, 0, 2),
}
FREE: Final[Mapping[str, tuple[int, int, int, int]]] = {  # the same at a frequency D, and how many integer powers are kept
    "T0": (0, 0, 1, 1), "S0": (1, -1, 1, 2), "Z": (2, -1, 2, 1),
}
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
        expansion = expand_small(PowerSum(s0, B, Kernel("rational", order), "u", ""), inner=inner, outer=1)
        given = {"s0": s0, "c": B, "kernel": "rational", "order": order, "x": "u", "upper": "", "inner": inner, "outer": 1}
        power = self.recorder.add("power-sum", Cell(), given=given, conclusion={"terms": expansion.terms})
        said: dict[str, Any] = {"symbol": symbol, "scale": scale, "powers": {"L": i, "A": j}}
        if self.wall:
            said["wall"] = self.wall
        premises = (self.equations.steps[owner], power)
        return self.recorder.add("power-law", Cell(), premises, said, {"terms": expansion.terms}), expansion.terms

    def lead(
        self, step: str, terms: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell,
        written: Sequence[Term] | None = None,
    ) -> Law:
        """The leading terms on a cell, as they are `written` in the step or in this form; raises `SplitNeededError`."""
        growth = Growth(tuple(rays))
        kept = tuple(leading_terms(order_by_size(terms, growth, cell, NAMES), growth, cell, NAMES))
        proof = certify_absorption(written or terms, kept, growth, cell)
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
        kept = tuple(t for t in piece.terms if not t.monomial.exponent(to_infinity))
        moving = [t.monomial.exponent(to_infinity) for t in piece.terms if t.monomial.exponent(to_infinity)]
        proofs = [certify_ratio(e, piece.cell) for e in moving]
        step = self.recorder.add("send", piece.cell, (piece.step,), {"resource": to_infinity}, {"terms": kept}, proofs)
        terms = merge_terms(replace(t, name="", cell=Cell()) for t in kept)
        return self.lead(step, terms, ({along: Ratio.of(1)},), piece.cell, kept)

    def invert(self, size: str, cell: Cell) -> tuple[str, Term]:
        """kappa as a term in N or P, from dof(kappa) = size."""
        law = self.lead(*self.sums["dof"], TO_ZERO, cell)
        (dof,) = law.terms
        power = -dof.monomial.exponent("u")
        kappa = Term(Monomial.of({size: -1 / power}), dof.constant ** (1 / power))
        premises = (self.equations.steps["late-scale"], law.step)
        return self.recorder.add("invert", cell, premises, {"size": size}, {"terms": [kappa]}), kappa

    def solve(
        self, owner: str, equation: str, formula: str, symbols: Sequence[str], size: str, domain: Cell,
        branch: Mapping[str, str] | None = None, small: Mapping[str, str] | None = None,
        rays: Sequence[Mapping[str, Ratio]] = (), unknown: str = "L",
    ) -> list[Law]:
        """The loss from an equation of late times, on the pieces of the domain; `small` symbols vanish along the rays."""

        def on(cell: Cell) -> Law:
            """The law on one cell: the sums lead there, and the formula is evaluated with them."""
            inverted, kappa = self.invert(size, cell)
            leads = {s: self.lead(*self.sums[s], TO_ZERO, cell) for s in symbols}
            tables = {"kappa": [kappa]} | {s: [put(t, "u", kappa) for t in law.terms] for s, law in leads.items()}
            tiny = {n: parse_ratio(x) for n, x in (small or {}).items()}
            proofs = {n: [[_sign(t, ray, cell) for ray in rays] for t in evaluate(x, tables)] for n, x in tiny.items()}
            premises = (self.equations.steps[owner], inverted, *(leads[s].step for s in symbols))
            given = {
                "equation": equation, "unknown": unknown, "formula": formula, "zero": ["sigma2"], "branch": dict(branch or {}),
                "small": dict(small or {}), "rays": list(rays), "symbols": {s: i + 2 for i, s in enumerate(symbols)},
            }
            value = parse_ratio(formula).substitute(dict.fromkeys(tiny, ZERO))
            terms = merge_terms(evaluate(value, tables))
            step = self.recorder.add("evaluate", cell, premises, given, {"terms": terms}, proofs)
            return self.lead(step, terms, rays or ({size: Ratio.of(1)},), cell)

        return self.split(on, domain)

    def data(self, domain: Cell) -> list[Law]:
        """t, N = infinity."""
        return self.solve("floors-data", "floor-data", "kappa*P*W1/K1", ("W1", "K1"), "P", domain)

    def model(self, domain: Cell) -> list[Law]:
        """t, P = infinity."""
        return self.solve("floors", "floor-model", "kappa*F", ("F",), "N", domain)

    def bias(self, domain: Cell) -> list[Law]:
        """t, P = infinity: the part of the loss that the mean residual has."""
        return self.solve("static-mean", "bias-floor", "kappa**2*W1", ("W1",), "N", domain, unknown="bias0")

    def share(self, domain: Cell) -> list[Law]:
        """t, N = infinity: the sum K2, which is P times the gamma of the replica formula."""
        return self.solve("over", "over-dof", "P - kappa*K1", ("K1",), "P", domain, unknown="K2")

    def both(self, domain: Cell) -> list[Law]:
        """t = infinity, P << N."""
        one, zero = Ratio.of(1), Ratio.of(0)
        return self.solve(
            "over", "ridgeless-over", "(kappa*P*W1/K1*(1 - x1) + kappa*P*W2/N)/(1 - x2)", ("W1", "K1", "K2", "W2"), "P", domain,
            {}, {"x1": "K2/N", "x2": "P/N"}, ({"N": one, "P": zero}, {"N": one, "P": one}),
        )

    def early(self, domain: Cell) -> list[Law]:
        """The sum in the response's first order, for frequencies D -> 0."""
        return self.lead_everywhere(*self.free("T0"), TO_ZERO, domain)

    def free(self, symbol: str) -> tuple[str, tuple[Term, ...]]:
        """The expansion of a sum at a frequency D -> 0, with the responses of infinite sizes."""
        return self._read(symbol, "D", "orders" if symbol == "T0" else "train-orders", *FREE[symbol])

    def under(self, domain: Cell) -> list[Law]:
        """t = infinity, N << P."""
        one, zero = Ratio.of(1), Ratio.of(0)
        return self.solve(
            "ridgeless-under", "ridgeless-under", "kappa*F/(1 - x)", ("F",), "N", domain,
            {}, {"x": "N/P"}, ({"N": zero, "P": one}, {"N": one, "P": one}),
        )

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


def _sign(term: Term, ray: Mapping[str, Ratio], cell: Cell) -> object:
    rate = term.monomial.rate(ray)
    return certify_ratio(rate, cell) if rate else None


def _convolve(fast: Term, slow: Term) -> Term:
    """Twice the convolution of s^(p-1) with (2 t - s)^(-q) over (0, t), over P."""
    p, q = fast.monomial.exponent("theta") + 1, -slow.monomial.exponent("theta")
    constant = fast.constant * slow.constant * Constant.of(Atom("halfbeta", (p, q))) * 2
    return Term(Monomial.of({"P": -1, "t": p - q}), constant)


def _in_time(term: Term) -> Term:
    """theta = 2 t, over P."""
    return substitute(term, {"theta": Term(Monomial.of({"t": 1}), Constant.of(2))}) * Term(Monomial.of({"P": -1}))
