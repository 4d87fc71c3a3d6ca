"""The bottlenecks, corrections and floors of the mean-field model for lambda_k = k^(-b), w_k^2 = k^(b-a).

Each law is a leading term, with its constant where it is determined:

    time         P, N = infinity, t -> infinity                       leading term of the forcing function
    model        t, P = infinity: L = kappa F with dof(kappa) = N
    data         t, N = infinity: L = kappa P W1/K1 with dof(kappa) = P
    both         t = infinity, P << N: the data law and the first order in P/N
    corrections  first order in 1/N (with its constant) and in 1/P (exponents), while 1 << t << min(N, P)^b
    gap          first order in 1/P of test minus train loss

A cell is split where a comparison turns on a sign: no boundary is typed in.

Not covered: the crossovers, where all orders are comparable; constants of the first order in 1/P.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from derivations.bordelon2024.equations import Equations2024
from derivations.bordelon2024.flow import NAMES, A, B
from derivations.paquette2024.loss_terms import split_until_decided
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.growth import Growth, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms
from scaling_sym.asymptotics.absorption import certify_absorption, certify_ratio, order_by_size
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small
from scaling_sym.claims.recorder import Recorder

ZERO: Final = Ratio.of(0)
TO_ZERO: Final = ({"u": Ratio.of(-1)},)
LATE: Final = ({"t": Ratio.of(1)},)
# Each named sum: the powers of L = k^b and A = k^a in its summand, and the order of its kernel 1/(1 + x L).
READING: Final[Mapping[str, tuple[int, int, int]]] = {
    "dof": (0, 0, 1), "F": (1, -1, 1), "W1": (2, -1, 2), "W2": (1, -1, 2), "K1": (1, 0, 2), "K2": (0, 0, 2),
}
PAIRS: Final[Mapping[str, tuple[int, int, tuple[int, int]]]] = {
    "T0": (0, 0, (1, 0)), "U": (2, -1, (2, 1)), "B20": (0, 0, (1, 1)), "A10": (2, -1, (1, 1)),
}
FIRST_ORDERS: Final = {"loss-order": (("T0", "U"), ("B20", "A10")), "gap-order": (("T0", "A10"),)}


@final
@dataclass(frozen=True, slots=True)
class Law:
    """What leads on one cell, with the step that says so."""

    cell: Cell
    terms: tuple[Term, ...]
    step: str


@final
class Laws:
    """The laws of one plane (a, b), recorded as steps after the equations."""

    def __init__(self, equations: Equations2024, recorder: Recorder) -> None:
        self.equations, self.recorder = equations, recorder
        self.sums: dict[str, tuple[str, tuple[Term, ...]]] = {}
        for symbol in READING:
            self.sums[symbol] = self._read(symbol)

    def _read(self, symbol: str) -> tuple[str, tuple[Term, ...]]:
        """The expansion of a named sum for kappa -> 0."""
        i, j, order = READING[symbol]
        s0 = -(B * i + A * j)
        expansion = expand_small(PowerSum(s0, B, Kernel("rational", order), "u", ""), inner=1, outer=1)
        given = {"s0": s0, "c": B, "kernel": "rational", "order": order, "x": "u", "upper": "", "inner": 1, "outer": 1}
        power = self.recorder.add("power-sum", Cell(), given=given, conclusion={"terms": expansion.terms})
        said = {"symbol": symbol, "scale": "kappa", "powers": {"L": i, "A": j}}
        step = self.recorder.add(
            "power-law", Cell(), (self.equations.steps["static-sums"], power), said, {"terms": expansion.terms}
        )
        return step, expansion.terms

    def lead(self, step: str, terms: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell) -> Law:
        """The leading terms on a cell; raises `SplitNeededError`."""
        growth = Growth(tuple(rays))
        kept = tuple(leading_terms(order_by_size(terms, growth, cell, NAMES), growth, cell, NAMES))
        proof = certify_absorption(terms, kept, growth, cell)
        return Law(cell, kept, self.recorder.add("lead", cell, (step,), {"rays": list(rays)}, {"terms": kept}, proof))

    def split(self, decide: Callable[[Cell], Law], cell: Cell) -> list[Law]:
        """The laws on the pieces of a cell."""
        return [law for _, law in split_until_decided(decide, cell, NAMES)]

    def lead_everywhere(
        self, step: str, terms: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], domain: Cell
    ) -> list[Law]:
        """The leading terms on every piece of the domain."""
        return self.split(lambda cell: self.lead(step, terms, rays, cell), domain)

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
        expansion = expand_small(PowerSum(ZERO, B, Kernel("rational", 1), "u", ""), inner=1, outer=1)
        given = {"s0": ZERO, "c": B, "kernel": "rational", "order": 1, "x": "u", "upper": "", "inner": 1, "outer": 1}
        power = self.recorder.add("power-sum", Cell(), given=given, conclusion={"terms": expansion.terms})
        said = {"symbol": "T0", "scale": "D", "powers": {"L": 0, "A": 0}}
        premises = (self.equations.steps["orders"], power)
        step = self.recorder.add("power-law", Cell(), premises, said, {"terms": expansion.terms})
        return self.lead_everywhere(step, expansion.terms, TO_ZERO, domain)

    def under(self, domain: Cell) -> list[Law]:
        """t = infinity, N << P."""
        one, zero = Ratio.of(1), Ratio.of(0)
        return self.solve(
            "ridgeless-under", "ridgeless-under", "kappa*F/(1 - x)", ("F",), "N", domain,
            {}, {"x": "N/P"}, ({"N": zero, "P": one}, {"N": one, "P": one}),
        )

    def first_order(self, equation: str, domain: Cell) -> list[Law]:
        """The time exponents of the first order in 1/P of the loss, or of the gap."""
        owner = {"loss-order": "first-order", "gap-order": "gap-order"}[equation]
        products = FIRST_ORDERS[equation]
        names = sorted({n for p in products for n in p})
        reading = {n: {"powers": {"L": PAIRS[n][0], "A": PAIRS[n][1]}, "orders": list(PAIRS[n][2])} for n in names}
        found = {str(m): m for factors in products for m in _candidates(factors)}
        terms = tuple(Term(found[k]) for k in sorted(found))
        given = {"equation": equation, "sums": names, "reading": reading}
        step = self.recorder.add("corrections", Cell(), (self.equations.steps[owner],), given, {"terms": terms})
        return self.lead_everywhere(step, terms, LATE, domain)


def put(term: Term, resource: str, value: Term) -> Term:
    """A term with a resource replaced by a term without logarithms."""
    power = term.monomial.exponent(resource)
    moved = term.replace({resource: value.monomial})
    return Term(moved.monomial, moved.constant * value.constant**power, moved.logs, term.cell, term.name)


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


def _candidates(factors: Sequence[str]) -> list[Monomial]:
    """Products of bulk and flat parts in which both frequencies occur: t to the power -(degree) - 2."""
    result = []
    for choice in range(2 ** len(factors)):
        bulk = [n for i, n in enumerate(factors) if choice >> i & 1]
        if all(any(PAIRS[n][2][k] for n in bulk) for k in (0, 1)):
            degree = sum(((-(B * PAIRS[n][0] + A * PAIRS[n][1]) - 1) / B for n in bulk), ZERO)
            result.append(Monomial.of({"P": -1, "t": -degree - 2}))
    return result
