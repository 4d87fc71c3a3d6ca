"""Rule `learning-rate`: gamma from (gamma/2) Tr D = s with the leading term of the trace.

Checked: that one term of the trace dominates the other as v -> infinity on the cell, and that gamma times it is 2 s.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, same_terms, terms_of, tie
from proofs_check.rules.absorb import check_dropped
from proofs_check.rules.combine import same_width
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Verify the dominance, then divide."""
    given, trace = context.step.given, terms_of(context.premise("trace"))
    demand(given["fraction"] == "s", "s is the fraction of the limit")
    same_width(context, given["ratio"])
    (rate,) = terms_of(context.step)
    dropped = {d["by"] for d in context.step.certificate}
    demand(dropped <= {0} and len(context.step.certificate) == len(trace) - 1, "one term of the trace must lead")
    names = {str(d["monomial"]) + str(d["logs"]) for d in context.step.certificate}
    leading = [t for t in trace if _key(t) not in names]
    demand(len(leading) == 1, "one term of the trace must lead")
    check_dropped(context.step.certificate, leading, [{"v": Ratio.of(1)}], context.cell)
    (tied,) = [tie(t, "v", "d", Ratio.parameter("rho")) for t in leading]
    two_s = Constant.of(Ratio.parameter("s") * 2)
    product = Term(tied.monomial, tied.constant, tied.logs) * rate
    same_terms([product], [Term(Monomial(), two_s)], "gamma times half the trace")


def _key(term: Term) -> str:
    from scaling_sym.claims.encoding import encode

    return str(encode(term.monomial)) + str(encode([[m, k] for m, k in term.logs]))
