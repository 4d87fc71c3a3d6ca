"""Expansions: sums over modes in powers of u, the series of a model in these sums, and their transfer to time.

Trusted: the Mellin transform of (1+x)^(-k), Euler-Maclaurin summation, u^s -> theta^(-s-1)/Gamma(-s). See docs/checker.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import comb, factorial
from typing import Any, Final

from proofs_check.framework import DEFINITIONS, Context, Rule, demand, read_ratios, take, terms_of
from proofs_check.rules.equations import check_below, sums_above
from scaling_sym.algebra.constants import Atom, Constant, gamma, whole, zeta
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import UNIT, Monomial, Term, merge_terms, substitute
from scaling_sym.claims.steps import Step

GAMMA: Final = Ratio.parameter("gamma")
WITNESS: Final = {"alpha": Fraction(13, 17), "beta": Fraction(11, 19), "a": Fraction(29, 11), "b": Fraction(17, 13)}


def expand_power_sum(context: Context) -> Iterable[Term]:
    """Sum over j <= v of j^(-s0) (1 + u j^c)^(-k), u -> 0: its residues."""
    given = context.step.given
    s0, c, counts = parse_ratio(given["s0"]), parse_ratio(given["c"]), (given["order"], given["inner"], given["outer"])
    demand((given["kernel"], given["x"]) == ("rational", "u") and given["upper"] in ("v", ""), "another sum")
    demand(all(isinstance(n, int) and 0 < n < 9 for n in counts), "order and counts are small whole numbers")
    k, inner, outer = counts
    demand(c.at(WITNESS) > 0 and (given["upper"] or (s0 + c * k).at(WITNESS) > 1), "the sum diverges at the witness")
    return find_residues(s0, c, k, inner, outer if given["upper"] else 0)


def find_residues(s0: Ratio, c: Ratio, k: int, inner: int, outer: int) -> Iterator[Term]:
    """The terms that the poles give, each family apart, double poles recognised by identity of their places."""
    place = (1 - s0) / c
    for near, n in (*((True, n) for n in range(inner)), *((False, n) for n in range(outer))):
        pole = -n if near else k + n
        s, head = s0 + c * pole, Term(Monomial.of({"u": -pole}), Constant(Fraction((-1) ** n * comb(k + n - 1, n))))
        if place != pole:  # of the sum of j^(-s): its value, or its edge
            yield head * (Term(UNIT, zeta(s)) if near else Term(Monomial.of({"v": 1 - s}), Constant.of(1 / (1 - s))))
            continue
        gap = Constant.of(-sum((Fraction(1, i) for i in range(n + 1, n + k)), Fraction(0))) / c  # (psi(n+1) - psi(n+k))/c
        argument = Monomial.of({"u": -1} if near else {"u": 1 / c, "v": 1})
        yield head * Term(UNIT, Constant.of(1 / c if near else 1), ((argument, Ratio.of(1)),))
        yield head * Term(UNIT, Constant.of(Atom("euler")) + gap if near else gap)
    middle = whole(place)
    demand(middle is None or middle > -inner, "the logarithm of a double pole is left out")
    if middle is None or 0 < middle < k:
        yield Term(Monomial.of({"u": -place}), gamma(place) * gamma(k - place) / gamma(Ratio.of(k)) / c)


def name_power_sum(context: Context) -> Iterable[Term]:
    """A named sum over modes, for lambda_k = k^(-b) and w_k^2 = k^(b-a), is the power sum below, on a wall if one is named."""
    _, power = take(context, "identity", "power-sum")
    wall = read_ratios(context.step.given.get("wall", {}))
    demand(wall.keys() <= {"a"} and not any("a" in x.names for x in wall.values()), "a wall gives a in terms of b")
    found = parse_ratio(power.given["s0"]), parse_ratio(power.given["c"]), power.given["upper"]
    s0 = _read_summand(context, power.given["order"]).substitute(wall)
    demand(found == (s0, Ratio.parameter("b"), ""), "another power sum is wanted")
    return terms_of(power)


def _read_summand(context: Context, order: int) -> Ratio:
    """s0 of the summand, which must be L^i A^j times the kernel (1 + x L)^(-n), with L = 1/lam = k^b and A = L/w2 = k^a."""
    given, lam, w2 = context.step.given, Ratio.parameter("lam"), Ratio.parameter("w2")
    value = sums_above(context)[given["symbol"]] * (1 + Ratio.parameter(given["scale"]) / lam) ** order
    i, j = given["powers"]["L"], given["powers"]["A"]
    demand(len(given["powers"]) == 2 and type(i) is type(j) is int, "powers of L and A are wanted")
    demand(value == lam ** -(i + j) * w2**-j, "the summand is another")
    s0: Ratio = -(Ratio.parameter("b") * i + Ratio.parameter("a") * j)
    return s0


def combine_series(context: Context) -> Iterable[Term]:
    """Series of the model, multiplied out with the expansions of their sums; each term has the name of its series."""
    model, *sums = take(context, "model", *["trace|power-sum"] * (len(context.premises) - 1))
    known, width = model.conclusion, {"v": Term(Monomial.of({"d": 1}), Constant.of(Ratio.parameter("rho")))}
    series = {n: parse_ratio(known["series"][n]) for n in context.step.given["series"]}
    tables = {_name_sum(p, known): [substitute(t, width) for t in terms_of(p)] for p in sums}
    names = {n for s in series.values() for n in s.names} - {"d", "u", "gamma"}
    demand(tables.keys() == names, "the sums are not those of the series")
    first = {p.given["outer"] for p in sums if p.rule == "power-sum" and p.given["order"] == 1}
    demand("K_pp" not in series or min(first) > 1, "the first pole beyond is analytic in the kernel: another is wanted")
    return [replace(t, name=n) for n, formula in series.items() for t in evaluate_formula(formula, tables)]


def _name_sum(step: Step, model: Mapping[str, Any]) -> str:
    """The symbol of a sum in the series of a model: T for the trace, else the letter of its weight with the order."""
    demand(all(step.given[n] == model[n] for n in ("c", "upper")), "the sum has another decay, or ends otherwise")
    if step.rule == "trace":
        return "T"
    (name,) = [n for n, weight in (("H", "0"), ("S", model["w"])) if weight == step.given["s0"]]
    return f"{name}{step.given['order']}"


def evaluate_formula(formula: Ratio, tables: Mapping[str, Sequence[Term]]) -> list[Term]:
    """A formula whose denominator is one product, in the terms of its symbols; other names are resources."""
    known = {n: [Term(Monomial.of({n: 1}))] for n in formula.names} | dict(tables)
    ((below, scale),) = formula.denominator.monomials().items()
    head = Term(UNIT, Constant(1 / scale))
    for name, power in below:
        (term,) = known[name]
        demand(not term.logs, f"{name} has no single leading term to divide by")
        head = head * term**-power
    total: list[Term] = []
    for powers, coefficient in formula.numerator.monomials().items():
        total += multiply(head * Term(UNIT, Constant(coefficient)), [known[n] for n, e in powers for _ in range(e)])
    return total


def multiply(head: Term, factors: Sequence[Sequence[Term]]) -> list[Term]:
    """The product of a term and several sums of terms."""
    result = [head]
    for terms in factors:
        result = list(merge_terms(a * b for a in result for b in terms))
    return result


def renew_forcing(context: Context) -> Iterable[Term]:
    """F/(1 - K) about the constant part of K, to first order in the rest, which comes through the kernel and has its name."""
    forcing, kernel = take(context, "combine", "combine")
    known = [*forcing.given["series"], *kernel.given["series"]] == ["F_ac", "F_pp", "K_pp"]
    demand(known and forcing.premises[0] == kernel.premises[0], "the forcing function and the kernel of a model are wanted")
    fixed = {"gamma": Term(UNIT, Constant.of(GAMMA))}
    gamma = {"resource": {}, "constant": fixed}[context.step.given["gamma"]]
    first, second = ([substitute(t, gamma) for t in terms_of(p)] for p in (forcing, kernel))
    small = [t for t in second if t.monomial.powers or t.logs]
    scale = Constant.of(1) - sum((t.constant for t in second if t not in small), Constant.of(0))
    return [*multiply(Term(UNIT, scale**-1), [first]), *multiply(Term(UNIT, scale**-2), [small, first])]


def transfer_to_time(context: Context) -> Iterable[Term]:
    """u^s -> theta^(-s-1)/Gamma(-s), and its logarithmic forms to leading order, term by term; what stands still is F_0."""
    (premise,) = take(context, "renew|combine")
    moved = [found for term in terms_of(premise) for found in _transfer_term(term)]
    return [t if any(m.exponent("theta") for m in (t.monomial, *dict(t.logs))) else replace(t, name="F_0") for t in moved]


def _transfer_term(term: Term) -> Iterator[Term]:
    """The terms in time that one term of the transform gives; none for an analytic one."""
    s, inverse = term.monomial.exponent("u"), Term(Monomial.of({"theta": -1}))
    moved = substitute(term, {"u": inverse}) * inverse
    n = whole(s)
    if n is None or n < 0:
        yield moved * Term(UNIT, Constant.of(1) / gamma(-s))
        return
    for argument, power in term.logs:
        slope = argument.exponent("u") * power * (factorial(n) * (-1) ** (n + 1))
        if slope:
            yield moved * Term(UNIT, Constant.of(slope), ((substitute(Term(argument), {"u": inverse}).monomial, Ratio.of(-1)),))


def find_first_order(context: Context) -> Iterator[Term]:
    """The first order in e = 1/P of the loss, or of its gap to the train loss, at equal times: gap and train part."""
    known = DEFINITIONS["corrections"][context.step.given["order"]]
    sums = check_below(context, known["below"], *["power-law"] * len(known["symbols"]))
    reading = [(p.given["symbol"], p.given["scale"], p.given.get("wall")) for p in sums]
    demand(reading == [(s, "D", reading[0][2]) for s in known["symbols"]], "the sums are read otherwise, or for another wall")
    tables = {p.given["symbol"]: terms_of(p) for p in sums}
    moved = ([m for t in tables[name] for m in _transfer_term(t)] for name in ("T0", "S0"))
    yield from (_convolve(one, two) for one, two in product(*moved))
    twice, train = Term(Monomial.of({"t": 1}), Constant.of(2)), evaluate_formula(parse_ratio(known["train"]), tables)
    yield from (substitute(m, {"theta": twice}) for t in train for m in _transfer_term(t))


def _convolve(fast: Term, slow: Term) -> Term:
    """Twice the convolution over (0, t) of two powers of time, of s and of 2 t - s, in the order 1/P."""
    p, q = fast.monomial.exponent("theta") + 1, -slow.monomial.exponent("theta")
    demand(p == 1 / Ratio.parameter("b") and not fast.logs and not slow.logs, "the first power must be integrable")
    constant = fast.constant * slow.constant * Constant.of(Atom("halfbeta", (p, q))) * 2
    return Term(Monomial.of({"P": -1, "t": p - q}), constant)


RULES: Final[Mapping[str, Rule]] = {
    "power-sum": expand_power_sum, "power-law": name_power_sum, "combine": combine_series, "renew": renew_forcing,
    "transfer": transfer_to_time, "corrections": find_first_order,
}
