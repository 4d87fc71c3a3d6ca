"""Random features under gradient flow, by dynamical mean-field theory (DMFT): the equations of the fields, once.

Source: Bordelon, Atanasov, Pehlevan, *A Dynamical Model of Neural Scaling Laws* (2024). A teacher w . psi(x) + sigma eps with
<psi_k psi_l> = lambda_k delta_kl; a student that reads A psi through N random features; P samples. The residual obeys
dv0/dt = -(A^T A/N)(Psi^T Psi/P) v0, written as a chain

    v1 = Psi v0   (samples),   v2 = Psi^T v1/P,   v3 = A v2   (features),   v4 = A^T v3/N,   dv0/dt = -v4.

Averaged over Psi and A each matrix product becomes an independent Gaussian source plus a response: these are the linear
equations below, in the frequency domain, where `D` stands for the derivative in time. Nothing but the update of v0 depends on the
optimiser (`UPDATES`): gradient flow with D = p, descent and momentum in their own transforms, and one-pass SGD, whose batches
are white noise. An underscore marks the second of two frequencies.

Vocabulary. *Source* u_i: the Gaussian part of field i. *Response* R1 = dv1/du1, R3 = dv3/du3, R02 = sum_k lambda_k dv0/du2,
R24 = sum_k dv2/du4 (un-normalised). *Correlations* C0 = sum_k lambda_k <v0 v0_>, C1 = <v1 v1_>, C2 = sum_k <v2 v2_>,
C3 = <v3 v3_>. That the average may be taken in this way is the named assumption `mean-field-closure`.

Not covered here: numbers (`scaling_sym.numerics.dmft*`), corrections to the closure at finite N, P and M.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sympy as sp

lam, w, w2 = sp.symbols("lam w w2")
D, p, N, P, noise = sp.symbols("D p N P noise")
R1, R3, R02, R24 = sp.symbols("R1 R3 R02 R24")
C0, C1, C2, C3 = sp.symbols("C0 C1 C2 C3")
v0, v1, v2, v3, v4 = sp.symbols("v0 v1 v2 v3 v4")
u1, u2, u3, u4 = sp.symbols("u1 u2 u3 u4")

# Each expression vanishes. The fields of one mode k; then those of one sample, and of one feature.
MODE: Final[Mapping[sp.Symbol, sp.Expr]] = {
    v0: D * v0 - w + v4, v2: v2 - u2 - lam * R1 * v0, v4: v4 - u4 - R3 * v2,
}
SAMPLE: Final[Mapping[sp.Symbol, sp.Expr]] = {v1: v1 - u1 - R02 * v1 / P}
FEATURE: Final[Mapping[sp.Symbol, sp.Expr]] = {v3: v3 - u3 - R24 * v3 / N}
# The correlation of each source with itself at the two frequencies; different sources are independent.
SOURCES: Final[Mapping[sp.Symbol, sp.Expr]] = {
    w: w2, u1: C0 + noise, u2: lam * C1 / P, u3: C2, u4: C3 / N,
}
# The same for two networks that share the data and have features of their own.
C0x, C1x, LE, E = sp.symbols("C0x C1x LE E")
PAIR: Final[Mapping[sp.Symbol, sp.Expr]] = {
    w: w2, u1: C0x + noise, u2: lam * C1x / P, u3: sp.Integer(0), u4: sp.Integer(0),
}
# The mean of E exchangeable networks: <((1/E) sum v)^2> = C0/E + (1 - 1/E) C0x. It vanishes.
ENSEMBLE: Final = LE - C0 / E - (1 - 1 / E) * C0x
# What the responses and correlations are: (field, source, weight of a mode; None where there is no sum over modes). A response is
# the derivative by a source, a correlation the sum over a table of independent sources. The bias is the part of the loss that the
# mean residual has: of its sources only w is not random.
MEAN: Final[Mapping[sp.Symbol, sp.Expr]] = {w: w2}
Totals = Mapping[sp.Symbol, tuple[sp.Symbol, sp.Symbol | str, sp.Expr | None]]
TOTALS: Final[Totals] = {
    R1: (v1, u1, None), R3: (v3, u3, None), R02: (v0, u2, lam), R24: (v2, u4, sp.Integer(1)),
    C0: (v0, "sources", lam), C1: (v1, "sources", None), C2: (v2, "sources", sp.Integer(1)), C3: (v3, "sources", None),
    sp.Symbol("bias"): (v0, "mean", lam), C0x: (v0, "pair", lam), C1x: (v1, "pair", None),
}
# Names: the scale kappa, the resolvent g of a white spectrum, and the first order r in e = 1/P; each can be solved for.
kappa, g, r, e = sp.symbols("kappa g r e")
NAMES: Final[Mapping[sp.Symbol, sp.Expr]] = {kappa: R1 - D / (kappa * R3), g: R1 - (1 / g - D) / R3, r: R1 - (1 - e * r)}


# One-pass SGD with label noise when every function stands still: the renewal equation of `models.plrf` with sigma2 beside the
# forcing function; `norm` is the integral of the kernel. It vanishes.
total, floor, sigma2, norm = sp.symbols("total floor sigma2 norm")
NOISY_RENEWAL: Final = total - floor - sigma2 - norm * total


# The optimisers, each as the transform of its update of v0, whose gradient is v4; it vanishes. Steps: the generating function
# sum_t v(t) z^(-t), v(-1) = v(0) = w. Heavy ball in continuous time: beta v'' + v' = -v4 from rest.
z, z_, p_, eta, beta = sp.symbols("z z_ p_ eta beta")
UPDATES: Final[Mapping[str, sp.Expr]] = {
    "dmft-descent": z * (v0 - w) - v0 + eta * v4 - beta * (v0 - v0 / z - w),
    "dmft-momentum": beta * (p**2 * v0 - p * w) + p * v0 - w + v4,
}
# The same solved for v4 = start w - D v0, with the transform of what is constant in time, start/D: (D, start, constant).
OPERATORS: Final[Mapping[str, tuple[str, str, str]]] = {
    "dmft-descent": ("(z - 1)*(z - beta)/(eta*z)", "(z - beta)/eta", "z/(z - 1)"),
    "dmft-momentum": ("p*(1 + beta*p)", "1 + beta*p", "1/p"),
}
CONSTANTS: Final[Mapping[str, sp.Expr]] = {"dmft-descent": z * z_ / ((z - 1) * (z_ - 1)), "dmft-momentum": 1 / (p * p_)}
# Two data sets that share the network; means over E networks on each of K data sets, and over E networks with data of their own.
C0y, C2y, C3y, K, LM, LB, bias = sp.symbols("C0y C2y C3y K LM LB bias")
SETS: Final[Mapping[sp.Symbol, sp.Expr]] = {w: w2, u1: sp.Integer(0), u2: sp.Integer(0), u3: C2y, u4: C3y / N}
COMMITTEE: Final = E * K * LM - C0 - (E - 1) * C0x - (K - 1) * C0y - (E - 1) * (K - 1) * bias
BAGGING: Final = E * LB - C0 - (E - 1) * bias
# One-pass SGD: v1 has no response, and u2 is the noise of a batch of B samples, white in time. Its strength at a step is the loss
# there, so that <u2 u2_> = lam Q/B with Q the generating function of C0(t, t) + sigma^2 at z z_ (Qx of the pair's).
B, Q, Qx = sp.symbols("B Q Qx")
ONLINE: Final[Mapping[sp.Symbol, sp.Expr]] = {w: w2, u2: lam * Q / B, u3: C2, u4: C3 / N}
ONLINE_PAIR: Final[Mapping[sp.Symbol, sp.Expr]] = {w: w2, u2: lam * Qx / B, u3: sp.Integer(0), u4: sp.Integer(0)}


def definition() -> dict[str, object]:
    """The model as plain text, in the grammar of the project: what the first step of its derivation says."""
    fields = {**MODE, **SAMPLE, **FEATURE}
    return {
        "model": "dmft", "equations": _write({**fields, sp.Symbol("ensemble"): ENSEMBLE, **NAMES}), "fields": _list(fields),
        "sources": _write(SOURCES), "pair": _write(PAIR), "mean": _write(MEAN), "totals": _write_totals(TOTALS),
    }


def define_steps(name: str) -> dict[str, object]:
    """The model under an optimiser of `UPDATES`, in its own transform, with ensembles and bagging."""
    constant, fields = sigma2 * CONSTANTS[name], {**MODE, v0: UPDATES[name], **SAMPLE, **FEATURE}
    means = {sp.Symbol("committee"): COMMITTEE, sp.Symbol("bagging"): BAGGING, kappa: R1 - _operator(name) / (kappa * R3)}
    sets: Totals = {C0y: (v0, "sets", lam), C2y: (v2, "sets", sp.Integer(1)), C3y: (v3, "sets", None)}
    return definition() | {
        "model": name, "equations": _write({**fields, **means}),
        "sources": _write({**SOURCES, u1: C0 + constant}), "pair": _write({**PAIR, u1: C0x + constant}), "sets": _write(SETS),
        "totals": _write_totals({**TOTALS, **sets}),
    }


def define_online() -> dict[str, object]:
    """One-pass SGD with momentum."""
    fields = {v0: UPDATES["dmft-descent"], v2: v2 - u2 - lam * v0, v4: MODE[v4], **FEATURE}
    kept = (R3, R24, C0, C2, C3, bias, C0x)
    return {
        "model": "dmft-online", "equations": _write({**fields, kappa: R3 - _operator("dmft-descent") / kappa}),
        "fields": _list(fields), "sources": _write(ONLINE), "pair": _write(ONLINE_PAIR), "mean": _write(MEAN),
        "totals": _write_totals({name: TOTALS[name] for name in kept}),
    }


def noisy_sgd() -> dict[str, object]:
    """One-pass SGD with label noise at late times, as plain text."""
    return {"model": "noisy-sgd", "equations": {"renewal": str(NOISY_RENEWAL)}}


def _operator(name: str) -> sp.Expr:
    """D in the transform of an optimiser."""
    return sp.sympify(OPERATORS[name][0], {"beta": beta})


def _list(fields: Mapping[sp.Symbol, sp.Expr]) -> list[str]:
    return sorted(map(str, fields))


def _write(group: Mapping[sp.Symbol, sp.Expr]) -> dict[str, str]:
    return {str(k): str(e) for k, e in group.items()}


def _write_totals(totals: Totals) -> dict[str, list[str]]:
    return {str(k): [str(field), str(source), "" if weight is None else str(weight)]
            for k, (field, source, weight) in totals.items()}
