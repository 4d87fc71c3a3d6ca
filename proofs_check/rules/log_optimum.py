"""Rule `log-optimum`: the optimum on a wall or in a corner, with its powers of log f.

With resources f^x L^y, L = log f, a term is f^(e.x) L^(e.y + k). At the neighbours' x every term of the wall is at most f^(-eta),
and strictly smaller unless it ties. Multipliers mu > 0 with sum mu_i e_i proportional to the cost and sum mu_i = 1 prove that
nothing within the budget does better than f^(-eta) L^(sum mu_i k_i). As many tied terms as resources make y unique; one term
alone, which is proportional to the cost, leaves the sizes open: then `powers` attains the bound, and no sizes are stated. A
logarithm in that term must be of a resource whose power ties too, so that it cannot stand still.

Checked: x and eta are the neighbours' values on the wall; the terms were derived for this wall, or are regular there
(`check_plane`); k counts the logarithms whose argument is a power of f; the identities; each sign; and whether a logarithm of a
power of L stands in a term that ties (then the law is iterated).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from proofs_check.framework import Context, demand, prove_sign, terms_of
from proofs_check.rules.better import prove_inside
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_monomial, decode_ratio

Values = dict[str, Ratio]
PLANES = {"alpha": ("2*alpha", "2*beta"), "beta": ("2*alpha", "2*beta"), "a": ("b", "a - b"), "b": ("b", "a - b")}


def check(context: Context) -> None:
    """Verify the second programme."""
    given, body, proof, cell = context.step.given, context.step.conclusion, context.step.certificate, context.cell
    for neighbour in (p for p in context.premises if p.rule == "optimum"):
        demand(all(given[k] == v for k, v in neighbour.given.items()), "the budget is not that of the neighbours")
    solved = {n: decode_ratio(x) for n, x in given["substitution"].items()}
    source = context.premise("collect|collect-flow|join|join-exact")
    rates = [t for p in context.premises if p.rule == "learning-rate" for t in terms_of(p)]
    prove_inside(context, source, solved, proof["inside"])
    demand((source.rule == "collect") == bool(rates), "gamma is a resource where the terms are those of SGD")
    demand(given["derived"] == ({"gamma": "learning-rate"} if rates else {}), "gamma is derived from the learning rate")
    check_plane([source, *context.ancestors_all(source)], solved, PLANES[min(solved)])
    loss, first = _common_optimum(context, solved)
    terms = [_at(t, solved) for t in terms_of(source)]
    demand({n for t in terms for n, _ in t.monomial.powers} <= set(given["resources"]), "terms in the resources are wanted")
    for rate in rates:
        demand(context.premise("learning-rate").cell == source.cell, "the learning rate is for another cell")
        first["gamma"] = rate.monomial.rate(first)
    gaps = [t.monomial.rate(first) + loss for t in terms]
    below = [g for g in gaps if g]
    demand(len(proof["slacks"]) == len(below), "a proof is wanted for every term that does not tie")
    demand(all(prove_sign(g, cell, s, "a term at the optimum") < 0 for g, s in zip(below, proof["slacks"], strict=True)),
           "a term is larger than the loss")
    tied = [t for t, g in zip(terms, gaps, strict=True) if not g]
    unique = body["sizes"] is not None
    powers = {n: decode_ratio(x) for n, x in (body["sizes"] if unique else proof["powers"]).items()}
    demand(set(powers) == set(given["resources"]), "a power is wanted for every resource")
    demand(not decode_monomial(given["cost"]).rate(powers), "the powers of log f do not keep the budget")
    basis = proof["basis"]
    demand(all(type(i) is int and 0 <= i < len(tied) for i in basis), "the basis names tied terms by their places")
    demand(len(basis) == len(set(basis)) == (len(given["resources"]) if unique else 1), "a multiplier is missing")
    signs = _check_multipliers(context, tied, powers, first)
    for rate in rates:
        powers["gamma"] = rate.monomial.rate(powers) + _offset(rate, first)
    active = [t for t, s in zip(tied, signs, strict=True) if s == 0]
    iterated = any(not m.rate(first) and m.rate(powers) for t in active for m, _ in t.logs)
    demand(body["iterated"] is iterated, "whether log log f occurs is stated wrongly")
    for argument, _ in (() if unique else tied[basis[0]].logs):
        held = [t for t in tied if {n for n, _ in t.monomial.powers} == {n for n, _ in argument.powers}]
        demand(len(argument.powers) == 1 and bool(held), "the argument of a logarithm may stand still")


def _check_multipliers(context: Context, tied: Sequence[Term], powers: Values, first: Values) -> list[int]:
    """The bound and its proof; the sign of the slack of each tied term."""
    given, proof = context.step.given, context.step.certificate
    values = [t.monomial.rate(powers) + _offset(t, first) for t in tied]
    log_loss, basis = decode_ratio(context.step.conclusion["loss"]), proof["basis"]
    mu = [decode_ratio(m) for m in proof["multipliers"]]
    demand(len(mu) == len(basis), "a multiplier is missing")
    demand(sum(mu, Ratio.of(0)) == 1 and all(values[i] == log_loss for i in basis), "the basis does not tie")
    cost = decode_monomial(given["cost"])
    sums = {n: sum((m * tied[i].monomial.exponent(n) for m, i in zip(mu, basis, strict=True)), Ratio.of(0)) / cost.exponent(n)
            for n in given["resources"]}
    demand(len({str(x) for x in sums.values()}) == 1, "the multipliers are not proportional to the cost")
    conditions = [*mu, *(log_loss - v for v in values)]
    demand(len(proof["signs"]) == len(conditions), "a proof is wanted for every sign")
    signs = [prove_sign(c, context.cell, s, "log powers") for c, s in zip(conditions, proof["signs"], strict=True)]
    demand(min(signs) >= 0 and all(s > 0 for s in signs[: len(mu)]), "a multiplier or slack has the wrong sign")
    return signs[len(mu) :]


def check_plane(steps: Iterable[Step], solved: Values, plane: tuple[str, str]) -> None:
    """Refuse terms of another plane or wall, and sums in which poles coincide on this wall that are apart elsewhere."""
    for step in steps:
        if step.rule == "model":
            found = step.conclusion["eigenvalue"], step.conclusion["sums"]["B"]["weight"]
            same = [parse_ratio(x).substitute(solved) == parse_ratio(y).substitute(solved)
                    for x, y in zip(found, plane, strict=True)]
            demand(all(same), "the model is for another wall")
        elif step.rule == "power-law":
            wall = {n: parse_ratio(x) for n, x in step.given.get("wall", {}).items()}
            demand(all(x.substitute(solved) == Ratio.parameter(n).substitute(solved) for n, x in wall.items()), "another wall")
        elif step.rule == "power-sum":
            place = (1 - parse_ratio(step.given["s0"])) / parse_ratio(step.given["c"])
            there = place.substitute(solved)
            whole = there.is_constant and there.constant().denominator == 1
            demand(place.is_constant or not whole, "poles coincide on this wall, and the terms do not show it")


def _at(term: Term, solved: Values) -> Term:
    logs = tuple((m.substitute(solved), k) for m, k in term.logs)
    return Term(term.monomial.substitute(solved), term.constant, logs, name=term.name)


def _common_optimum(context: Context, solved: Values) -> tuple[Ratio, Values]:
    """The loss exponent that the neighbouring optima have in common on the wall, and the sizes of the first."""
    optima = [p for p in context.premises if p.rule == "optimum"]
    demand(len(optima) >= 2, "a wall has two neighbours")
    found: list[Any] = []
    for p in optima:
        loss = decode_ratio(p.conclusion["loss"]).substitute(solved)
        found.append((loss, {n: decode_ratio(x).substitute(solved) for n, x in p.conclusion["sizes"].items()}))
    demand(all(f[0] == found[0][0] for f in found), "the neighbours do not agree on the wall")
    alike = all(f == found[0] for f in found)
    demand(alike or context.step.conclusion["sizes"] is None, "the sizes of the neighbours differ on the wall")
    return found[0][0], dict(found[0][1])


def _offset(term: Term, first: Values) -> Ratio:
    return sum((k for m, k in term.logs if m.rate(first)), Ratio.of(0))
