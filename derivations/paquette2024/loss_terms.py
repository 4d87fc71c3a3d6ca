"""The terms of the loss of power-law random features, from the equations of `models.plrf`.

In the order in which a reader wants them:

1. resolvent, forcing and kernel transform in sums over modes, expanded about m = 1 (`series`)         (model)
2. the power sums that occur, as u -> 0 in the window d^(-2 alpha) << u << 1                           (power-sum)
3. the deficit 1 - m, the forcing transform S_F and the kernel transform K from them                   (combine)
4. the learning rate: a fixed fraction `s` of the stability limit, (gamma/2) Tr D = s                  (learning-rate)
5. the renewal equation P = S_F/(1 - K), to first order in what is small, and the transfer to time     (renew, transfer)
6. the leading terms in the window 1 << theta << d^(2 alpha), theta = 2 gamma B r                      (absorb)
7. the floor that remains for theta -> infinity, from the balance at z -> 0                            (floor)
8. everything in the resources d and r                                                                 (collect)

Where a comparison turns on the sign of a polynomial, the cell is split by it: no boundary is typed in. The pieces are named
by where they come from: F_pp is of order zero in 1/d, F_ac of first order, K_pp comes through the kernel, and F_0 is what
stands still in time. The same function, called with exponents that lie on a wall, gives the logarithms there.

Not covered: the crossover theta ~ d^(2 alpha), where all orders in 1/d are comparable; the discrete recursion, whose
constants differ by O(gamma (B+1)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, final

from derivations.paquette2024.series import prove_series
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constant_values import orient
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.expansions import Expansion
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.growth import Growth, SplitNeededError, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.signs import Order, compare_exponents
from scaling_sym.algebra.terms import Monomial, Term, merge_logs, merge_terms, substitute
from scaling_sym.asymptotics.absorption import certify_absorption, certify_ratio, order_by_size
from scaling_sym.asymptotics.balance import expand_at_floor, kappa, tie_upper
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small, expand_trace
from scaling_sym.asymptotics.transfer import renew, split_constant, transfer
from scaling_sym.claims.recorder import Recorder

Outcome = TypeVar("Outcome")
Said = Mapping[str, Any]
ONE: Final = Ratio.of(1)
ZERO: Final = Ratio.of(0)
RHO: Final = Ratio.parameter("rho")
FRACTION: Final = Ratio.parameter("s")
GAMMA: Final = Ratio.parameter("gamma")
BATCH: Final = Ratio.parameter("B")
# The weights of the sums over modes H and S in powers of j, and the series of the model in the sums H_k, S_k with the kernel
# (1 + x)^(-k): the steps below the model prove them up to second order in 1/d.
SERIES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "F_pp": ("S1", ("S1",)),
    "F_ac": ("H1*S2/d", ("H1", "S2")),
    "K_pp": ("gamma/2*(T - u*H1 - u*H1*(H2 - H1)/d)", ("T", "H1", "H2")),
}
FORCING: Final = ("F_ac", "F_pp")
OUTER: Final = {"H1": 2, "H2": 1, "S1": 1, "S2": 1}  # families of poles beyond the last mode that may matter


@final
@dataclass(frozen=True, slots=True)
class Setting:
    """The exponents of the model, as functions of the parameters that are left free (fewer on a wall).

    `upper` is "v" where the sums stop at v = rho d, and "" for v = infinity, which needs 2 alpha > 1 on the cell. `flow` names
    the steps on which gradient flow rests: the same resolvent and forcing function, without a kernel.
    """

    alpha: Ratio
    beta: Ratio
    names: tuple[str, ...]
    upper: str = "v"
    flow: tuple[str, ...] = ()

    @property
    def capacity(self) -> Ratio:
        """2 alpha, the decay of the eigenvalues."""
        return self.alpha * 2

    @property
    def ratio(self) -> Ratio:
        """v/d; 0 stands for infinity."""
        return RHO if self.upper else ZERO

    @property
    def said(self) -> dict[str, Any]:
        """What formulas are given of the model."""
        return {"model": "flow" if self.flow else "plrf", "c": self.capacity, "upper": self.upper}

    @property
    def task(self) -> Ratio:
        """2 beta, the decay of the squared target coefficients."""
        return self.beta * 2


@final
@dataclass(frozen=True, slots=True)
class LossTerms:
    """The outcome on one cell: terms in (theta, d, gamma) within the window, the floor, and all terms in (d, r)."""

    cell: Cell
    window: tuple[Term, ...]
    floor: Term
    learning_rate: Term
    terms: tuple[Term, ...]
    steps: Mapping[str, str]

    @property
    def step(self) -> str:
        """The step that collects the terms."""
        return self.steps["collect"]


def derive_all(setting: Setting, cell: Cell, recorder: Recorder) -> list[LossTerms]:
    """The loss terms on every piece of a cell; the cell is split wherever a comparison needs it."""
    derivation = Derivation(setting, recorder)
    return [terms for _, terms in split_until_decided(derivation.on, cell, setting.names)]


def split_until_decided(decide: Callable[[Cell], Outcome], cell: Cell, names: tuple[str, ...]) -> list[tuple[Cell, Outcome]]:
    """What is decided on every piece of a cell, which is split by the polynomial on which a comparison turns."""
    try:
        return [(cell, decide(cell))]
    except SplitNeededError as split:
        factor = split.polynomial.factors()[1][0][0]
    parts = [cell.meet(Cell.of([Sign.of(factor, relation)])) for relation in "><"]
    return [found for part in parts if sample_cell(part, names) for found in split_until_decided(decide, part, names)]


def count_inner(s0: Ratio, capacity: Ratio) -> int:
    """How many integer powers are kept: up to the one with which the pole coincides, whose logarithm is not analytic."""
    place = (ONE - s0) / capacity
    whole = place.is_constant and place.constant().denominator == 1
    return max(1, 1 - int(place.constant())) if whole else 1


@final
@dataclass(frozen=True, slots=True)
class Transforms:
    """What holds on every cell: the candidate terms in time, by name, and the step that has them."""

    candidates: tuple[Term, ...]
    moved: str


@final
class Derivation:
    """The derivation for one setting: `transforms` holds on all cells, `on` decides on one of them."""

    def __init__(self, setting: Setting, recorder: Recorder) -> None:
        self.setting, self.recorder = setting, recorder
        self.steps: dict[str, str] = {}
        self.expansions: dict[str, Expansion] = {}
        self._transforms: dict[bool, Transforms] = {}
        self.define()
        self.sum_up()

    def on(self, cell: Cell) -> LossTerms:
        """The loss terms on one cell, with their steps; raises `SplitNeededError` where the cell is too large."""
        rate, chosen, rate_proof = self.choose_learning_rate(cell)
        moving = bool(rate.monomial.powers) or bool(rate.logs)
        transforms = self.transforms(moving)
        window, proof = self.find_window(cell, rate, transforms)
        floor, beyond, floor_proof = self.find_floor(cell)
        terms = self.collect(cell, window, floor, rate)
        add, steps = self.recorder.add, {}
        steps["learning-rate"] = add("learning-rate", cell, (self.steps["model"],), chosen, {"terms": [rate]}, rate_proof)
        steps["window"] = add(
            "absorb", cell, (transforms.moved, steps["learning-rate"]), None, {"terms": window}, proof,
        )
        premises = (self.steps["model"], steps["learning-rate"])
        steps["floor"] = add("floor", cell, premises, beyond, {"terms": [floor]}, floor_proof)
        steps["collect"] = add("collect", cell, (steps["window"], steps["floor"]), None, {"terms": terms})
        return LossTerms(cell, window, floor, rate, terms, steps)

    def define(self) -> None:
        """Step `model`: the exponents, and the series in 1/d that the steps below it prove."""
        setting = self.setting
        model = {
            **setting.said, "w": setting.task,
            "series": {k: v for k, (v, _) in SERIES.items() if not setting.flow or k in FORCING},
        }
        below = setting.flow or prove_series(self.recorder)
        self.steps["model"] = self.recorder.add("model", Cell(), below, conclusion=model)

    def choose_learning_rate(self, cell: Cell) -> tuple[Term, Said, object]:
        """gamma as a term in d: (gamma/2) Tr D = s with the leading term of the trace; its data, and the proof of its range."""
        names, growth = self.setting.names, Growth(({"v": ONE},))
        trace = expand_trace(self.setting.capacity, self.setting.upper).terms
        leading = leading_terms(order_by_size(trace, growth, cell, names), growth, cell, names)
        (tied,) = tie_upper(Expansion(tuple(leading))).terms
        constant = orient(tied.constant, sample_cell(cell, names)[0])
        logs = tuple((m, -k) for m, k in tied.logs)
        rate = Term(tied.monomial ** Ratio.of(-1), Constant.of(FRACTION * 2) / constant, logs)
        capacity = self.setting.capacity
        if capacity == ONE:
            return rate, self.setting.said, None
        finite = not rate.monomial.powers
        proof = [certify_ratio(capacity - ONE if finite else ONE - capacity, cell)]
        return rate, {**self.setting.said, "positive": ["c - 1" if finite else "1 - c"]}, proof

    def power_sum(self, name: str) -> None:
        """One of the sums H1, H2, S1, S2 as a power sum with the kernel (1 + x)^(-level)."""
        setting, level = self.setting, int(name[1:])
        s0 = {"H": ZERO, "S": setting.task}[name[0]]
        one = PowerSum(s0, setting.capacity, Kernel("rational", level), "u", setting.upper)
        inner = count_inner(s0, setting.capacity)
        expansion = expand_small(one, inner=inner, outer=OUTER[name])
        given = {"s0": s0, "c": setting.capacity, "kernel": "rational", "order": level, "x": "u",
                 "upper": setting.upper, "inner": inner, "outer": OUTER[name]}
        self.steps[name] = self.recorder.add("power-sum", Cell(), given=given, conclusion={"terms": expansion.terms})
        self.expansions[name] = Expansion(merge_terms(tie_upper(expansion).terms))

    def sum_up(self) -> None:
        """The trace, and the power sums of the model, each as an expansion in u."""
        if not self.setting.flow:
            trace = expand_trace(self.setting.capacity, self.setting.upper)
            given = {"c": self.setting.capacity, "upper": self.setting.upper}
            self.steps["T"] = self.recorder.add("trace", Cell(), (self.steps["model"],), given, {"terms": trace.terms})
            self.expansions["T"] = tie_upper(trace)
        for name in ("H1", "S1", "S2") if self.setting.flow else OUTER:
            self.power_sum(name)

    def combine(self, *series: str) -> tuple[str, Expansion]:
        """Series with the expansions of their sums, each term with the name of its series; gamma is a resource."""
        total, used = Expansion(()), dict[str, None]()
        for name in series:
            text, symbols = SERIES[name]
            used |= dict.fromkeys(symbols)
            for factor, names in _read_series(text, symbols, Term(Monomial.of({"gamma": 1}))):
                value = Expansion((replace(factor, name=name),))
                for n in names:
                    value = value * self.expansions[n]
                total = total + value
        premises = (self.steps["model"], *(self.steps[n] for n in used))
        return self.recorder.add("combine", Cell(), premises, {"series": list(series)}, {"terms": total.terms}), total

    def transfer(self, step: str, value: Expansion) -> tuple[str, tuple[Term, ...]]:
        """The terms in time; what stands still in it is part of the floor, F_0."""
        moved = merge_terms(map(name_still, transfer(value).terms))
        return self.recorder.add("transfer", Cell(), (step,), conclusion={"terms": moved}), moved

    def transforms(self, moving: bool) -> Transforms:
        """The candidate terms in time; `moving` says that gamma is a resource and not a constant."""
        if moving in self._transforms:
            return self._transforms[moving]
        gamma = Term(Monomial.of({"gamma": 1})) if moving else Term(Monomial(), Constant.of(GAMMA))
        (first, forcing), (second, kernel) = (self.combine(*names) for names in (FORCING, ("K_pp",)))
        fixed = Expansion(merge_terms(substitute(t, {"gamma": gamma}) for t in kernel.terms))
        kept, small = split_constant(fixed)
        forward = Expansion(tuple(replace(t, name="") for t in forcing.terms))
        value = renew(forcing, small, kept, 0) + Expansion(tuple(
            replace(t, name="K_pp") for t in renew(forward, small, kept, 1).terms))
        given = {"gamma": "resource" if moving else "constant"}
        renewed = self.recorder.add("renew", Cell(), (first, second), given, {"terms": value.terms})
        step, moved = self.transfer(renewed, value)
        self._transforms[moving] = Transforms(moved, step)
        return self._transforms[moving]

    def find_window(
        self, cell: Cell, rate: Term, transforms: Transforms
    ) -> tuple[tuple[Term, ...], object]:
        """The leading terms of the loss in the window, by name, with the proof that the others are absorbed."""
        names, gamma_rate = self.setting.names, rate.monomial.exponent("d")
        growth = Growth(tuple(
            {"d": ONE, "theta": edge, "gamma": gamma_rate} for edge in (ZERO, self.setting.capacity)
        ))
        ordered = order_by_size(transforms.candidates, growth, cell, names)
        leading = leading_terms(ordered, growth, cell, names)
        kept = tuple(sorted(leading, key=lambda t: (t.name, str(t.monomial), str(t.logs))))
        return kept, certify_absorption(transforms.candidates, kept, growth, cell)

    def find_floor(self, cell: Cell) -> tuple[Term, Said, object]:
        """The loss that remains for theta -> infinity, for SGD with the factor 1/(1 - s); its data and proof."""
        capacity, task = self.setting.capacity, self.setting.task
        order = compare_exponents(task, ONE, cell, self.setting.names)
        if order.order is Order.SPLIT:
            assert order.polynomial is not None
            raise SplitNeededError(order.polynomial)
        norm = ZERO if self.setting.flow else FRACTION
        head = expand_at_floor(task, capacity, self.setting.ratio, order.order is Order.GREATER)
        omega = Term(Monomial.of({"d": capacity}), kappa(capacity, self.setting.ratio))
        floor = head * Term(omega.monomial**-1, Constant.of(1 - norm) ** -1 / omega.constant, name="F_0")
        positive = [] if self.setting.upper else ["c - 1"] if task == ONE else ["c - 1", "w + c - 1"]
        positive += [] if task == ONE else ["w - 1"] if order.order is Order.GREATER else ["1 - w"]
        values = {"c": capacity, "w": task}
        proof = [certify_ratio(parse_ratio(x).substitute(values), cell) for x in positive]
        return floor, {**self.setting.said, "w": task, "positive": positive}, proof

    def collect(self, cell: Cell, window: tuple[Term, ...], floor: Term, rate: Term) -> tuple[Term, ...]:
        """All terms in the resources d and r; the floor stands beside the window unless F_0 is there already."""
        parts = [*window] if any(t.name == "F_0" for t in window) else [*window, floor]
        moved = [self.in_steps(cell, t, rate) for t in parts]
        names = sorted({t.name for t in moved})
        return tuple(t for n in names for t in merge_terms(m for m in moved if m.name == n))

    def in_steps(self, cell: Cell, term: Term, rate: Term) -> Term:
        """Replace theta by 2 gamma B r, and gamma by its term in d (in logarithms gamma stays, as a derived resource)."""
        e = term.monomial.exponent("theta")
        moving = bool(rate.monomial.powers) or bool(rate.logs)
        gamma = Monomial.of({"gamma": 1}) if moving else Monomial()
        scale = Constant.of(BATCH * 2) * (Constant.of(1) if moving else Constant.of(GAMMA))
        moved = substitute(term, {"theta": Term(Monomial.of({"r": 1}) * gamma)})
        g = moved.monomial.exponent("gamma")
        rate_logs = [(m, k * g) for m, k in rate.logs if g]
        logs = merge_logs((*moved.logs, *rate_logs))
        constant = moved.constant * scale**e * (rate.constant**g if moving else Constant.of(1))
        return Term(substitute(Term(moved.monomial), {"gamma": Term(rate.monomial)}).monomial, constant, logs, cell, term.name)


def name_still(term: Term) -> Term:
    """The term under the name F_0 where it stands still in time."""
    still = not any(m.exponent("theta") for m in (term.monomial, *(m for m, _ in term.logs)))
    return replace(term, name="F_0") if still else term


def _read_series(text: str, symbols: tuple[str, ...], gamma: Term) -> list[tuple[Term, list[str]]]:
    """The monomials of a series: a factor in the resources d, u and gamma, and the sums that it multiplies."""
    series = parse_ratio(text)
    ((below, scale),) = series.denominator.monomials().items()
    parts = []
    for powers, coefficient in series.numerator.monomials().items():
        exponents = dict(powers)
        resources = {n: exponents.get(n, 0) - dict(below).get(n, 0) for n in ("d", "u")}
        factor = Term(Monomial.of(resources), Constant(coefficient / scale))
        if exponents.get("gamma"):
            factor = factor * gamma
        parts.append((factor, [n for n in symbols for _ in range(exponents.get(n, 0))]))
    return parts
