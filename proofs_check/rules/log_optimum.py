"""Rule `log-optimum`: the powers of log f at the optimum on a wall or in a corner.

With resources f^x L^y, L = log f, a tied term is f^(-eta) L^(e.y + k). The multipliers mu > 0 with sum mu_i e_i proportional to
the cost and sum mu_i = 1 prove that no y with g.y = 0 does better than sum mu_i k_i, and that y is unique.

Checked: x and eta are the neighbours' values on the wall; k counts the logarithms whose argument is a power of f there; the
identities; each sign; and whether a logarithm of a power of L stands in a term that ties (then the law is iterated).
"""

from __future__ import annotations

from typing import Any

from proofs_check.framework import Context, demand, prove_sign, terms_of
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.codec import decode_monomial, decode_ratio


def check(context: Context) -> None:
    """Verify the second programme."""
    given, body, proof, cell = context.step.given, context.step.conclusion, context.step.certificate, context.cell
    for neighbour in (p for p in context.premises if p.rule == "optimum"):
        demand(all(given[k] == v for k, v in neighbour.given.items()), "the budget is not that of the neighbours")
    source, (rate,) = context.premise("collect"), terms_of(context.premise("learning-rate"))
    demand(source.cell == context.step.cell == context.premise("learning-rate").cell, "the terms are for another cell")
    demand(given["derived"] == {"gamma": "learning-rate"}, "gamma is derived from the learning rate")
    loss, first = _common_optimum(context)
    first["gamma"] = rate.monomial.rate(first)
    tied = [t for t in terms_of(source) if t.monomial.rate(first) + loss == 0]
    powers = {n: decode_ratio(x) for n, x in body["sizes"].items()}
    demand(set(powers) == set(given["resources"]), "a power is wanted for every resource")
    demand(not decode_monomial(given["cost"]).rate(powers), "the powers of log f do not keep the budget")
    offsets = [_offset(t, first) for t in tied]
    values = [t.monomial.rate(powers) + k for t, k in zip(tied, offsets, strict=True)]
    log_loss, basis = decode_ratio(body["loss"]), proof["basis"]
    mu = [decode_ratio(m) for m in proof["multipliers"]]
    demand(all(type(i) is int and 0 <= i < len(tied) for i in basis), "the basis names tied terms by their places")
    demand(len(mu) == len(basis) == len(given["resources"]) == len(set(basis)), "a multiplier is missing")
    demand(sum(mu, Ratio.of(0)) == 1 and all(values[i] == log_loss for i in basis), "the basis does not tie")
    sums = {n: sum((m * tied[i].monomial.exponent(n) for m, i in zip(mu, basis, strict=True)), Ratio.of(0))
            for n in given["resources"]}
    demand(len({str(x) for x in sums.values()}) == 1, "the multipliers are not proportional to the cost")
    conditions = [*mu, *(log_loss - v for v in values)]
    demand(len(proof["signs"]) == len(conditions), "a proof is wanted for every sign")
    signs = [prove_sign(c, cell, s, "log powers") for c, s in zip(conditions, proof["signs"], strict=True)]
    demand(min(signs) >= 0 and all(s > 0 for s in signs[: len(mu)]), "a multiplier or slack has the wrong sign")
    powers["gamma"] = rate.monomial.rate(powers) + _offset(rate, first)
    active = [t for t, s in zip(tied, signs[len(mu) :], strict=True) if s == 0]
    iterated = any(not m.rate(first) and m.rate(powers) for t in active for m, _ in t.logs)
    demand(body["iterated"] is iterated, "whether log log f occurs is stated wrongly")


def _common_optimum(context: Context) -> tuple[Ratio, dict[str, Ratio]]:
    """The loss exponent and sizes that the neighbouring optima have in common on the wall."""
    solved = {n: decode_ratio(x) for n, x in context.step.given["substitution"].items()}
    model = context.model(context.premise("collect"))
    demand(decode_ratio(model["eigenvalue"]) == _on_wall("2*alpha", solved), "the model is for another wall")
    demand(decode_ratio(model["sums"]["B"]["weight"]) == _on_wall("2*beta", solved), "the model is for another wall")
    optima = [p for p in context.premises if p.rule == "optimum"]
    demand(len(optima) >= 2, "a wall has two neighbours")
    found: list[Any] = []
    for p in optima:
        loss = decode_ratio(p.conclusion["loss"]).substitute(solved)
        found.append((loss, {n: decode_ratio(x).substitute(solved) for n, x in p.conclusion["sizes"].items()}))
    demand(all(f == found[0] for f in found), "the neighbours do not agree on the wall")
    return found[0][0], dict(found[0][1])


def _on_wall(text: str, solved: dict[str, Ratio]) -> Ratio:
    return decode_ratio(text).substitute(solved)


def _offset(term: Term, first: dict[str, Ratio]) -> Ratio:
    return sum((k for m, k in term.logs if m.rate(first)), Ratio.of(0))
