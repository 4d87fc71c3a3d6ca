"""Rule `renew`: one order of F/(1 - K) about the constant part of K.

Checked: that `kept` is the sum of those terms of K that contain no resource and no logarithm, and that the conclusion is
F (K - kept)^n/(1 - kept)^(n+1), exactly; and that F and K are of one width, also where K enters by its constant alone. That
higher orders are smaller is part of the assumption `uniform-transfer`.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of
from proofs_check.rules.combine import multiply, same_width
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Constant, add_constants
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.codec import decode_constant


def check(context: Context) -> None:
    """Recompute the order."""
    forcing, kernel = context.premises
    demand(context.cell == Cell() and forcing.given["series"].startswith("forcing"), "a forcing is wanted")
    demand(kernel.given["series"] == "kernel", "a kernel is wanted")
    same_width(context, forcing.given["ratio"])
    kept, order = decode_constant(context.step.given["kept"]), context.step.given["order"]
    demand(order in (0, 1), "orders 0 and 1 are known")
    terms = terms_of(kernel)
    still = constant_part(terms)
    demand(kept.canonical() == still.canonical(), "the constant part of the kernel is another")
    small = [t for t in terms if t.monomial.powers or t.logs]
    head = Term(Monomial(), (Constant.of(1) - kept) ** -(order + 1))
    same_terms(terms_of(context.step), multiply(head, [terms_of(forcing), *[small] * order]), "the renewal equation")


def constant_part(terms: tuple[Term, ...]) -> Constant:
    """The sum of the terms without resources and logarithms."""
    return add_constants(t.constant for t in terms if not t.monomial.powers and not t.logs)
