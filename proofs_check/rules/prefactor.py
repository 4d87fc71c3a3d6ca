"""Rule `prefactor`: the constants of the compute-optimal loss and size, or that leading constants do not determine them.

The optimum lies strictly inside the window 0 < log theta < c log d of its two terms (then minimising A d^a r^b + C d^e r^g under
f = B d r is elementary), or exactly on its edge (then there is no prefactor to state).

Checked: on which side, by sign proofs; stationarity and the value, recomputed from the terms.
"""

from __future__ import annotations

from proofs_check.framework import Context, demand, prove_sign, terms_of
from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Term
from scaling_sym.claims.codec import decode_constant, decode_monomial, decode_ratio


def check(context: Context) -> None:
    """Verify the place of the optimum, then the constants."""
    body, proof, cell = context.step.conclusion, context.step.certificate, context.cell
    optimum, terms_step, rate_step, window = context.premises
    made = [context.origin(p) for p in context.premises]
    demand(made == ["optimum", "collect", "learning-rate", "absorb"], "optimum, terms, learning rate and window are wanted")
    demand(window.cell == terms_step.cell, "the window is for another cell")
    above = {s.id for s in context.ancestors("learning-rate", terms_step)}
    rates = {rate_step.id} if rate_step.rule == "learning-rate" else set(rate_step.premises)
    demand(rates == above, "the learning rate is not that of the terms")
    demand(optimum.cell == context.step.cell, "the optimum is for another cell")
    demand(context.step.given == {"size": "d", "steps": "r", "batch": "B", "edge": "2*alpha"}, "other data are wanted")
    demand(terms_step.id in optimum.premises, "the terms are not those of the optimum")
    (rate,) = terms_of(rate_step)
    demand(rate_step.cell == terms_step.cell, "the learning rate is for another cell")
    sizes = {n: decode_ratio(x) for n, x in optimum.conclusion["sizes"].items()}
    time = sizes["r"] + rate.monomial.exponent("d") * sizes["d"]
    gap = decode_ratio(context.model()["eigenvalue"]) * sizes["d"] - time
    demand(prove_sign(time, cell, proof["time"], "log theta") > 0, "theta must grow")
    inside = prove_sign(gap, cell, proof["gap"], "the edge of the window")
    demand(inside >= 0, "the optimum lies beyond the window")
    if inside == 0:
        demand(body == {"loss": None, "size": None}, "at the edge leading constants determine no prefactor")
        return
    tied = [t for x in optimum.conclusion["tradeoff"] for t in terms_of(terms_step)
            if t.name == x["name"] and t.monomial == decode_monomial(x["monomial"])]
    demand(len(tied) == 2, "two terms are wanted")
    loss, size = decode_constant(body["loss"]), decode_constant(body["size"])
    expected = constants(*tied)
    for what, found, wanted in (("loss", loss, expected[0]), ("size", size, expected[1])):
        demand(positive_form(found) == positive_form(wanted), f"the prefactor of the {what} is another")


def constants(first: Term, second: Term) -> tuple[Constant, Constant]:
    """loss and size prefactors of the minimum of two terms under f = B d r."""
    b, g = (t.monomial.exponent("r") for t in (first, second))
    m, n = first.monomial.exponent("d") - b, second.monomial.exponent("d") - g
    batch = Constant.of(Ratio.parameter("B"))
    balance = second.constant * (-n) / (first.constant * m)
    ratio = (g - b) / (m - n)
    size = balance ** (1 / (m - n)) * batch ** (-ratio)
    loss = first.constant * balance ** (m / (m - n)) * Constant.of(1 - m / n) * batch ** (-m * ratio - b)
    return loss, size


def positive_form(constant: Constant) -> list[tuple[str, Ratio]]:
    """The factors with their exponents, polynomials up to sign: two positive constants with equal forms are equal."""
    table: dict[str, Ratio] = {}
    for atom, exponent in constant.canonical().factors:
        p = atom.arguments[0] if atom.head == "polynomial" else None
        if isinstance(p, Ratio):
            content, factors = p.factors()
            for q, e in factors:
                table[str(q)] = table.get(str(q), Ratio.of(0)) + exponent * e
            _add_number(table, abs(content), exponent)
        else:
            table[str(atom)] = table.get(str(atom), Ratio.of(0)) + exponent
    _add_number(table, abs(constant.canonical().coefficient), Ratio.of(1))
    return sorted((k, e) for k, e in table.items() if e)


def _add_number(table: dict[str, Ratio], number: object, exponent: Ratio) -> None:
    """Split a positive rational into primes, so that 4**x and 2**(2x) agree."""
    from flint import fmpz

    value = Ratio.of(number).constant()  # type: ignore[arg-type]
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, power in fmpz(part).factor():
            key = f"prime {prime}"
            table[key] = table.get(key, Ratio.of(0)) + exponent * (int(power) * sign)
