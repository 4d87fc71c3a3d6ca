"""Rule `truncate`: how far the loss of the N leading features may lie from that of all, to second order in the modes left out.

Kernel regression on P samples has L = kappa^2 W1 + (sigma2 + L) K2/P with dof(kappa) = P. A mode that is left out counts no
longer in dof and in K2, and its task power lam w2 is lost, and noise to the rest, instead of kappa^2 lam w2/(kappa + lam)^2.
If lam << kappa these changes are of the orders lam, lam^2 and lam (lam w2); summed over k > N they are powers of N as in the rule
`tail`. Trusted: L is smooth in the three sums (dof has the slope -K1 in kappa, which is not zero), so that at fixed P it changes
by no more than these orders and the square of the largest. They are bounds: the first has the coefficient -dL/d(ridge), which
vanishes where the loss is stationary in the ridge. Checked: the equation, the order of each change in lam, and the powers.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.rules.sum_identity import divisible
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term

CHANGES = {  # what a mode gives, seen and left out; the order of the difference in lam and in w2
    "dof": ("lam/(kappa + lam)", "0", 1, 0), "K2": ("lam**2/(kappa + lam)**2", "0", 2, 0),
    "W1": ("kappa**2*lam*w2/(kappa + lam)**2", "lam*w2", 2, 1),
}


def check(context: Context) -> None:
    """Expand each change, and sum it up."""
    tail, equations = context.premise("tail"), context.premise("identity").conclusion["equations"]
    wanted = parse_ratio("(L + sigma2)*(1 - K2/P) - kappa**2*W1 - sigma2")
    demand(parse_ratio(equations.get("replica", "0")) == wanted, "kernel regression is meant")
    a, b, expected = Ratio.parameter("a"), parse_ratio(tail.given["s"]), []
    demand(tail.cell == context.step.cell and b == Ratio.parameter("b"), "the tail of the eigenvalues is wanted")
    for seen, unseen, order, task in CHANGES.values():
        change = (parse_ratio(seen) - parse_ratio(unseen)) / Ratio.parameter("w2") ** task
        demand(divisible(change, "lam", order) and "w2" not in change.names, "a change of another order")
        expected.append(Term(Monomial.of({"N": 1 - (b * (order - task) + a * task)})))
    same_terms(terms_of(context.step), [*expected, Term(Monomial.of({"N": 2 - b * 2}))], "the orders of the changes")
