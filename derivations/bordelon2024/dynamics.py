"""The same fields under other dynamics, each derived from its own update: steps with momentum, heavy ball, one-pass SGD.

`SteppedEquations`: the update z (v0 - w) = v0 - eta v4 + beta (v0 - v0/z - w) of descent, or that of the heavy ball, in place of
D v0 = w - v4. Its equations are those of gradient flow with D = (z-1)(z-beta)/(eta z) (p (1 + beta p)), as they come out:

1. fields, totals, responses, and the 2 x 2 system in kappa, explicit in z and z_
2. beta = 0: plain descent, D = (z-1)/eta
3. two networks on the same data, two data sets for the same network; the mean over E networks on each of K data sets splits
   into bias, features/E, data/K and the rest/(E K); bagging divides all but the bias

`OnlineEquations`: fresh batches of B samples. v1 has no response, and the batch noise is white in time:

4. (D_ - D) C0 = start start_ (S - S_) + (Q/B)(D_ dof_ - D dof): at equal times the Volterra equation of the forcing function
   sum lam w^2 h(n)^2 and of the kernel that has the transform of u^2
5. two networks on one stream: C0x = kappa kappa_ sw/(rate rate_) + s2 Qx/B, rate = (z-1)/z

`narrow_band`: the white spectrum of M modes at any N and P (of `equations`): a cubic for kappa, C0 rational in kappa, kappa_;
for N = infinity C0 = [W (g - g_) + (M/P) noise (D_ g_ - D g)]/(D_ - D), averages of e^(-2ut) and (1 - e^(-ut))^2/u over the law
of Marchenko and Pastur.

Not covered: batches of samples that are drawn again, learning rates that change with time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from derivations.bordelon2024.book import EquationBook, Equations, Total
from derivations.bordelon2024.equations import KAPPA, KAPPA_SUMS, PAIR_SUMS, SINGLE, Equations2024
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.claims.recorder import Recorder
from scaling_sym.models.dmft import FEATURE, MODE, OPERATORS, SAMPLE, UPDATES, define_online, define_steps, lam, u2, v0, v2, v4

ONLINE_H: Final = "(D + lam*R3)*(D_ + lam*R3_)"


class Clock:
    """The letters D, start, constant and rate = D/start of an optimiser, written out at both frequencies."""

    def __init__(self, name: str) -> None:
        self.values: dict[str, Ratio] = {}
        for letter, text in zip(("D", "start", "constant"), OPERATORS[name], strict=True):
            value = parse_ratio(text)
            self.values[letter] = value
            self.values[letter + "_"] = value.substitute({n: Ratio.parameter(n + "_") for n in value.names if n in ("z", "p")})
        for end in ("", "_"):
            self.values["rate" + end] = self.values["D" + end] / self.values["start" + end]
        self.values["noise"] = parse_ratio("sigma2*constant*constant_").substitute(self.values)

    def say(self, text: str) -> str:
        """The formula in the transform's own variable."""
        return str(parse_ratio(text).substitute(self.values))

    def say_all(self, sums: Equations) -> dict[str, str]:
        """The same for all of them; the teacher's sums start at w."""
        return {n: self.say(t) for n, t in sums.items()}


@final
class SteppedEquations(EquationBook):
    """Descent with momentum, or the heavy ball, in its own transform."""

    def __init__(self, recorder: Recorder, name: str) -> None:
        self.clock, self.tag = Clock(name), name.removeprefix("dmft-")
        super().__init__(recorder, define_steps(name))
        self.solve({**MODE, v0: UPDATES[name], **SAMPLE, **FEATURE})
        self.pairs = self.clock.say_all({n: f"{t}*start*start_" if n in ("A1", "A2") else t for n, t in PAIR_SUMS.items()})
        self.single = self.clock.say_all(SINGLE)
        self.sum_up(self._totals())
        self.close()
        self.reduce()
        self.average()

    def _totals(self) -> Mapping[str, Total]:
        say, pairs = self.clock.say, self.pairs
        some = {k: pairs[k] for k in ("A1", "B2")}
        return {
            "R1": ("P/(P - R02)", {}), "R3": ("N/(N - R24)", {}),
            "R02": ("-R3*T1", self.single), "R24": ("-R1*T1", self.single),
            "C0": ("A1 + R3*R3_*C1*B2/P + C3*B1/N", pairs),
            "C1": (say("P**2*(C0 + noise)/((P - R02)*(P - R02_))"), {}),
            "C2": (say("D*D_*B1*C1/P + R1*R1_*(A2 + B2*C3/N)"), pairs),
            "C3": ("N**2*C2/((N - R24)*(N - R24_))", {}),
            "bias": ("A1", {"A1": pairs["A1"]}),
            "C0x": ("A1 + R3*R3_*C1x*B2/P", some),
            "C1x": (say("P**2*(C0x + noise)/((P - R02)*(P - R02_))"), {}),
            "C0y": ("A1 + C3y*B1/N", {k: pairs[k] for k in ("A1", "B1")}),
            "C2y": ("R1*R1_*(A2 + B2*C3y/N)", {k: pairs[k] for k in ("A2", "B2")}),
            "C3y": ("N**2*C2y/((N - R24)*(N - R24_))", {}),
        }

    def close(self) -> None:
        """The equations of the responses, and the fields of samples and features by them."""
        say = self.clock.say
        self.prove("responses", {
            "response-1": ("R1 - 1 + R1*R3*T1/P", [("R1", "R1"), ("R02", "R02")]),
            "response-3": ("R3 - 1 + R1*R3*T1/N", [("R3", "R3"), ("R24", "R24")]),
        })
        one, three = (("R1", "R1"), ("R1_", "R1_")), (("R3", "R3"), ("R3_", "R3_"))
        self.prove("correlations", {
            "train": (say("C1 - R1*R1_*(C0 + noise)"), [("C1", "C1"), *one]),
            "features": ("C3 - R3*R3_*C2", [("C3", "C3"), *three]),
            "pair-train": (say("C1x - R1*R1_*(C0x + noise)"), [("C1x", "C1x"), *one]),
            "sets-features": ("C3y - R3*R3_*C2y", [("C3y", "C3y"), *three]),
        })

    def reduce(self) -> None:
        """The 2 x 2 system in kappa, and the pairs, in the transform's own variable."""
        say = self.clock.say
        self.relate("kappa", {
            "T1-kappa": say("T1 - kappa*dof/D"),
            "A1-kappa": say("A1 - constant*constant_*kappa*kappa_*sw"),
            "A2-kappa": say("A2 - constant*constant_*kappa*kappa_*tw"),
            "B1-kappa": say("B1 - kappa*kappa_*s1/(D*D_)"), "B2-kappa": say("B2 - kappa*kappa_*s2/(D*D_)"),
        }, {**self.single, **self.pairs, **KAPPA_SUMS}, KAPPA)
        self.prove("scale", {
            "R1-dof": ("R1 - 1 + dof/P", [("T1-kappa", "dof"), ("response-1", "T1"), ("kappa", "R1")]),
            "R3-dof": ("R3 - 1 + dof/N", [("T1-kappa", "dof"), ("response-3", "T1"), ("kappa", "R1")]),
        })
        whole = [("R1-dof", "P"), ("R3-dof", "N"), ("kappa", "R1")]
        self.prove("balance", {f"{self.tag}-balance": (say("D - kappa*(1 - dof/P)*(1 - dof/N)"), whole)})
        first, second, turn = ("A1-kappa", "sw"), ("A2-kappa", "tw"), KAPPA
        sums = [("B1-kappa", "s1"), ("B2-kappa", "s2")]
        teacher, one = "start*start_*kappa*kappa_*sw", "(D*D_*C0 + start*start_*sigma2)/P"
        self.prove("system", {
            f"{self.tag}-system-1": (say(f"D*D_*C0 - {teacher} - s2*{one} - kappa*kappa_*s1*C3/N"),
                                     [first, *sums, ("C0", "A1"), ("train", "C1"), *turn]),
            f"{self.tag}-system-3": (say(f"C3 - start*start_*tw - s1*{one} - s2*C3/N"),
                                     [second, *sums, ("C2", "A2"), ("features", "C2"), ("train", "C1"), *turn]),
        })
        self.prove("pairs", {
            f"{self.tag}-pair": (say("rate*rate_*C0x - kappa*kappa_*sw - s2*(rate*rate_*C0x + sigma2)/P"),
                                 [first, sums[1], ("C0x", "A1"), ("pair-train", "C1x"), *turn]),
            f"{self.tag}-sets-1": (say(f"D*D_*C0y - {teacher} - kappa*kappa_*s1*C3y/N"),
                                   [first, sums[0], ("C0y", "A1"), *turn]),
            f"{self.tag}-sets-3": (say("C3y - start*start_*tw - s2*C3y/N"),
                                   [second, sums[1], ("C2y", "A2"), ("sets-features", "C2y"), *turn]),
        })

    def still(self) -> None:
        """No momentum: plain descent."""
        names = ("balance", "system-1", "system-3")
        beta = {"beta": Ratio.of(0)}
        plain = {f"plain-{n}": (f"{self.tag}-{n}", str(self.known[f"{self.tag}-{n}"].substitute(beta))) for n in names}
        self.restrict("plain", plain, [{"beta": "0"}])

    def average(self) -> None:
        """The mean over E networks on each of K data sets, and over E networks with data of their own."""
        self.prove("average", {
            f"{self.tag}-mean": ("E*K*(LM - bias) - K*(C0y - bias) - E*(C0x - bias) - (C0 - C0x - C0y + bias)",
                                 [("committee", "LM")]),
            f"{self.tag}-bagged": ("E*(LB - bias) - (C0 - bias)", [("bagging", "LB")]),
        })


@final
class OnlineEquations(EquationBook):
    """One-pass SGD with momentum, in the generating variable."""

    def __init__(self, recorder: Recorder) -> None:
        self.clock = Clock("dmft-descent")
        super().__init__(recorder, define_online())
        self.solve({v0: UPDATES["dmft-descent"], v2: v2 - u2 - lam * v0, v4: MODE[v4], **FEATURE})
        say = self.clock.say_all
        self.single = say({"T1": "lam/(D + lam*R3)", "T1_": "lam/(D_ + lam*R3_)"})
        self.pairs = say({
            "A1": f"lam*w2*start*start_/({ONLINE_H})", "A2": f"lam**2*w2*start*start_/({ONLINE_H})",
            "B1": f"lam/({ONLINE_H})", "B2": f"lam**2/({ONLINE_H})",
        })
        self.sum_up({
            "R3": ("N/(N - R24)", {}), "R24": ("-T1", {"T1": self.single["T1"]}),
            "C0": ("A1 + R3*R3_*Q*B2/B + C3*B1/N", self.pairs),
            "C2": (self.clock.say("D*D_*B1*Q/B + A2 + B2*C3/N"), self.pairs),
            "C3": ("N**2*C2/((N - R24)*(N - R24_))", {}),
            "bias": ("A1", {"A1": self.pairs["A1"]}),
            "C0x": ("A1 + R3*R3_*Qx*B2/B", {k: self.pairs[k] for k in ("A1", "B2")}),
        })
        self.close()
        self.renew()
        self.pair()

    def close(self) -> None:
        """The response of the features, and their field by it."""
        self.prove("response", {"response": ("R3 - 1 + R3*T1/N", [("R3", "R3"), ("R24", "R24")])})
        self.prove("features", {"features": ("C3 - R3*R3_*C2", [("C3", "C3"), ("R3", "R3"), ("R3_", "R3_")])})

    def renew(self) -> None:
        """The loss from two single sums: forcing function and kernel."""
        say = self.clock.say
        self.relate("differences", {
            "S-difference": say("start*start_*(S - S_) - (D_ - D)*A1 - (R3_ - R3)*A2"),
            "T-difference": say("T1 - T1_ - (D_ - D)*B1 - (R3_ - R3)*B2"),
            "kick-difference": say("D_*R3_*T1_ - D*R3*T1 - D*D_*(R3_ - R3)*B1 - R3*R3_*(D_ - D)*B2"),
        }, {**self.single, **self.pairs, **self.clock.say_all({"S": "lam*w2/(D + lam*R3)", "S_": "lam*w2/(D_ + lam*R3_)"})})
        self.prove("renewal", {
            "online-renewal": (say("start*start_*(S - S_) + Q/B*(D_*R3_*T1_ - D*R3*T1) - (D_ - D)*C0"), [
                ("S-difference", "S"), ("kick-difference", "T1_"), ("C0", "A1"), ("C2", "A2"), ("features", "C2"),
                ("T-difference", "B1"), ("response", "T1"), ("response_", "T1_"),
            ]),
        })

    def pair(self) -> None:
        """Two networks on one stream, in kappa."""
        sums = {k: self.pairs[k] for k in ("A1", "B2")}
        turn = [("kappa", "R3"), ("kappa_", "R3_")]
        self.relate("kappa", {
            "A1-kappa": self.clock.say("A1 - constant*constant_*kappa*kappa_*sw"),
            "B2-kappa": self.clock.say("B2 - kappa*kappa_*s2/(D*D_)"),
        }, {**sums, **{k: KAPPA_SUMS[k] for k in ("sw", "s2")}}, turn)
        self.prove("stream", {
            "online-stream": (self.clock.say("rate*rate_*C0x - kappa*kappa_*sw - rate*rate_*s2*Qx/B"),
                       [("A1-kappa", "sw"), ("B2-kappa", "s2"), ("C0x", "A1"), *turn]),
        })


def narrow_band(equations: Equations2024) -> None:
    """M modes with lambda = 1 and W = sum w^2: kappa and C0 in closed form, and N = infinity by the resolvent g."""
    q, sums = "(kappa + 1)*(kappa_ + 1)", {**KAPPA_SUMS, "M": "1", "W": "w2"}
    equations.relate("band", {
        "dof-band": "dof*(kappa + 1) - M", "s1-band": f"s1*{q} - M", "s2-band": f"s2*{q} - M",
        "sw-band": f"sw*{q} - W", "tw-band": f"tw*{q} - W",
    }, sums, where={"lam": "1"})
    equations.prove("band-balance", {
        "band-balance": ("D*(kappa + 1)**2 - kappa*(kappa + 1 - M/P)*(kappa + 1 - M/N)", [("balance", "D"), ("dof-band", "dof")]),
    })
    equations.prove("band-first", {
        "band-first": (f"D*D_*C0*({q} - M/P) - kappa*kappa_*W - M/P*D*D_*noise - kappa*kappa_*M/N*C3",
                       [("sw-band", "W"), ("system-1", "sw"), ("s1-band", "s1"), ("s2-band", "s2")]),
        "band-third": (f"C3*({q} - M/N) - W - M/P*D*D_*(C0 + noise)",
                       [("tw-band", "W"), ("system-3", "tw"), ("s1-band", "s1"), ("s2-band", "s2")]),
    })
    equations.combine("band-loss", "band-loss", (
        f"D*D_*C0*(({q} - M/P)*({q} - M/N) - kappa*kappa_*M**2/(N*P)) - kappa*kappa_*W*{q}"
        f" - M/P*D*D_*noise*({q} - M/N + kappa*kappa_*M/N)"
    ), {"band-first": f"{q} - M/N", "band-third": "kappa*kappa_*M/N"})
    equations.restrict("band-wide", {
        "band-wide": ("band-first", f"D*D_*C0*({q} - M/P) - kappa*kappa_*W - M/P*D*D_*noise"),
        "band-scale": ("band-balance", "(kappa + 1)*(D*(kappa + 1) - kappa*(kappa + 1 - M/P))"),
    }, [{"N": "1/f"}, {"f": "0"}])
    equations.prove("band-resolvent", {
        "band-g": ("g*D*(kappa + 1) - kappa", [("g", "g"), ("kappa", "R1")]),
    })
    equations.prove("band-law", {
        "band-law": ("(D_ - D)*C0 - W*(g - g_) - M/P*noise*(D_*g_ - D*g)",
                     [("band-wide", "C0"), ("band-g", "g"), ("band-g_", "g_"), ("band-scale", "D"), ("band-scale_", "D_")]),
    })
