"""Gradient flow with infinite data: the loss in N and t, from the same resolvent and forcing function as one-pass SGD.

With P = infinity the loss is the forcing function at t + t' (`equations`, step 6), so that the expansion of
`derivations.paquette2024.loss_terms` holds with lambda_k = k^(-b), w_k^2 = k^(b-a), d = N, theta = 2 t, and no kernel:

1. the window 1 << t << N^b: F_pp of order zero in 1/N (the time law), F_ac of first order (the 1/N correction)
2. the floor for t -> infinity (the model law)

Not covered: the crossover t ~ N^b.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from derivations.paquette2024.loss_terms import (
    FORCING,
    ONE,
    ZERO,
    Derivation,
    LossTerms,
    Setting,
    split_until_decided,
)
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.growth import Growth, leading_terms
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_terms, substitute
from scaling_sym.asymptotics.absorption import certify_absorption, order_by_size
from scaling_sym.claims.recorder import Recorder

A: Final = Ratio.parameter("a")
B: Final = Ratio.parameter("b")
NAMES: Final = ("a", "b")
DOMAIN: Final = Cell.parse(["a - 1 > 0", "b - 1 > 0"])


def derive_flow(premises: tuple[str, ...], cell: Cell, recorder: Recorder, task: Ratio = A) -> list[LossTerms]:
    """The terms of the loss on every piece of a cell; `premises` are the steps with resolvent and forcing function.

    On a wall `task` is a in terms of b.
    """
    setting = Setting(B / 2, (task - B) / 2, NAMES, "", premises)
    derivation = Derivation(setting, recorder)
    moved, candidates = derivation.transfer(*derivation.combine(*FORCING))

    def on(cell: Cell) -> LossTerms:
        """The terms of the loss on one cell."""
        return _derive_on(cell, derivation, moved, candidates)

    return [terms for _, terms in split_until_decided(on, cell, NAMES)]


def correct_in_size(premises: tuple[str, ...], recorder: Recorder, task: Ratio = A) -> tuple[str, list[Term]]:
    """F_ac, the first order in 1/N, in time: the step, and its terms without a name."""
    derivation = Derivation(Setting(B / 2, (task - B) / 2, NAMES, "", premises), recorder)
    step, moved = derivation.transfer(*derivation.combine("F_ac"))
    return step, [replace(t, name="") for t in moved]


def _derive_on(cell: Cell, derivation: Derivation, moved: str, candidates: tuple[Term, ...]) -> LossTerms:
    setting, recorder, steps = derivation.setting, derivation.recorder, {}
    growth = Growth(tuple({"d": ONE, "theta": edge, "gamma": ZERO} for edge in (ZERO, setting.capacity)))
    leading = leading_terms(order_by_size(candidates, growth, cell, NAMES), growth, cell, NAMES)
    window = tuple(sorted(leading, key=lambda t: (t.name, str(t.monomial), str(t.logs))))
    proof = certify_absorption(candidates, window, growth, cell)
    floor, beyond, floor_proof = derivation.find_floor(cell)
    steps["window"] = recorder.add("absorb", cell, (moved,), None, {"terms": window}, proof)
    steps["floor"] = recorder.add("floor", cell, (derivation.steps["model"],), beyond, {"terms": [floor]}, floor_proof)
    still = any(t.name == "F_0" for t in window)
    terms = tuple(merge_terms(double_time(t, cell) for t in (window if still else (*window, floor))))
    steps["collect"] = recorder.add("collect-flow", cell, (steps["window"], steps["floor"]), None, {"terms": terms})
    return LossTerms(cell, window, floor, Term(Monomial()), terms, steps)


def double_time(term: Term, cell: Cell) -> Term:
    """theta = 2 t and d = N."""
    double = Term(Monomial.of({"t": 1}), Constant.of(2))
    return replace(substitute(term, {"theta": double, "d": Term(Monomial.of({"N": 1}))}), cell=cell)
