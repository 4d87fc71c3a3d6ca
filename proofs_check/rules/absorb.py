"""Rule `absorb`: the terms that lead in a growth cone, and a proof for each one that was dropped.

Checked: the cone is the window 0 <= log theta <= (eigenvalue exponent) log d with gamma's rate; the names are those of the
series from which the terms come; every candidate is kept with its constant and name, or is dominated on every ray by a kept
term, strictly on at least one. Logarithms of monomials are linear, so that the rays of a cone decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from proofs_check.framework import Context, demand, prove_sign, same_terms, terms_of
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term, log_power
from scaling_sym.claims.codec import decode_monomial

LOSS: Final = {"forcing-0, order 0": "F_pp", "forcing-1, order 0": "F_ac", "forcing, order 1": "K_pp"}
PIECES: Final = {"forcing-0": "F_pp", "forcing-1": "F_ac", "kernel": "K_pp"}


def check(context: Context) -> None:
    """Verify cone, names, kept terms and dropped ones."""
    given = context.step.given
    moved = [p for p in context.premises if p.rule == "transfer"]
    rates = [p for p in context.premises if p.rule == "learning-rate"]
    demand(len(moved) == len(given["names"]) and len(rates) <= 1, "one name is wanted for every transform")
    candidates = [_named(t, n) for p, n in zip(moved, given["names"], strict=True) for t in terms_of(p)]
    rays = [{k: parse_ratio(x) for k, x in ray.items()} for ray in given["rays"]]
    _check_rays(context, rays, rates, candidates)
    origins = [_origin(context, m) for m in moved]
    if rates:
        demand(origins == list(LOSS), "the loss of SGD has three origins")
    elif context.model()["model"] == "flow":
        demand(origins == list(PIECES)[:2], "the loss of gradient flow has two origins")
    else:
        demand(len(origins) == 1, "the loss of SGD needs its learning rate")
    demand(given["names"] == [(LOSS if rates else PIECES)[o] for o in origins], "the names do not fit the origins")
    demand(all(p.cell == context.step.cell for p in rates), "the learning rate is for another cell")
    kept = terms_of(context.step)
    dropped = [decode_monomial(d["monomial"]) for d in context.step.certificate]
    demand(len(kept) + len(dropped) == len(candidates), "a candidate is neither kept nor dropped, or is both")
    check_dropped(context.step.certificate, kept, rays, context.cell)
    gone = [(m, decode_logs(d["logs"])) for m, d in zip(dropped, context.step.certificate, strict=True)]
    remaining = list(candidates)
    for key in gone:
        found = next((t for t in remaining if (t.monomial, t.logs) == key), None)
        demand(found is not None, "a dropped term is no candidate")
        remaining.remove(found)  # type: ignore[arg-type]
    same_terms(kept, remaining, "the leading terms", names=True)


def check_dropped(
    certificate: Any, kept: Sequence[Term], rays: Sequence[Mapping[str, Ratio]], cell: Cell
) -> None:
    """Refuse unless every dropped term is dominated on all rays by a kept one."""
    for proof in certificate:
        monomial, logs = decode_monomial(proof["monomial"]), decode_logs(proof["logs"])
        demand(isinstance(proof["by"], int) and 0 <= proof["by"] < len(kept), "a dominating term is named by its place")
        other, strict = kept[proof["by"]], False
        demand(len(proof["rays"]) == len(rays), "a proof is wanted for every ray")
        for ray, one in zip(rays, proof["rays"], strict=True):
            difference = other.monomial.rate(ray) - monomial.rate(ray)
            if isinstance(one, list) and one and one[0] == "log":
                demand(not difference, "powers that differ are not decided by logarithms")
                difference, one = log_power(other.logs, ray) - log_power(logs, ray), one[1]
            elif one is None:
                demand(log_power(other.logs, ray) == log_power(logs, ray), "the logarithms differ where powers tie")
            sign = prove_sign(difference, cell, one, f"{monomial} is dominated")
            demand(sign >= 0, f"{monomial} is not dominated")
            strict = strict or sign > 0
        demand(strict, f"{monomial} ties with the kept term on every ray")


def _check_rays(
    context: Context, rays: Sequence[Mapping[str, Ratio]], rates: Sequence[Any], candidates: Sequence[Term]
) -> None:
    capacity = parse_ratio(context.model()["eigenvalue"])
    if rates:
        gamma = terms_of(rates[0])[0].monomial.exponent("d")
    else:
        gamma = Ratio.of(0)
        demand(len({t.monomial.exponent("gamma") for t in candidates}) == 1, "without a learning rate gamma must factor")
    expected = [{"d": Ratio.of(1), "theta": edge, "gamma": gamma} for edge in (Ratio.of(0), capacity)]
    demand(list(rays) == expected, "the rays are not those of the window")


def _origin(context: Context, moved: Any) -> str:
    """The series that was moved to time, with the order of the renewal equation where it went through that."""
    above = context.lookup[moved.premises[0]]
    forcing = context.lookup[above.premises[0]]
    return f"{forcing.given['series']}, order {above.given['order']}" if above.rule == "renew" else str(above.given["series"])


def _named(term: Term, name: str) -> Term:
    still = not term.monomial.exponent("theta") and all(not m.exponent("theta") for m, _ in term.logs)
    return Term(term.monomial, term.constant, term.logs, term.cell, "F_0" if still else name)


def decode_logs(body: Any) -> Any:
    return tuple((decode_monomial(m), parse_ratio(k)) for m, k in body)
