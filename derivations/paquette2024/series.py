"""The series of random features in 1/d, from resolvent, forcing and kernel transform as `models.plrf` has them.

With m = 1 - e h, e = 1/d, and the sums over modes H_k, S_k in which m = 1 and the kernel is (1 + u/lam)^(-k):

    H = H1 + e h (H2 - H1) + O(e^2),   S = S1 + e h S2 + O(e^2),   h the value of H

so that S = S1 + e H1 S2 + O(e^2), and the kernel is (gamma/2)(T - u h) with h = H1 + e H1 (H2 - H1) + O(e^2). The checker
replays this mode by mode, and with the cofactors below (`identity`).

Not covered: that the remainders stay small in u too (the named assumption `uniform-transfer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from derivations.bordelon2024.book import EquationBook
from scaling_sym.claims.recorder import Recorder
from scaling_sym.models.plrf import definition

LEVELS: Final = {"H1": "lam/(lam + u)", "H2": "lam**2/(lam + u)**2", "S1": "lam*w2/(lam + u)", "S2": "lam**2*w2/(lam + u)**2"}


def prove_series(recorder: Recorder) -> tuple[str, ...]:
    """The steps on which the series of forcing and kernel rest."""
    book = FeatureSeries(recorder)
    return book.steps["forcing-series"], book.steps["kernel-series"]


class FeatureSeries(EquationBook):
    """The steps by name, and the equations that they conclude."""

    def __init__(self, recorder: Recorder) -> None:
        model = definition()
        super().__init__(recorder, model)
        self.own: Mapping[str, str] = model["sums"]
        self.close()

    def close(self) -> None:
        """First orders in e = 1/d."""
        sums = {"H": self.own["H"], "S": self.own["S"], **LEVELS}
        turns = [("resolvent", "m")]
        self.relate("orders", {"H-order": "H - H1 - e*h*(H2 - H1)", "S-order": "S - S1 - e*h*S2"}, sums, turns, modulo=2)
        self.combine("forcing-series", "forcing-series", "S - S1 - e*H1*S2", {"S-order": "1", "h": "e*S2", "H-order": "e*S2"}, 2)
        second = "-gamma*u/2*(1 + e*(H2 - H1))"
        self.combine("kernel-series", "kernel-series", "kernel - gamma/2*(T - u*H1 - e*u*H1*(H2 - H1))", {
            "kernel": "1", "resolvent": "-gamma*u/(2*e)", "h": second, "H-order": second,
        }, 2)
