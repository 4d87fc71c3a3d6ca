"""The window 1 << theta << d^c: learning rate, floor, leading terms, the loss in its resources; and gluing of cells.

Trusted: the balance at z -> 0 (Riemann sum of mesh 1/d) that gives the floor. See docs/checker.md, rule by rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from proofs_check.framework import (
    Context, Rule, check_dropped, check_tree, concludes, demand, drop_terms, prove_sign, same_terms, terms_of, tie,
)
from proofs_check.rules.expansions import GAMMA, check_width, constant_part
from scaling_sym.algebra.constants import ONE, Atom, Constant, zeta
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term, merge_logs
from scaling_sym.claims.bundle import Step
from scaling_sym.claims.codec import decode_cell

# What each piece is the transform of: a series of the model, and the order of the renewal equation, where there is one.
RENEWED: Final = {"F_pp": ("forcing-0", 0), "F_ac": ("forcing-1", 0), "K_pp": ("forcing", 1)}
ALONE: Final = {"F_pp": ("forcing-0", None), "F_ac": ("forcing-1", None), "K_pp": ("kernel", None)}
TIMES: Final = {
    "collect": {"time": "theta", "steps": "r", "batch": "B", "rate": "gamma"},
    "collect-flow": {"time": "theta", "steps": "t", "size": "N"},
}
GLUED: Final = frozenset({"absorb", "floor", "learning-rate", "collect", "collect-flow", "lead"})


def check_learning_rate(context: Context) -> None:
    """Gamma times the leading term of the trace, as v -> infinity, is 2 s."""
    given, proofs = context.step.given, context.step.certificate
    demand(given["fraction"] == "s", "s is the fraction of the limit")
    check_width(context, given["ratio"])
    (leading,) = drop_terms(terms_of(context.premise("trace")), proofs)
    check_dropped(proofs, [leading], [{"v": Ratio.of(1)}], context.cell)
    (rate,) = context.terms
    half = tie(leading, "v", "d", Ratio.parameter("rho")) * rate
    same_terms([half], [Term(Monomial(), Constant.of(Ratio.parameter("s") * 2))], "gamma times half the trace")


@concludes
def find_floor(context: Context) -> Iterable[Term]:
    """The loss for theta -> infinity, from the balance at z -> 0, over 1 - K(0) where there is a kernel."""
    model, given, proof = context.premise("model").conclusion, context.step.given, context.step.certificate
    c, s0, rho = (parse_ratio(x) for x in (model["eigenvalue"], model["sums"]["B"]["weight"], given["ratio"]))
    if given["ratio"] == "rho":
        demand(proof["converges"] is None, "a finite sum converges")
    else:
        demand(given["ratio"] == "0", "the ratio v/d is rho, and 0 stands for infinity")
        demand(prove_sign(c - 1, context.cell, proof["converges"], "the sums converge") > 0, "the sums diverge")
    norm = Constant(Fraction(0))
    if model["model"] == "flow":
        demand(prove_sign(s0 + c - 1, context.cell, proof["finite"], "the loss is finite") > 0, "the loss is infinite")
    else:
        norm = _find_norm(context)
    kappa, beyond = Constant.of(Atom("kappa", (c, rho))), Constant.of(1) - norm
    sign = prove_sign(s0 - 1, context.cell, proof["difference"], "the weight against 1")
    if sign > 0:
        return [Term(Monomial.of({"d": -c}), zeta(s0) / kappa / beyond, name="F_0")]
    if sign == 0:
        return [Term(Monomial.of({"d": -c}), ONE / kappa / beyond, ((Monomial.of({"d": 1}), Ratio.of(1)),), name="F_0")]
    return [Term(Monomial.of({"d": 1 - s0 - c}), Constant.of(Atom("scaled", (s0, c, rho))) / beyond, name="F_0")]


def _find_norm(context: Context) -> Constant:
    """K(0) of the renewal equation: s, or the constant part of K where gamma is a constant."""
    given, kernel, rates = context.step.given, context.premise("combine"), context.premise("learning-rate")
    check_width(context, given["ratio"])
    moving = _is_moving(rates)
    demand(given["fraction"] == "s" and rates.cell == context.step.cell, "the learning rate is for another cell")
    meant = ("kernel", "resource" if moving else "constant")
    demand((kernel.given["series"], kernel.given["gamma"]) == meant, "the kernel for this learning rate is wanted")
    return Constant.of(Ratio.parameter("s")) if moving else constant_part(kernel)


def _is_moving(rates: Step) -> bool:
    (rate,) = terms_of(rates)
    return bool(rate.monomial.powers or rate.logs)


def check_window(context: Context) -> None:
    """The terms that lead for 0 <= log theta <= c log d, with gamma's rate, and a proof for each one dropped."""
    given, proofs, model = context.step.given, context.step.certificate, context.model()
    moved = [p for p in context.premises if p.rule == "transfer"]
    rates = [p for p in context.premises if p.rule == "learning-rate"]
    demand(len(rates) <= 1 and all(p.cell == context.step.cell for p in rates), "the learning rate is for another cell")
    _check_names(context, moved, bool(rates), model["model"] == "flow")
    candidates = [_name_term(t, n) for p, n in zip(moved, given["names"], strict=True) for t in terms_of(p)]
    if rates:
        gamma = terms_of(rates[0])[0].monomial.exponent("d")
    else:
        gamma = Ratio.of(0)
        demand(len({t.monomial.exponent("gamma") for t in candidates}) == 1, "without a learning rate gamma must factor")
    edges = (Ratio.of(0), parse_ratio(model["eigenvalue"]))
    rays = [{"d": Ratio.of(1), "theta": edge, "gamma": gamma} for edge in edges]
    found = [{k: parse_ratio(x) for k, x in ray.items()} for ray in given["rays"]]
    demand(found == rays, "the rays are not those of the window")
    same_terms(context.terms, drop_terms(candidates, proofs), "the leading terms", names=True)
    check_dropped(proofs, context.terms, rays, context.cell)


def _check_names(context: Context, moved: Sequence[Step], renewed: bool, flow: bool) -> None:
    """The names fit the origins, and stand in order; SGD has three, gradient flow two, and a piece alone is one."""
    names, origins = context.step.given["names"], []
    for step in moved:
        (source,) = (context.lookup[p] for p in step.premises)
        series = context.lookup[source.premises[0]] if source.rule == "renew" else source
        origins.append((series.given["series"], source.given.get("order")))
    demand(origins == [(RENEWED if renewed else ALONE)[n] for n in names], "the names do not fit the origins")
    complete = list(RENEWED) if renewed else ["F_pp", "F_ac"] if flow else names[:1]
    demand(names == complete, "the loss of SGD needs its learning rate, and all its pieces")


def _name_term(term: Term, name: str) -> Term:
    still = not term.monomial.exponent("theta") and all(not m.exponent("theta") for m, _ in term.logs)
    return Term(term.monomial, term.constant, term.logs, term.cell, "F_0" if still else name)


def _collect(context: Context, move: Callable[[Term], Term]) -> list[Term]:
    """The terms of the window, moved, and the floor beside them unless a term that stands still is there already."""
    window, floor = context.premise("absorb"), context.premise("floor")
    demand(all(p.cell == context.step.cell for p in context.premises), "a premise is for another cell")
    demand(context.step.given == TIMES[context.step.rule], "other resources are wanted")
    inside, (below,) = [move(t) for t in terms_of(window)], map(move, terms_of(floor))
    still = [t for t in inside if t.name == "F_0"]
    demand(all(t.monomial == below.monomial for t in still), "two floors differ")
    return inside if still else [*inside, below]


@concludes
def collect_loss(context: Context) -> Iterable[Term]:
    """The terms of the loss of SGD in d and r, with theta = 2 gamma B r."""
    (rate,) = terms_of(context.premise("learning-rate"))
    return _collect(context, lambda term: substitute_time(term, rate))


def substitute_time(term: Term, rate: Term) -> Term:
    """theta -> 2 gamma B r; gamma -> its term in d where it moves, a constant where it does not."""
    moving = bool(rate.monomial.powers or rate.logs)
    e = term.monomial.exponent("theta")
    moved = term.replace({"theta": Monomial.of({"r": 1, "gamma": 1} if moving else {"r": 1})})
    g = moved.monomial.exponent("gamma")
    constant = moved.constant * Constant.of(Ratio.parameter("B") * 2) ** e
    constant = constant * (rate.constant**g if moving else Constant.of(GAMMA) ** e)
    logs = merge_logs([*moved.logs, *((m, k * g) for m, k in rate.logs if g)])
    return Term(moved.monomial.replace({"gamma": rate.monomial}), constant, logs, term.cell, term.name)


@concludes
def collect_flow(context: Context) -> Iterable[Term]:
    """The terms of the loss of gradient flow in N and t: the forcing function on the diagonal, theta = 2 t, d = N."""
    demand(context.model()["model"] == "flow" and len(context.premises) == 2, "the model is gradient flow")
    return _collect(context, _double_time)


def _double_time(term: Term) -> Term:
    moved = term.replace({"theta": Monomial.of({"t": 1}), "d": Monomial.of({"N": 1})})
    constant = moved.constant * Constant.of(2) ** term.monomial.exponent("theta")
    return Term(moved.monomial, constant, moved.logs, term.cell, term.name)


def glue_cells(context: Context) -> None:
    """The same conclusion on several cells holds on a cell that they cover, up to zero sets of polynomials."""
    rules = {p.rule for p in context.premises}
    demand(len(rules) == 1 and rules <= GLUED, "one kind of step is glued")
    for premise in context.premises:
        same_terms(context.terms, terms_of(premise), "the pieces that are glued", names=True)
    check_tree(context.step.certificate, context.cell, [decode_cell(p.cell) for p in context.premises], "the cover")


RULES: Final[Mapping[str, Rule]] = {
    "learning-rate": check_learning_rate, "floor": find_floor, "absorb": check_window, "collect": collect_loss,
    "collect-flow": collect_flow, "glue": glue_cells,
}
