"""Rule `floor`: the loss for theta -> infinity, from the balance at z -> 0.

With m = u omega the resolvent equation becomes sum_j (1 + j^c/omega)^(-1) = d, whose leading solution for v = rho d is
omega = kappa d^c with kappa int_0^rho dx/(kappa + x^c) = 1 (Riemann sum of mesh 1/d; the root is unique because the left side
grows with kappa). The residue of S_F at u = 0 is (1/omega) sum_j j^(-s0) (1 + j^c/omega)^(-1), which tends to zeta(s0)/omega
where s0 > 1, to (1/omega) log d where s0 = 1 and to a Riemann integral where s0 < 1. The renewal equation divides it by
1 - K(0), with K(0) = s, or the constant part of K where gamma is a constant; gradient flow has no kernel.

Checked: the sign of s0 - 1 on the cell, the term exactly, and at a witness that the root kappa is bracketed.
"""

from __future__ import annotations

from fractions import Fraction

from proofs_check.enclosures import bracket_kappa
from proofs_check.framework import Context, demand, prove_sign, same_terms, terms_of
from proofs_check.rules.combine import same_width
from proofs_check.rules.renew import constant_part
from scaling_sym.algebra.constants import ONE, Atom, Constant, zeta
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Logs, Monomial, Term


def check(context: Context) -> None:
    """Recompute the floor."""
    model, given, proof = context.premise("model").conclusion, context.step.given, context.step.certificate
    flow = model["model"] == "flow"
    norm = Constant(Fraction(0)) if flow else _find_norm(context)
    rho = parse_ratio(given["ratio"])
    c, s0 = parse_ratio(model["eigenvalue"]), parse_ratio(model["sums"]["B"]["weight"])
    if given["ratio"] == "rho":
        demand(proof["converges"] is None, "a finite sum converges")
    else:
        demand(given["ratio"] == "0", "the ratio v/d is rho, and 0 stands for infinity")
        demand(prove_sign(c - 1, context.cell, proof["converges"], "the sums converge") > 0, "the sums diverge")
    if flow:
        demand(prove_sign(s0 + c - 1, context.cell, proof["finite"], "the loss is finite") > 0, "the loss is infinite")
    kappa = Constant.of(Atom("kappa", (c, rho)))
    sign = prove_sign(s0 - 1, context.cell, proof["difference"], "the weight against 1")
    logs: Logs = ()
    if sign > 0:
        constant, power = zeta(s0) / kappa, -c
    elif sign == 0:
        constant, power, logs = ONE / kappa, -c, ((Monomial.of({"d": 1}), Ratio.of(1)),)
    else:
        constant, power = Constant.of(Atom("scaled", (s0, c, rho))), 1 - s0 - c
    expected = Term(Monomial.of({"d": power}), constant / (Constant.of(1) - norm), logs, name="F_0")
    same_terms(terms_of(context.step), [expected], "the floor", names=True)
    if given["ratio"] == "rho":
        bracket_kappa(c.at({n: Fraction(13, 17) for n in c.names}), Fraction(4))


def _find_norm(context: Context) -> Constant:
    """K(0) of the renewal equation: s, or the constant part of K where gamma is a constant."""
    given = context.step.given
    demand(given["fraction"] == "s", "s is the fraction of the limit")
    same_width(context, given["ratio"])
    demand(context.premise("learning-rate").cell == context.step.cell, "the learning rate is for another cell")
    kernel, (rate,) = context.premise("combine"), terms_of(context.premise("learning-rate"))
    moving = bool(rate.monomial.powers or rate.logs)
    demand(kernel.given["series"] == "kernel", "the kernel is wanted")
    demand(kernel.given["gamma"] == ("resource" if moving else "constant"), "the kernel is for another learning rate")
    return Constant.of(Ratio.parameter("s")) if moving else constant_part(terms_of(kernel))
