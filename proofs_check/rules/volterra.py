"""Rule `volterra`: the exact recursion of the second moments of one-pass SGD, given the features.

With y = D^(1/2)(W theta - b), K = D^(1/2) W W^T D^(1/2) and B normal samples z_i a step is y -> y - gamma K sum z_i <z_i, y>. For
M = E[y y^T], Isserlis' theorem (trusted) gives E[z z^T M z z^T] = 2 M + tr(M) I for one sample, and M for two different ones, so
that an eigenvector of K with eigenvalue u has

    m -> m - 2 gamma B u m + gamma^2 u^2 ((B (B-1) + 2 B) m + B tr M),   tr M the loss.

Unrolled over the steps this is the Volterra equation, with the spectral measures of K at y_0 = -D^(1/2) b and of its trace.
Checked: the factor of m and the coefficient of the loss.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio


def check(context: Context) -> None:
    """Compare factor and kernel."""
    demand(not context.premises and context.cell == Cell() and context.step.given is None, "the recursion rests on nothing else")
    body = context.step.conclusion
    pairs, own = "B*(B - 1)", "2*B"
    demand(set(body) == {"factor", "kernel"}, "a factor and a kernel are wanted")
    demand(parse_ratio(body["factor"]) == parse_ratio(f"1 - 2*gamma*B*u + gamma**2*u**2*({pairs} + {own})"), "another factor")
    demand(parse_ratio(body["kernel"]) == parse_ratio("gamma**2*u**2*B"), "another kernel")
