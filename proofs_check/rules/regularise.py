"""Rule `regularise`: kappa with the ridge 1/q, to leading order on the rays of a cone.

In the balance 1/q = kappa (1 - dof/P)(1 - dof/N) both factors lie between 0 and 1, and dof falls with kappa. So kappa >= 1/q and
dof <= dof(1/q): where that is small against both sizes, kappa ~ 1/q. With m the smaller size, M the other one and dof(k) = m,
kappa > k and 1 - dof/m <= 1/(q k (1 - m/M)): where 1/q is small against k, and m against M, dof ~ m and kappa ~ k (dof is a power
of kappa to leading order). Checked: the term, and that the quotients are small on the rays.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, prove_sign, same_terms, terms_of
from proofs_check.rules.invert import put
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term


def check(context: Context) -> None:
    """Compare the term, and prove each quotient small."""
    given, lead = context.step.given, context.premise("lead")
    balance = context.premise("identity").conclusion["equations"].get("ridge-balance", "")
    demand(parse_ratio(balance) == parse_ratio("1/q - kappa*(1 - dof/P)*(1 - dof/N)"), "the balance with a ridge is wanted")
    source = context.lookup[lead.premises[0]]
    demand(source.rule == "power-law" and source.given["symbol"] == "dof" and source.given["scale"] == "kappa",
           "the leading term of dof is wanted")
    demand(lead.given["rays"] == [{"u": "-1"}] and lead.cell in (context.step.cell, []), "kappa tends to zero, on the same cell")
    (kappa,), (dof,) = terms_of(context.step), terms_of(lead)
    demand(not dof.logs, "no logarithms are expected")
    if given["size"] == "1/q":
        same_terms([kappa], [Term(Monomial.of({"q": -1}))], "kappa")
        small = [put(dof, "u", kappa).monomial * Monomial.of({n: -1}) for n in ("N", "P")]
    else:
        other = {"N": "P", "P": "N"}[given["size"]]
        same_terms([put(dof, "u", kappa)], [Term(Monomial.of({given["size"]: 1}))], "dof at kappa")
        small = [Monomial.of({given["size"]: 1, other: -1}), Monomial.of({"q": -1}) * kappa.monomial**-1]
    rays = [{n: parse_ratio(x) for n, x in ray.items()} for ray in given["rays"]]
    prove_small(context, small, rays, context.step.certificate)


def prove_small(context: Context, small: list[Monomial], rays: list[dict[str, Ratio]], proofs: list[list[object]]) -> None:
    """Refuse unless each monomial falls on one ray at least and grows on none."""
    demand(len(proofs) == len(small) and bool(rays), "a proof is wanted for each quotient")
    for monomial, signs in zip(small, proofs, strict=True):
        pairs = zip(rays, signs, strict=True)
        found = [prove_sign(monomial.rate(ray), context.cell, sign, f"{monomial} is small") for ray, sign in pairs]
        demand(max(found) <= 0 and min(found) < 0, f"{monomial} is not small")
