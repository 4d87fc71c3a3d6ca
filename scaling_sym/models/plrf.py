"""Power-law random features (PLRF) under one-pass SGD: the equations, once.

Source: Paquette, Paquette, Xiao, Pennington, *4+3 Phases of Compute-Optimal Neural Scaling Laws* (2024). Data
x_j = j^(-alpha) z_j in R^v, target <x, b> with b_j = j^(-beta), features W^T x in R^d with entries of W normal of variance
1/d, batches of size B whose gradient is a sum, learning rate gamma; the loss is the mean squared error without 1/2.

The summands are written in the eigenvalue `lam` = j^(-2 alpha), and weighted by powers of j where they are summed. The
resolvent of K = D^(1/2) W W^T D^(1/2) is replaced by its deterministic equivalent, which is the named assumption
`deterministic-equivalent`; that the loss of SGD follows the Volterra equation with it is `sgd-follows-volterra`.

Not covered here: numbers (see `scaling_sym.numerics`), other optimisers than SGD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

import sympy as sp

alpha, beta = sp.symbols("alpha beta", positive=True)
d, v, j, gamma, B, p = sp.symbols("d v j gamma B p", positive=True)
lam = sp.Symbol("lambda", positive=True)
m, z = sp.symbols("m z")

EIGENVALUE: Final = j ** (-2 * alpha)
TARGET: Final = j ** (-2 * beta)


@final
@dataclass(frozen=True, slots=True)
class WeightedSum:
    """sum over j <= v of weight(j) * summand(lam, m, z), with lam the eigenvalue of mode j."""

    summand: sp.Expr
    weight: sp.Expr

    def written_out(self) -> sp.Expr:
        """The sum with the eigenvalue in full."""
        return sp.Sum(self.weight * self.summand.subs(lam, EIGENVALUE), (j, 1, v))


RESOLVENT_SUM: Final = WeightedSum(lam * m / (lam * m - z), sp.Integer(1))
FORCING_SUM: Final = WeightedSum(lam / (lam * m - z), TARGET)


def resolvent_equation() -> sp.Eq:
    """m + (1/d) sum_j lam m/(lam m - z) = 1 (deterministic equivalent of the resolvent)."""
    return sp.Eq(m + RESOLVENT_SUM.written_out() / d, 1)


def forcing_transform() -> sp.Expr:
    """S_F(z) = sum_j lam b_j^2/(lam m - z), the Stieltjes transform of the forcing measure mu_F."""
    return FORCING_SUM.written_out()


def kernel_transform() -> sp.Expr:
    """The Laplace transform of the kernel, K(p) = (gamma/2)(Tr D + z d (1 - m)) at z = -p/(2 gamma B)."""
    return gamma / 2 * (sp.Sum(EIGENVALUE, (j, 1, v)) + z * d * (1 - m))


def renewal() -> sp.Eq:
    """The Volterra equation in the Laplace domain: P = F/(1 - K)."""
    big_p, big_f, big_k = sp.Function("P"), sp.Function("F"), sp.Function("K")
    return sp.Eq(big_p(p), big_f(p) / (1 - big_k(p)))


def mode_factor() -> sp.Expr:
    """p(u) = 1 - 2 gamma B u + gamma^2 B (B+1) u^2, the factor by which one step contracts a mode of eigenvalue u."""
    u = sp.Symbol("u", positive=True)
    return 1 - 2 * gamma * B * u + gamma**2 * B * (B + 1) * u**2


def definition() -> dict[str, Any]:
    """Resolvent and kernel as plain text: e = 1/d, u = -z, H and S the two sums (w2 is b_j^2), T the trace, h the value of H."""
    e, u, h, big_h, t, kernel, w2, plain = sp.symbols("e u h H T kernel w2 lam")
    trace = {sp.Sum(EIGENVALUE, (j, 1, v)): t}
    equations = {
        "resolvent": 1 - m - e * h, "h": h - big_h, "kernel": kernel - kernel_transform().subs(trace).subs({z: -u, d: 1 / e}),
    }
    sums = {"H": RESOLVENT_SUM.summand, "S": FORCING_SUM.summand * w2, "T": lam}
    return {
        "model": "plrf", "equations": {n: str(x) for n, x in equations.items()},
        "sums": {n: str(x.subs({z: -u, lam: plain})) for n, x in sums.items()},
    }
