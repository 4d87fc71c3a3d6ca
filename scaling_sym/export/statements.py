"""What a claim says, as one sentence with its formula: a function for each kind of claim.

Derived claims rest on steps; where the formula stands in a step (the terms, the prefactors), it is taken from there.
`state` gives the sentence, `formula` the formula alone; the region stands beside them and is not part of either.

Not covered: kinds that are not in `STATEMENTS` are shown by their exact form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constants import Atom, Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Point, Ratio
from scaling_sym.algebra.sampling import sample_cell
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant, decode_fraction, decode_term
from scaling_sym.claims.writing import find_step
from scaling_sym.export.latex import write_name
from scaling_sym.export.law_statements import LAW_STATEMENTS
from scaling_sym.export.plain import plain
from scaling_sym.export.plain import write_name as plain_name
from scaling_sym.export.prose import Math, Passage, math, show, show_region, show_sum
from scaling_sym.export.regime_statements import REGIME_STATEMENTS
from scaling_sym.export.rows import reading

Stated: TypeAlias = "tuple[str, Math]"

LOSS: Final = Math(r"\mathcal{P}_\star(f)", "P⋆(f)")
SIZE: Final = Math(r"d_\star(f)", "d⋆(f)")
APPROX: Final = Math(r"\asymp", "≍")
SIMILAR: Final = Math(r"\sim", "~")


def state(claim: Claim, bundle: Bundle) -> Passage:
    """The sentence of a claim; raises `BadInputError` where the claim cannot be read."""
    words, shown = _stated(claim, bundle)
    return (f"{words} ", shown) if words else (shown,)


def formula(claim: Claim, bundle: Bundle) -> Math:
    """The formula of a claim; raises `BadInputError` where the claim cannot be read."""
    return _stated(claim, bundle)[1]


def where_of(region: Any) -> Point | None:
    """A rational point of a region, at which the factors of its formulas are written positive."""
    cell = decode_cell(region)
    strict = Cell.of(s for s in cell.conditions if s.relation != "=")
    return next(iter(sample_cell(strict, strict.names)), None) if strict.conditions else None


def _stated(claim: Claim, bundle: Bundle) -> Stated:
    with reading(f"the bundle of {bundle.paper}"):
        return STATEMENTS.get(claim.kind, _state_exactly)(claim, bundle)


def _state_exactly(claim: Claim, _: Bundle) -> Stated:
    text = json.dumps(claim.statement, sort_keys=True, ensure_ascii=False)
    shown = text.replace("\\", "").replace("{", r"\{").replace("}", r"\}").replace("_", r"\_").replace("&", r"\&")
    shown = shown.replace("%", r"\%").replace("#", r"\#").replace("$", r"\$").replace("^", r"\^{}").replace("~", r"\~{}")
    return "It is claimed:", Math(rf"\text{{{shown}}}", text)


def _conclusion(claim: Claim, bundle: Bundle) -> Any:
    return find_step(bundle, claim.steps[0]).conclusion


def _piece(name: str) -> Math:
    return Math(write_name(name), plain_name(name))


def _state_piece(claim: Claim, bundle: Bundle) -> Stated:
    terms = [decode_term(t) for t in _conclusion(claim, bundle)["terms"]]
    return (f"The piece {claim.statement['piece']} alone, to leading order in its window:",
            show_sum(_piece(claim.statement["piece"]), terms, where_of(claim.region), SIMILAR))


def _state_infinite(claim: Claim, bundle: Bundle) -> Stated:
    terms = [decode_term(t) for t in _conclusion(claim, bundle)["terms"]]
    return ("For features of infinite width, v = infinity, the leading terms of the loss have the same powers:",
            show_sum(math(r"\mathcal{P}", "P"), terms, where_of(claim.region), SIMILAR))


def _state_terms(claim: Claim, bundle: Bundle) -> Stated:
    terms = [decode_term(t) for t in _conclusion(claim, bundle)["terms"]]
    return "The leading terms of the loss:", show_sum(math(r"\mathcal{P}", "P"), terms, where_of(claim.region), SIMILAR)


def power_law(quantity: str, exponent: Ratio, where: Point | None) -> Math:
    """The law of the loss or of the size, with its exponent beside it."""
    shown = show(exponent, where)
    if quantity == "loss":
        law = Math(rf"{LOSS.latex}\asymp f^{{-\eta}},\quad \eta=", f"{LOSS.plain} ≍ f^(−η), η = ")
    else:
        law = Math(rf"{SIZE.latex}\asymp f^{{\xi}},\quad \xi=", f"{SIZE.plain} ≍ f^ξ, ξ = ")
    return Math(law.latex + shown.latex, law.plain + shown.plain)


def _state_phase(claim: Claim, _: Bundle) -> Stated:
    said = claim.statement
    if said["exponent"] is None:
        return f"The {said['quantity']} at the optimum follows no power law:", math(r"\eta=0", "η = 0")
    words = f"In phase {said['phase']} the compute-optimal {said['quantity']} is"
    return words, power_law(said["quantity"], parse_ratio(said["exponent"]), where_of(claim.region))


def _state_prefactor(claim: Claim, bundle: Bundle) -> Stated:
    found, point = _conclusion(claim, bundle), where_of(claim.region)
    if found["loss"] is None:
        return "Leading constants do not determine the prefactor:", math(r"r\asymp d^{2\alpha}/\gamma", "r ≍ d^(2α)/γ")
    loss, size = (show(decode_constant(found[k]), point) for k in ("loss", "size"))
    return ("The prefactors of loss and size are",
            Math(rf"\begin{{aligned}}f^{{\eta}}{LOSS.latex}&\to {loss.latex},\\ f^{{-\xi}}{SIZE.latex}&\to {size.latex}"
                 r"\end{aligned}", f"f^η {LOSS.plain} → {loss.plain}, f^(−ξ) {SIZE.plain} → {size.plain}"))


def _state_cover(claim: Claim, _: Bundle) -> Stated:
    names = ", ".join(claim.statement["phases"])
    return "These phases are disjoint and fill the domain up to walls:", Math(rf"\text{{{names}}}", names)


def _state_wall(claim: Claim, _: Bundle) -> Stated:
    said = claim.statement
    wall = show(Cell.parse([f"{said['polynomial']} = 0"]))
    words = f"On the wall between {' and '.join(said['phases'])}"
    if said["log_loss"] is None:
        return f"{words} the logarithms are {said['note']}:", wall
    point = where_of(claim.region)
    loss, size = (show(parse_ratio(said[k]), point) for k in ("log_loss", "log_size"))
    laws = Math(
        rf"{wall.latex}:\quad {LOSS.latex}\asymp f^{{-\eta}}(\log f)^{{a}},\ {SIZE.latex}\asymp f^{{\xi}}(\log f)^{{b}},"
        rf"\quad a={loss.latex},\ b={size.latex}",
        f"{wall.plain}: {LOSS.plain} ≍ f^(−η) (log f)^a, {SIZE.plain} ≍ f^ξ (log f)^b, a = {loss.plain}, b = {size.plain}",
    )
    return f"{words} the law carries logarithms:", laws


def _state_corner(claim: Claim, _: Bundle) -> Stated:
    said = claim.statement
    point = ", ".join(f"{n} = {x}" for n, x in sorted(said["point"].items()))
    loss, size = (show(decode_fraction(said[k])) for k in ("loss", "size"))
    logs = "" if said["log_loss"] is None else f", with (log f)^({said['log_loss']}) in the loss"
    words = f"At {point}, where {', '.join(said['phases'])} meet{logs or '; logarithms are ' + str(said['note'])}:"
    return words, Math(rf"\eta={loss.latex},\ \xi={size.latex}", f"η = {loss.plain}, ξ = {size.plain}")


def _state_printed_floor(claim: Claim, _: Bundle) -> Stated:
    parts = [(show(Monomial.of({"d": parse_ratio(o["exponent"])})), show_region(o["region"]))
             for o in claim.statement["order"]]
    return "The floor, printed:", Math(
        r"F_0=\sum_j\frac{j^{-2\alpha-2\beta}}{1+j^{-2\alpha}d^{2\alpha}\kappa},\quad F_0\asymp "
        + r"\ \text{or}\ ".join(rf"{m.latex}\ ({r.latex})" for m, r in parts),
        "F_0 = Σ_j j^(−2α−2β)/(1+j^(−2α) d^(2α) κ), F_0 ≍ " + " or ".join(f"{m.plain} ({r.plain})" for m, r in parts),
    )


def _state_printed_piece(claim: Claim, _: Bundle) -> Stated:
    said = claim.statement
    total = Constant()
    for head, argument in said["factors"]:
        value = parse_ratio(argument)
        total = total * (Constant.of(value) if head == "polynomial" else Constant.of(Atom(head, (value,))))
    term = Term(Monomial.of({n: parse_ratio(e) for n, e in said["power"].items()}), total)
    return f"The piece {said['piece']}, printed:", show_sum(_piece(said["piece"]), [term], None, SIMILAR)


def _state_printed_sum(_: Claim, __: Bundle) -> Stated:
    return "The loss up to constants, printed:", math(
        r"\mathcal{P}(r)\asymp F_{pp}+F_{ac}+F_0+\frac{1}{\gamma B}K_{pp}", "P(r) ≍ F_pp + F_ac + F_0 + K_pp/(γB)"
    )


def _state_printed_stability(claim: Claim, _: Bundle) -> Stated:
    rates = claim.statement["learning_rate"]
    shown = [(show(Monomial.of({"d": parse_ratio(o["exponent"])})), o["log"], show_region(o["region"])) for o in rates]
    latex = r",\ ".join(rf"\gamma\asymp {m.latex}{_log(log)}\ ({r.latex})" for m, log, r in shown)
    unicode = ", ".join(f"γ ≍ {m.plain}{_log(log, True)} ({r.plain})" for m, log, r in shown)
    return "The stable learning rates, printed:", Math(latex, unicode)


def _log(power: str, unicode: bool = False) -> str:
    if power == "0":
        return ""
    return f" (log d)^({power})" if unicode else rf"(\log d)^{{{power}}}"


def _state_printed_row(claim: Claim, _: Bundle) -> Stated:
    said, point = claim.statement, where_of(claim.region)
    loss, size = (show(parse_ratio(said[k]), point) for k in ("loss", "size"))
    return (f"The row {said['name']} of the phase table, trade-off {' = '.join(said['tradeoff'])}, printed:",
            Math(rf"\eta={loss.latex},\quad \xi={size.latex}", f"η = {loss.plain}, ξ = {size.plain}"))


def _state_printed_universal(claim: Claim, _: Bundle) -> Stated:
    said = claim.statement
    size = plain(parse_ratio(said["size"]))
    return (f"The size exponent is the same in {', '.join(said['phases'])}, printed:",
            Math(rf"d_\star\asymp f^{{{size}}}", f"d⋆ ≍ f^({size})"))


STATEMENTS: Final[Mapping[str, Callable[[Claim, Bundle], Stated]]] = {
    "piece": _state_piece, "terms": _state_terms, "terms-infinite": _state_infinite, "phase": _state_phase,
    "prefactor": _state_prefactor, "cover": _state_cover, "wall": _state_wall, "corner": _state_corner,
    "printed-floor": _state_printed_floor, "printed-piece": _state_printed_piece, "printed-sum": _state_printed_sum,
    "printed-stability": _state_printed_stability, "printed-row": _state_printed_row,
    "printed-universal": _state_printed_universal, **LAW_STATEMENTS, **REGIME_STATEMENTS,
}
