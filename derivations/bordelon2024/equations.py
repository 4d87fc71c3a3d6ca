"""From the fields of the mean-field model to the equations in the frequency domain, each step replayed by the checker.

In the order in which a reader wants them (D stands for the derivative in time, an underscore marks the second frequency):

1. the fields solved for their sources                                                                 (define, identity)
2. responses and correlations as sums over modes                                                          (total)
3. R1 = 1 - R1 R3 T1/P, R3 = 1 - R1 R3 T1/N; C1 = R1 R1_ (C0 + noise), C3 = R3 R3_ C2                     (identity)
4. the 2 x 2 system with kappa = D/(R1 R3), exact at any two frequencies; D = kappa (1 - dof/P)(1 - dof/N)
5. the gap between test and train loss (eq. 18), the variance of an ensemble, the static limit and the peak at N = P
6. infinite data: C0 = (S - S_)/(D_ - D), the forcing function of the features' random matrix at t + t'
7. the white spectrum: the resolvent of Marchenko and Pastur
8. the first orders in 1/P: of the loss, of the gap, and of the train loss, which is a function of t + t' at infinite N

Not covered: why the fields obey these equations (the named assumption `mean-field-closure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from derivations.bordelon2024.book import EquationBook, Total, both
from scaling_sym.algebra.cells import Cell
from scaling_sym.claims.recorder import Recorder
from scaling_sym.models.dmft import FEATURE, MODE, NOISY_RENEWAL, SAMPLE, definition, noisy_sgd

H: Final = "(D + lam*R1*R3)"
PAIR_SUMS: Final = {
    "A1": f"lam*w2/({H}*(D_ + lam*R1_*R3_))", "A2": f"lam**2*w2/({H}*(D_ + lam*R1_*R3_))",
    "B1": f"lam/({H}*(D_ + lam*R1_*R3_))", "B2": f"lam**2/({H}*(D_ + lam*R1_*R3_))",
}
SINGLE: Final = {"T1": f"lam/{H}"}
KAPPA_SUMS: Final = {
    "dof": "lam/(kappa + lam)",
    "sw": "lam*w2/((kappa + lam)*(kappa_ + lam))", "tw": "lam**2*w2/((kappa + lam)*(kappa_ + lam))",
    "s1": "lam/((kappa + lam)*(kappa_ + lam))", "s2": "lam**2/((kappa + lam)*(kappa_ + lam))",
}
STATIC_SUMS: Final = {
    "W1": "lam*w2/(kappa + lam)**2", "W2": "lam**2*w2/(kappa + lam)**2", "K1": "lam/(kappa + lam)**2",
    "K2": "lam**2/(kappa + lam)**2", "F": "lam*w2/(kappa + lam)",
}
FREE: Final = {  # sums with the responses of infinite N and P
    "A10": "lam*w2/((D + lam)*(D_ + lam))", "B20": "lam**2/((D + lam)*(D_ + lam))", "T0": "lam/(D + lam)",
    "T0_": "lam/(D_ + lam)", "V": "lam**2/(D + lam)**2",
    "U": "lam**2*w2/((D + lam)**2*(D_ + lam))", "U_": "lam**2*w2/((D_ + lam)**2*(D + lam))",
    "Y": "lam**3/((D + lam)**2*(D_ + lam))", "Y_": "lam**3/((D_ + lam)**2*(D + lam))",
}
FREE_TRAIN: Final = {"S0": "lam*w2/(D + lam)", "Q0": "lam**2*w2/(D + lam)**2", "Z": "lam*w2/(D + lam)**2"}
TOTALS: Final[Mapping[str, Total]] = {  # name: (value, the sums in it)
    "R1": ("P/(P - R02)", {}), "R3": ("N/(N - R24)", {}),
    "R02": ("-R3*T1", SINGLE), "R24": ("-R1*T1", SINGLE),
    "C0": ("A1 + R3*R3_*C1*B2/P + C3*B1/N", PAIR_SUMS),
    "C1": ("P**2*(C0 + noise)/((P - R02)*(P - R02_))", {}),
    "C2": ("D*D_*B1*C1/P + R1*R1_*(A2 + B2*C3/N)", PAIR_SUMS),
    "C3": ("N**2*C2/((N - R24)*(N - R24_))", {}),
    "bias": ("A1", {"A1": PAIR_SUMS["A1"]}),
    "C0x": ("A1 + R3*R3_*C1x*B2/P", {k: PAIR_SUMS[k] for k in ("A1", "B2")}),
    "C1x": ("P**2*(C0x + noise)/((P - R02)*(P - R02_))", {}),
}
KAPPA: Final = (("kappa", "R1"), ("kappa_", "R1_"))
FLOW: Final = ("infinite-data", "forcing", "width", "forcing-series")  # on which gradient flow rests
WIDE: Final = (("wide-3", "R3"), ("wide-3_", "R3_"))
FIRST: Final = (("r", "R1"), ("r_", "R1_"), *WIDE)


@final
class Equations2024(EquationBook):
    """The steps by name, and every equation that they conclude."""

    def __init__(self, recorder: Recorder, whole: bool = True) -> None:
        """All equations, or only those up to infinite data."""
        super().__init__(recorder, definition())
        self.solve({**MODE, **SAMPLE, **FEATURE})
        self.sum_up(TOTALS)
        self.close()
        if not whole:
            self.send_data_to_infinity()
            return
        self.reduce()
        self.stand_still()
        self.send_data_to_infinity()
        self.whiten()
        self.expand()
        self.train()
        self.add_noise()

    def close(self) -> None:
        """The equations of the responses, and C1, C3 by them."""
        self.prove("responses", {
            "response-1": ("R1 - 1 + R1*R3*T1/P", [("R1", "R1"), ("R02", "R02")]),
            "response-3": ("R3 - 1 + R1*R3*T1/N", [("R3", "R3"), ("R24", "R24")]),
        })
        self.prove("correlations", {
            "train": ("C1 - R1*R1_*(C0 + noise)", [("C1", "C1"), ("R1", "R1"), ("R1_", "R1_")]),
            "features": ("C3 - R3*R3_*C2", [("C3", "C3"), ("R3", "R3"), ("R3_", "R3_")]),
            "pair-train": ("C1x - R1*R1_*(C0x + noise)", [("C1x", "C1x"), ("R1", "R1"), ("R1_", "R1_")]),
        })
        self.prove("gap", {
            "gap": ("C0 + noise - C1 + (R02 + R02_)*C1/P - R02*R02_*C1/P**2", [("C1", "C1")]),
        })
        self.prove("ensemble", {
            "ensemble-variance": ("E*(LE - C0x) - (C0 - C0x)", [("ensemble", "LE")]),
        })

    def reduce(self) -> None:
        """The exact 2 x 2 system in kappa."""
        self.relate("kappa", {
            "T1-kappa": "T1 - kappa*dof/D",
            "A1-kappa": "A1 - kappa*kappa_*sw/(D*D_)", "A2-kappa": "A2 - kappa*kappa_*tw/(D*D_)",
            "B1-kappa": "B1 - kappa*kappa_*s1/(D*D_)", "B2-kappa": "B2 - kappa*kappa_*s2/(D*D_)",
        }, {**SINGLE, **PAIR_SUMS, **KAPPA_SUMS}, KAPPA)
        self.prove("scale", {
            "R1-dof": ("R1 - 1 + dof/P", [("T1-kappa", "dof"), ("response-1", "T1"), ("kappa", "R1")]),
            "R3-dof": ("R3 - 1 + dof/N", [("T1-kappa", "dof"), ("response-3", "T1"), ("kappa", "R1")]),
        })
        self.prove("balance", {
            "balance": ("D - kappa*(1 - dof/P)*(1 - dof/N)", [("kappa", "D"), ("R1-dof", "R1"), ("R3-dof", "R3")]),
        })
        back = [("A1-kappa", "sw"), ("A2-kappa", "tw"), ("B1-kappa", "s1"), ("B2-kappa", "s2")]
        turn = [("train", "C1"), *KAPPA]
        self.prove("system", {
            "system-1": ("D*D_*C0 - kappa*kappa_*sw - s2*D*D_*(C0 + noise)/P - kappa*kappa_*s1*C3/N",
                         [back[0], back[2], back[3], ("C0", "A1"), *turn]),
            "system-3": ("C3 - tw - s1*D*D_*(C0 + noise)/P - s2*C3/N",
                         [*back[1:], ("C2", "A2"), ("features", "C2"), *turn]),
        })

    def stand_still(self) -> None:
        """t -> infinity: both frequencies vanish, kappa is the same, and dof = min(N, P)."""
        named = [{"noise": "sigma2/(D*D_)"}, {"C0": "L/(D*D_)"}]
        self.restrict("late", {
            "late-1": ("system-1", "L - kappa*kappa_*sw - s2*(L + sigma2)/P - kappa*kappa_*s1*C3/N"),
            "late-3": ("system-3", "C3 - tw - s1*(L + sigma2)/P - s2*C3/N"),
        }, named)
        self.restrict("late-scale", {"late-balance": ("balance", "-kappa*(1 - dof/P)*(1 - dof/N)")}, [{"D": "0"}])
        self.relate("static-sums", {
            "sw-static": "sw - W1", "tw-static": "tw - W2", "s1-static": "s1 - K1", "s2-static": "s2 - K2",
            "dof-static": "dof - kappa*K1 - K2", "floor-static": "F - kappa*W1 - W2", "one-frequency": "kappa_ - kappa",
        }, {**KAPPA_SUMS, **STATIC_SUMS}, where={"kappa_": "kappa"})
        swap = [("sw-static", "sw"), ("s1-static", "s1"), ("s2-static", "s2"), ("tw-static", "tw"), ("one-frequency", "kappa_")]
        back = [("sw-static", "W1"), ("s1-static", "K1"), ("s2-static", "K2"), ("tw-static", "W2")]
        self.prove("static", {
            "static-1": ("L - kappa**2*W1 - K2*(L + sigma2)/P - kappa**2*K1*C3/N", [*back[:3], ("late-1", "L"), swap[4]]),
            "static-3": ("C3 - W2 - K1*(L + sigma2)/P - K2*C3/N", [*back[1:], ("late-3", "tw")]),
        })
        self.restrict("static-data", {
            "static-data": ("static-1", "L - kappa**2*W1 - K2*(L + sigma2)/P"),
        }, [{"N": "1/f"}, {"f": "0"}])
        self.restrict("static-model", {
            "static-model-1": ("static-1", "L - kappa**2*W1 - kappa**2*K1*C3/N"),
            "static-model-3": ("static-3", "C3 - W2 - K2*C3/N"),
        }, [{"P": "1/f"}, {"f": "0"}])
        self.prove("mean", {"bias-kappa": ("D*D_*bias - kappa*kappa_*sw", [("A1-kappa", "sw"), ("bias", "bias")])})
        self.restrict("late-mean", {"late-bias": ("bias-kappa", "bias0 - kappa*kappa_*sw")}, [{"bias": "bias0/(D*D_)"}])
        self.prove("static-mean", {
            "bias-floor": ("bias0 - kappa**2*W1", [("sw-static", "W1"), ("late-bias", "bias0"), ("one-frequency", "kappa_")]),
        })
        self.prove("replica", {
            "replica": ("(L + sigma2)*(1 - K2/P) - kappa**2*W1 - sigma2", [("static-data", "L")]),
            "data-floor": ("L*kappa*K1 - kappa**2*P*W1 - K2*sigma2 - L*(dof - P)", [("static-data", "W1"), ("dof-static", "K2")]),
        })
        self.prove("model", {
            "model-floor": ("kappa*K1*(L - kappa*F) + (N - dof)*(L - kappa**2*W1)",
                            [("floor-static", "F"), ("static-model-3", "W2"), ("static-model-1", "L"), ("dof-static", "dof")]),
        })
        self.prove("both", {
            "peak": ("(L*(P - dof) - kappa**2*P*W1 - K2*sigma2)*(N - K2) + L*(N - dof)*kappa*K1"
                     " - kappa**2*K1*(P*W2 + K1*sigma2)",
                     [("static-3", "W2"), ("static-1", "W1"), ("dof-static", "dof")]),
        })
        self.restrict("under", {
            "under": ("peak", "(L*(P - N) - kappa**2*P*W1 - K2*sigma2)*(N - K2) - kappa**2*K1*(P*W2 + K1*sigma2)"),
            "under-dof": ("dof-static", "N - kappa*K1 - K2"),
        }, [{"dof": "N"}])
        self.prove("ridgeless-under", {
            "ridgeless-under": ("kappa*K1*((L + sigma2)*(P - N) - P*(kappa*F + sigma2))",
                                [("floor-static", "F"), ("under", "L"), ("under-dof", "K2")]),
        })
        self.restrict("over", {
            "ridgeless-over": ("peak", "L*(N - P)*kappa*K1 - (kappa**2*P*W1 + K2*sigma2)*(N - K2)"
                                       " - kappa**2*K1*(P*W2 + K1*sigma2)"),
            "over-dof": ("dof-static", "P - kappa*K1 - K2"),
        }, [{"dof": "P"}])
        self.restrict("equal-sizes", {
            "equal-sizes": ("ridgeless-over", "-(kappa**2*P*W1 + K2*sigma2)*(P - K2) - kappa**2*K1*(P*W2 + K1*sigma2)"),
            "equal-dof": ("over-dof", "P - kappa*K1 - K2"),
        }, [{"N": "P"}])
        self.prove("divergence", {
            "divergence": ("kappa**3*K1*P*W1 + kappa**2*K1*P*W2 + kappa*K1*K2*sigma2 + kappa**2*K1**2*sigma2",
                           [("equal-sizes", "W1"), ("equal-dof", "K2")]),
        })
        self.restrict("floors", {
            "floor-model": ("model-floor", "kappa*K1*(L - kappa*F)"),
        }, [{"dof": "N"}])
        self.restrict("floors-data", {
            "floor-data": ("data-floor", "L*kappa*K1 - kappa**2*P*W1 - K2*sigma2"),
        }, [{"dof": "P"}])

    def send_data_to_infinity(self) -> None:
        """P -> infinity: the loss is a function of t + t', the forcing function of random features."""
        self.restrict("infinite-data", {
            "infinite-1": ("response-1", "R1 - 1"), "infinite-3": ("response-3", "R3 - 1 + R1*R3*T1/N"),
            "infinite-C0": ("C0", "C0 - A1 - C3*B1/N"), "infinite-C2": ("C2", "C2 - R1*R1_*(A2 + B2*C3/N)"),
            "infinite-C3": ("features", "C3 - R3*R3_*C2"),
        }, [{"P": "1/f"}, {"f": "0"}])
        self.relate("differences", {
            "S-difference": "S - S_ - (D_ - D)*A1 - (R1_*R3_ - R1*R3)*A2",
            "T-difference": "T1 - T1_ - (D_ - D)*B1 - (R1_*R3_ - R1*R3)*B2",
        }, {**both(SINGLE), **PAIR_SUMS, **both({"S": f"lam*w2/{H}"})})
        self.prove("forcing", {
            "forcing": ("S - S_ - (D_ - D)*C0", [
                ("S-difference", "S"), ("infinite-C0", "A1"), ("infinite-C2", "A2"), ("infinite-C3", "C2"),
                ("T-difference", "B1"), ("infinite-3", "T1"), ("infinite-3_", "T1_"), ("infinite-1", "R1"),
                ("infinite-1_", "R1_"),
            ]),
        })
        self.prove("resolvent", {
            "resolvent": ("R3 - 1 + R3*T1/N", [("infinite-3", "T1"), ("infinite-1", "R1")]),
        })

    def expand_in_width(self) -> tuple[str, ...]:
        """The forcing function to first order in e = 1/N, at infinite data; the steps on which gradient flow rests."""
        self.restrict("width", {"width": ("resolvent", "R3 - 1 + e*R3*T1")}, [{"N": "1/e"}])
        turns = [("infinite-1", "R1"), ("width", "R3")]
        sums = {"S": f"lam*w2/{H}", "S1": "lam*w2/(D + lam)", "S2": "lam**2*w2/(D + lam)**2"}
        self.relate("forcing-order", {"S-width": "S - S1 - e*T1*S2"}, sums, turns, modulo=2)
        self.relate("resolvent-order", {"T-width": "T1 - H1"}, {**SINGLE, "H1": "lam/(D + lam)"}, turns, modulo=1)
        self.combine("forcing-series", "forcing-series", "S - S1 - e*H1*S2", {"S-width": "1", "T-width": "e*S2"}, 2)
        return tuple(self.steps[n] for n in FLOW)

    def whiten(self) -> None:
        """The white spectrum, lambda_k = 1 for M modes, at N = infinity."""
        self.restrict("infinite-width", {
            "width-1": ("response-1", "R1 - 1 + R1*R3*T1/P"), "width-3": ("response-3", "R3 - 1"),
        }, [{"N": "1/f"}, {"f": "0"}])
        self.relate("white", {"white": "T1*(D + R1*R3) - M"}, {**SINGLE, "M": "1"}, where={"lam": "1"})
        self.prove("marchenko-pastur", {
            "marchenko-pastur": ("M/P*D*g**2 + (1 - M/P + D)*g - 1",
                                 [("white", "M"), ("width-1", "T1"), ("g", "R1"), ("width-3", "R3")]),
        })

    def expand(self) -> None:
        """First orders in e = 1/P at N = infinity, without noise: responses, loss, gap."""
        self.restrict("wide", {
            "wide-1": ("response-1", "R1 - 1 + e*R1*R3*T1"), "wide-3": ("response-3", "R3 - 1"),
            "wide-C0": ("C0", "C0 - A1 - e*R3*R3_*C1*B2"), "wide-C1": ("train", "C1 - R1*R1_*C0"),
            "wide-gap": ("gap", "C0 - C1 + e*(R02 + R02_)*C1 - e**2*R02*R02_*C1"), "wide-R02": ("R02", "R02 + R3*T1"),
        }, [{"noise": "0"}, {"P": "1/e"}, {"N": "1/f"}, {"f": "0"}])
        self.relate("orders", {
            "T-order": "T1 - T0 - e*r*V", "A-order": "A1 - A10 - e*(r*U + r_*U_)", "B-order": "B2 - B20 - e*(r*Y + r_*Y_)",
        }, {**both(SINGLE), **PAIR_SUMS, **FREE}, FIRST, modulo=2)
        self.prove("closed", {
            "closed": ("C0*(1 - e*R1*R1_*R3*R3_*B2) - A1", [("wide-C0", "A1"), ("wide-C1", "C1")]),
        })
        self.combine("slope", "r-order", "r - T0", {
            "wide-1": "-1/e", "r": "(1 + e*R3*T1)/e", "wide-3": "T1", "T-order": "1",
        }, 1)
        head = "(1 + e*B20)"
        self.combine("first-order", "loss-order", "C0 - A10 - e*(T0*U + T0_*U_ + B20*A10)", {
            "closed": head, "A-order": head, "r-order": "e*U", "r-order_": "e*U_", "B-order": "e*C0*R1*R1_*R3*R3_",
            "r": "e*C0*B20*R1_*R3*R3_", "r_": "e*C0*B20*R3*R3_", "wide-3": "e*C0*B20*R3_", "wide-3_": "e*C0*B20",
        }, 2)
        self.combine("gap-order", "gap-order", "C0 - C1 - e*(T0 + T0_)*A10", {
            "wide-gap": "1", "wide-R02": "-e*C1", "wide-R02_": "-e*C1", "wide-3": "e*T1*C1", "wide-3_": "e*T1_*C1",
            "T-order": "e*C1", "T-order_": "e*C1", "wide-C1": "e*(T0 + T0_)", "loss-order": "e*(T0 + T0_)",
            "r": "e*(T0 + T0_)*R1_*C0", "r_": "e*(T0 + T0_)*C0",
        }, 2)

    def train(self) -> None:
        """N = infinity without noise: the train loss is a function of t + t', exactly; its first order in e = 1/P."""
        sums = {**both({**SINGLE, "S": f"lam*w2/{H}"}), **PAIR_SUMS}
        self.relate("trained", {
            "S-turned": "R1*S - R1_*S_ - (R1*D_ - R1_*D)*A1", "T-turned": "D_*T1_ - D*T1 - (R1*D_ - R1_*D)*B2",
        }, sums, WIDE)
        turn = "(R1*D_ - R1_*D)"
        cofactors = {
            "S-turned": "-1", "wide-C0": turn, "wide-C1": f"{turn}/(R1*R1_)", "T-turned": "-e*C1*R3*R3_", "wide-1": "-C1*D/R1",
            "wide-1_": "C1*D_/R1_", "wide-3": "e*C1*D_*T1_*R3_", "wide-3_": "-e*C1*D*T1*R3",
        }
        goal = "C1*(D_ - D) - (R1*S - R1_*S_)"
        self.combine("train-forcing", "train-forcing", goal, cofactors)
        self.relate("train-orders", {
            "S-order": "S - S0 - e*r*Q0", "Q-free": "S0 - Q0 - D*Z",
            "A-free": "A10*(D_ - D) - (S0 - S0_)",
        }, {**sums, **both(FREE_TRAIN), "A10": FREE["A10"]}, FIRST, modulo=2)
        self.combine("train-order", "train-order", "C1*(D_ - D) - (S0 - S0_) + e*(D*T0*Z - D_*T0_*Z_)", {
            "train-forcing": "1", "r-order": "-e*D*Z", "r-order_": "e*D_*Z_", "Q-free": "-e*r", "Q-free_": "e*r_",
            "S-order": "1 - e*r", "S-order_": "e*r_ - 1", "r": "S", "r_": "-S_",
        }, 2)

    def separate_variance(self) -> None:
        """What the other size adds to the loss of one infinite size: exactly (positive)/(size - constant)."""
        self.prove("variance", {
            "variance-data": ("kappa*K1*((L - kappa*F)*(P - N) - N*(kappa*F + sigma2))", [("ridgeless-under", "L")]),
        })
        self.prove("variance-width", {
            "variance-width": (
                "(L*kappa*K1 - kappa**2*P*W1 - K2*sigma2)*(N - P)"
                " - (kappa*K1*(kappa**2*P*W1 + K2*sigma2) + kappa**2*K1*(P*W2 + K1*sigma2))",
                [("ridgeless-over", "L"), ("over-dof", "K2")]),
        })

    def exchange(self) -> None:
        """The isotropic teacher, w_k^2 = 1: the losses of the two bottlenecks are one function of the size."""
        self.relate("isotropic", {"F-isotropic": "F - dof", "W1-isotropic": "W1 - K1"}, {**KAPPA_SUMS, **STATIC_SUMS},
                    where={"w2": "1"})
        self.restrict("isotropic-sizes", {
            "model-isotropic": ("F-isotropic", "F - N"),
        }, [{"dof": "N"}])
        self.prove("exchange", {
            "exchange-model": ("kappa*K1*(L - kappa*N)", [("floor-model", "L"), ("model-isotropic", "F")]),
        })
        self.restrict("noise-free", {
            "noise-free": ("floor-data", "L*kappa*K1 - kappa**2*P*W1"),
        }, [{"sigma2": "0"}])
        self.prove("exchange-data", {
            "exchange-data": ("kappa*K1*(L - kappa*P)", [("noise-free", "L"), ("W1-isotropic", "W1")]),
        })

    def regularise(self) -> None:
        """The loss with the ridge 1/q: the resolvent at the frequency 1/q; exactly, and once more for unequal sizes."""
        self.restrict("ridge-scale", {"ridge-balance": ("balance", "1/q - kappa*(1 - dof/P)*(1 - dof/N)")}, [{"D": "1/q"}])
        value = "kappa**2*P*W1*{0} + kappa**2*K1*P*F + sigma2*(K2*{0} + kappa*K1*dof)"
        self.prove("ridge", {
            "ridge": (f"L*((P - dof)*(N - dof) + kappa*K1*(P - dof + N - dof)) - ({value.format('(N - dof)')})",
                      [("floor-static", "F"), ("peak", "L"), ("dof-static", "K2")]),
        })
        for side, other in (("data", "(N - dof)"), ("model", "(P - dof)")):  # the other factor of the balance is small
            tiny = f"N*P/(q*kappa*{other})"
            rest = value.format(other if side == "data" else tiny)
            self.prove(f"ridge-{side}", {
                f"ridge-{side}": (f"L*(N*P/(q*kappa) + kappa*K1*({tiny} + {other})) - ({rest})",
                                  [("ridge-balance", "q"), ("ridge", "L")]),
            })
        self.restrict("unit-noise", {"unit-noise": ("replica", "(L + 1)*(1 - K2/P) - kappa**2*W1 - 1")}, [{"sigma2": "1"}])

    def fix_ratio(self) -> None:
        """The ridgeless loss at a fixed ratio of the sizes, 1 + x to 1."""
        self.restrict("aspect-under", {
            "aspect-under": ("ridgeless-under", "kappa*K1*((L + sigma2)*x*N - (1 + x)*N*(kappa*F + sigma2))"),
        }, [{"P": "(1 + x)*N"}])
        self.restrict("at-ratio", {
            "at-ratio": ("ridgeless-over", "L*x*P*kappa*K1 - (kappa**2*P*W1 + K2*sigma2)*((1 + x)*P - K2)"
                                           " - kappa**2*K1*(P*W2 + K1*sigma2)"),
            "at-dof": ("over-dof", "P - kappa*K1 - K2"),
        }, [{"N": "(1 + x)*P"}])
        self.prove("aspect-over", {
            "aspect-over": ("L*x*P*kappa*K1 - x*P*(kappa**2*P*W1 + K2*sigma2) - kappa*K1*P*(kappa*F + sigma2)",
                            [("floor-static", "F"), ("at-ratio", "L"), ("at-dof", "K2")]),
        })

    def compare_sides(self) -> None:
        """Features against data at one size n, without noise, for any teacher; and the slopes of F and dof in kappa.

        With F' = -W1 and dof' = -K1 the difference is kappa dof^2/K1 times the slope of F/dof. So the two are equal at all sizes
        exactly if F/dof does not depend on kappa; both are Stieltjes transforms, and w_k^2 is then one constant.
        """
        self.restrict("model-side", {"model-side": ("floor-model", "kappa*K1*(LN - kappa*F)")}, [{"L": "LN"}])
        self.restrict("data-side", {
            "data-side": ("floor-data", "LP*kappa*K1 - kappa**2*n*W1"),
        }, [{"L": "LP"}, {"sigma2": "0"}, {"P": "n"}])
        self.prove("exchange-difference", {
            "exchange-difference": ("kappa*(K1*(LN - LP) - kappa*(F*K1 - n*W1))",
                                    [("model-side", "LN"), ("data-side", "LP")]),
        })
        sums = {**{k: STATIC_SUMS[k] for k in ("F", "W1", "K1")}, "F_": "lam*w2/(kappa_ + lam)", "dof": KAPPA_SUMS["dof"],
                "dof_": "lam/(kappa_ + lam)"}
        self.relate("slopes", {"slope-F": "F_ - F + e*W1", "slope-dof": "dof_ - dof + e*K1"}, sums, where={"kappa_": "kappa + e"},
                    modulo=2)

    def stay_isotropic(self) -> None:
        """The isotropic teacher without noise: the loss of kernel regression is stationary in kappa at fixed data.

        With K3 and W3 the derivatives of K2 and of kappa^2 W1, but for -2 and 2 kappa, the equation is the slope of
        kappa^2 W1/(1 - K2/P) times (P - K2)^2/(2 P).
        """
        sums = {"K3": "lam**2/(kappa + lam)**3", "W3": "lam**2*w2/(kappa + lam)**3"}
        self.relate("isotropic-slope", {"W3-isotropic": "W3 - K3"}, sums, where={"w2": "1"})
        self.prove("stationary", {
            "stationary": ("kappa*W3*(P - K2) - kappa**2*W1*K3",
                           [("W3-isotropic", "W3"), ("W1-isotropic", "W1"), ("over-dof", "K2")]),
        })

    def add_noise(self) -> None:
        """One-pass SGD with label noise: what remains of it at late times and infinite size."""
        step = self.recorder.add("define", Cell(), conclusion=noisy_sgd())
        self.keep("noisy", step, {"renewal": str(NOISY_RENEWAL)})
        self.restrict("noise-plateau", {
            "noise-plateau": ("renewal", "excess*(1 - norm) - sigma2*norm"),
        }, [{"floor": "0"}, {"total": "excess + sigma2"}])
