"""What a claim on laws and equations says, and the sentences of the steps under it.

Symbols of the mean-field equations: R1, R3, C0 to C3 as in `models.dmft`; a prime marks the second frequency; D is the
derivative in time; sums over modes are explained where they occur.

Not covered: the claims and steps of `statements` and `explain`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_constant, decode_term
from scaling_sym.claims.steps import Step
from scaling_sym.claims.writing import find_step
from scaling_sym.export.prose import Block, Math, math, show, show_region, show_sum

Numbers = Mapping[str, int]
Stated = tuple[str, Math]
SIMILAR: Final = Math(r"\sim", "~")
QUANTITIES: Final[Mapping[str, tuple[str, str, str]]] = {  # words, symbol in LaTeX, symbol in plain text
    "time": ("With infinite size and data the loss falls with time as", r"\mathcal{L}(t)", "L(t)"),
    "model": ("At late times and with infinite data the loss falls with the size as", r"\mathcal{L}(N)", "L(N)"),
    "data": ("At late times and infinite size the loss falls with the data as", r"\mathcal{L}(P)", "L(P)"),
    "bias": ("At late times and with infinite data the bias falls with the size as", r"\mathcal{B}(N)", "B(N)"),
    "late": ("At late times, for P far below N, the loss is", r"\mathcal{L}(N,P)", "L(N,P)"),
    "correction/model": ("While 1 << t << N^b the first order in 1/N is", r"\Delta_{N}\mathcal{L}", "Δ_N L"),
    "correction/data": ("While 1 << t << P^b the first order in 1/P is", r"\Delta_{P}\mathcal{L}", "Δ_P L"),
    "gap": ("While 1 << t << P^b the gap between test and train loss is",
            r"\mathcal{L}-\hat{\mathcal{L}}", "L − L̂"),
    "early/response": ("At frequencies u far below one the sum in the response's first order is",
                       r"\textstyle\sum_{k}\lambda_{k}/(u+\lambda_{k})", "Σ_k λ_k/(u + λ_k)"),
    "compute/loss": ("For C = N t the compute-optimal loss is", r"\mathcal{L}_{\star}(C)", "L⋆(C)"),
    "compute/size": ("For C = N t the compute-optimal size is", r"N_{\star}(C)", "N⋆(C)"),
    "compute/steps": ("For C = N t the compute-optimal time is", r"t_{\star}(C)", "t⋆(C)"),
    "compute/asymmetry": ("At the compute-optimum for C = N t", r"t_{\star}", "t⋆"),
    "late/under": ("At late times, for N far below P, the loss is", r"\mathcal{L}(N,P)", "L(N,P)"),
    "compute-late/loss": ("For C = N P at late times the compute-optimal loss is", r"\mathcal{L}_{\star}(C)", "L⋆(C)"),
    "compute-late/size": ("For C = N P at late times the compute-optimal size is", r"N_{\star}(C)", "N⋆(C)"),
    "compute-late/data": ("For C = N P at late times the compute-optimal data is", r"P_{\star}(C)", "P⋆(C)"),
    "compute-wide/loss": ("For C = P t at infinite size the compute-optimal loss is", r"\mathcal{L}_{\star}(C)", "L⋆(C)"),
    "compute-wide/data": ("For C = P t at infinite size the compute-optimal data is", r"P_{\star}(C)", "P⋆(C)"),
    "compute-wide/steps": ("For C = P t at infinite size the compute-optimal time is", r"t_{\star}(C)", "t⋆(C)"),
    "compute-min/loss": ("For C = N min(P, t) the better way is to train until late times, or with all data, and the loss is",
                         r"\mathcal{L}_{\star}(C)", "L⋆(C)"),
    "kappa": ("At late times and infinite size the scale kappa falls with the data as", r"\kappa(P)", "κ(P)"),
    "share": ("At late times and infinite size the sum K2 grows with the data as", "K_{2}(P)", "K2(P)"),
    "distance": ("For D uniform random points the n-th power of the distance to the nearest has the mean",
                 r"\mathbb{E}\,r^{n}", "E r^n"),
    "tail": ("The tail of a power law is", r"\textstyle\sum_{i>D}i^{-b}", "Σ_(i>D) i^(−b)"),
    "eigenvalues": ("A kernel on the torus whose smoothness is exactly t has eigenvalues of order", r"\lambda_n", "λ_n"),
    "moment": ("Half the mean of |m|^(2 alpha) for the mean m of D normal samples of variance s2 is",
               r"\tfrac12\mathbb{E}|m|^{2\alpha}", "E|m|^(2α)/2"),
    "nearest": ("For D uniform random points and a target whose gradient has length 1 the error of the nearest neighbour has the "
                "n-th moment (exactly, with Gamma(D + 1)/Gamma(D + 1 + n/d) for the power of D)",
                r"\mathbb{E}|\epsilon|^{n}", "E|ε|^n"),
    "linear": ("For D uniform random points on the torus and constant second derivatives H, trace = tr H and square = tr H², the "
               "error of piecewise-linear interpolation has the mean square (exactly, with Gamma(D + 1)/Gamma(D + 1 + 4/d))",
               r"\mathbb{E}\,\epsilon^{2}", "E ε²"),
    "top": ("The loss of the N leading features at fixed data is that of all but for at most (and, unless the loss is stationary "
            "in the ridge, as for a = b without noise, not less than)", r"|\mathcal{L}-\mathcal{L}_{\infty}|", "|L − L_∞|"),
    "average": ("A smooth function of averages of x independent values (samples, or units of a layer) exceeds its limit, unless "
                "f2 is 0, by (f2 the second derivative, s2 the variance; in several dimensions the trace of their product)",
                r"\mathbb{E}f(m)-f(0)", "E f(m) − f(0)"),
    "average/depth": ("Of two layers with x units each, the lower one of variance r2 entering the upper one by g, a smooth "
                      "function exceeds its limit by", r"\mathbb{E}f-f(0)", "E f − f(0)"),
    "ridge/limited": ("With the ridge 1/q, for q^(1/b) far below N and P, the loss is", r"\mathcal{L}(N,P,q)", "L(N,P,q)"),
    "ridge/over": ("With the ridge 1/q, for P far below N and q^(1/b), the loss is that without ridge,",
                   r"\mathcal{L}(N,P,q)", "L(N,P,q)"),
    "ridge/under": ("With the ridge 1/q, for N far below P and q^(1/b), the loss is that without ridge,",
                    r"\mathcal{L}(N,P,q)", "L(N,P,q)"),
    "ridge/noise": ("With label noise of variance 1, the ridge 1/q and N = infinity, for q^(1/b) far below P, the loss less 1 is",
                    r"\mathcal{L}(P,q)", "L(P,q)"),
    "ridge/best/loss": ("With label noise, C samples and the best ridge the loss less the noise falls as",
                        r"\mathcal{L}_{\star}(C)", "L⋆(C)"),
    "ridge/best/ridge": ("With label noise and C samples the best ridge 1/q has", r"q_{\star}(C)", "q⋆(C)"),
    "aspect/over": ("Without ridge, at the fixed ratio N = (1 + x) P, the loss is", r"\mathcal{L}(P)", "L(P)"),
    "aspect/under": ("Without ridge, at the fixed ratio P = (1 + x) N, the loss is", r"\mathcal{L}(N)", "L(N)"),
    "sgd/time": ("One-pass SGD at infinite size falls with the steps as", r"\mathcal{L}(r)", "L(r)"),
    "sgd/size": ("One-pass SGD after many steps falls with the size as", r"\mathcal{L}(d)", "L(d)"),
}
_EXACT: Final = (("\\sigma_{2}", "\\sigma^{2}"), ("w_{2}", "w^{2}"), ("\\mathrm{lam}", "\\lambda"))
_PLAIN: Final = (("σ2", "σ²"), ("w2", "w²"), ("lam", "λ"))


def show_exact(text: str) -> Math:
    """A rational expression of the mean-field equations."""
    shown = show(parse_ratio(text))
    latex, unicode = shown.latex, shown.plain
    for old, new in _EXACT:
        latex = latex.replace(old, new)
    for old, new in _PLAIN:
        unicode = unicode.replace(old, new)
    return Math(latex, unicode)


def show_equation(text: str) -> Math:
    """An expression that vanishes; solved for the symbol that it begins with, where that stands alone."""
    value = parse_ratio(text)
    for name in ("R1", "R3", "C0", "C1", "C2", "C3", "bias", "L"):
        if value.denominator == 1 and value.derivative(name) == 1:
            left, right = show_exact(name), show_exact(str(Ratio.parameter(name) - value))
            return Math(f"{left.latex}={right.latex}", f"{left.plain} = {right.plain}")
    shown = show_exact(text)
    return Math(f"{shown.latex}=0", f"{shown.plain} = 0")


def _sums(sums: Mapping[str, str]) -> Math:
    parts = [(show_exact(n), show_exact(t)) for n, t in sorted(sums.items())]
    return Math(r",\quad ".join(rf"{n.latex}=\sum_{{k}}{t.latex}" for n, t in parts),
                ", ".join(f"{n.plain} = Σ_k {t.plain}" for n, t in parts))


def state_equation(claim: Claim, _: Bundle) -> Stated:
    """An equation with what its sums mean; in words to which order it holds, and what was set to what on the way."""
    said = claim.statement
    order = f", up to terms of the order e^{said['order']}" if said["order"] else ""
    where = "; ".join(", ".join(f"`{text}`" for text in one) for one in said["where"])
    under = f", derived under {where}" if where else ""
    return f"The equation `{said['name']}` of the mean-field model{order}{under}:", _with_sums(said["equation"], said["sums"])


def _with_sums(equation: str, sums: Mapping[str, str]) -> Math:
    shown = show_equation(equation)
    if not sums:
        return shown
    where = _sums(sums)
    return Math(rf"{shown.latex},\qquad {where.latex}", f"{shown.plain}, {where.plain}")


def state_law(claim: Claim, bundle: Bundle) -> Stated:
    """A law with its constant, or its order."""
    said = claim.statement
    words, latex, unicode = QUANTITIES[said["quantity"]]
    left = Math(latex, unicode)
    if "sign" in said:
        faster = said["sign"] > 0
        return f"{words} the steps grow {'faster' if faster else 'more slowly'} than the size:", Math(
            r"t_{\star}\gg N_{\star}" if faster else r"t_{\star}\ll N_{\star}", "t⋆ >> N⋆" if faster else "t⋆ << N⋆")
    if not said["power"]:  # several terms, which stand in the step
        terms = [decode_term(t) for t in find_step(bundle, claim.steps[0]).conclusion["terms"]]
        return f"{words}:", show_sum(left, terms, None, SIMILAR)
    power = Monomial.of({n: parse_ratio(e) for n, e in said["power"].items()})
    if said["constant"] is None:
        shown = show(power)
        return f"{words}:", Math(rf"{latex}\asymp {shown.latex}", f"{unicode} ≍ {shown.plain}")
    return f"{words}:", show_sum(left, [Term(power, decode_constant(said["constant"]))], None, SIMILAR)


def state_law_on_wall(claim: Claim, bundle: Bundle) -> Stated:
    """A law on a wall, with its logarithm."""
    from scaling_sym.export.laws_on_walls import read_wall_laws, show_place

    (law,) = (r for r in read_wall_laws(bundle) if r.claim == claim)
    words, latex, unicode = QUANTITIES[law.quantity]
    place, left = show_place(law).plain, Math(latex, unicode)
    if law.constant is None:
        shown = show(law.term)
        return f"Where {place}: {words}:", Math(rf"{latex}\asymp {shown.latex}", f"{unicode} ≍ {shown.plain}")
    return f"Where {place}: {words}:", show_sum(left, [law.term], None, SIMILAR)


def state_printed_law(claim: Claim, _: Bundle) -> Stated:
    """The printed powers, case by case."""
    latex, unicode = [], []
    for part in claim.statement["parts"]:
        left, plain = QUANTITIES[part["quantity"]][1:]
        for case in part["cases"]:
            one = _case(case, Math(left, plain))
            region = show_region(case["region"]) if case["region"] else None
            latex.append(one.latex + (rf"\ ({region.latex})" if region else ""))
            unicode.append(one.plain + (f" ({region.plain})" if region else ""))
    return "Printed:", Math(r",\quad ".join(latex), ", ".join(unicode))


def _case(case: Mapping[str, Any], left: Math) -> Math:
    if "sign" in case:
        return math(r"t_{\star}\gg N_{\star}", "t⋆ >> N⋆")
    if "depends" in case:
        return Math(rf"{left.latex}\asymp N^{{-c({case['depends']})}}", f"{left.plain} ≍ N^(−c), c depends on {case['depends']}")
    power = show(Monomial.of({n: parse_ratio(e) for n, e in case["power"].items()}))
    return Math(rf"{left.latex}\asymp {power.latex}", f"{left.plain} ≍ {power.plain}")


def state_printed_equation(claim: Claim, _: Bundle) -> Stated:
    """The printed equations."""
    shown = [_with_sums(p["equation"], p["sums"]) for p in claim.statement["equations"]]
    return "Printed:", Math(r";\quad ".join(m.latex for m in shown), "; ".join(m.plain for m in shown))


def state_printed_ensemble(_: Claim, __: Bundle) -> Stated:
    """One larger network against an ensemble."""
    return "At fixed compute one larger network is preferable to an ensemble, printed:", math(
        r"\mathcal{L}(EN)\le\mathcal{L}_{E}(N)", "L(E N) ≤ L_E(N)")


def state_printed_sgd(claim: Claim, _: Bundle) -> Stated:
    """What is said not to limit one-pass SGD."""
    if "plateau" in claim.statement:
        return "One-pass SGD has no plateau but that of the size, printed:", math(r"\mathcal{L}(r)\to 0\ (N=\infty)", "L(r) → 0")
    return "One-pass SGD has no data bottleneck, printed:", math(r"\mathcal{L}=\mathcal{L}(t,N)", "L = L(t, N)")


def state_printed_numbers(claim: Claim, _: Bundle) -> Stated:
    """Measured numbers."""
    said = claim.statement
    shown = f"b = {said['b']}, a - 1 = {said['tail']}, C^(-{said['predicted']})"
    return "Measured and predicted numbers, printed:", Math(rf"\text{{{shown.replace('^', ' to the power ')}}}", shown)


LAW_STATEMENTS: Final[Mapping[str, Callable[[Claim, Bundle], Stated]]] = {
    "equation": state_equation, "law": state_law, "law-on-wall": state_law_on_wall,
    "printed-law": state_printed_law, "printed-equation": state_printed_equation,
    "printed-ensemble": state_printed_ensemble, "printed-sgd": state_printed_sgd, "printed-numbers": state_printed_numbers,
}


def _refer(ids: Sequence[str], numbers: Numbers) -> str:
    known = [str(numbers[i]) for i in ids if i in numbers]
    return f"step{'s' if len(known) > 1 else ''} {', '.join(known)}" if known else "the model"


def _equations(step: Step) -> list[Block]:
    return [show_equation(t) for t in step.conclusion["equations"].values()]


def _explain_define(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    body = step.conclusion
    shown = [show_equation(t) for t in body["equations"].values()]
    return [(f"The definition of the model {body['model']}; each expression vanishes.",), *shown]


def _explain_total(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    words = f"Summed over modes with the fields of {_refer(step.premises, numbers)}, sources being independent:"
    sums: list[Block] = [_sums(step.given["sums"])] if step.given["sums"] else []
    return [(words,), *_equations(step), *sums]


def _explain_identity(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    given, sums = step.given, list[Block]([_sums(step.given["sums"])] if "sums" in step.given else [])
    words = f"From {_refer(step.premises, numbers)}, by exact algebra{' on each mode' if sums else ''}"
    settings = [*given.get("at", []), *([given["where"]] if "where" in given else [])]
    if settings:
        words += f", with {', then '.join('; '.join(f'{n} = {v}' for n, v in values.items()) for values in settings)}"
    if "modulo" in given:
        words += f", up to e^{given['modulo']}"
    return [(words + ":",), *_equations(step), *sums]


def _terms(step: Step, left: Math) -> Block:
    return show_sum(left, [decode_term(t) for t in step.conclusion["terms"]], None, SIMILAR)


def _explain_power_law(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    symbol, power = step.given["symbol"], _refer(step.premises, numbers)
    words = f"With power laws for spectrum and task the sum {symbol} is the power sum of {power}:"
    return [(words,), _terms(step, show_exact(symbol))]


def _rays(step: Step) -> str:
    return "; ".join(", ".join(f"{n} to the power {e}" for n, e in ray.items()) for ray in step.given["rays"])


def _explain_lead(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    region: list[Block] = [show_region(step.cell)] if step.cell else []
    return [(f"Of {_refer(step.premises, numbers)} these terms lead along the rays ({_rays(step)}), where",), *region,
            _terms(step, math(r"\mathrm{leading}", "leading"))]


def _explain_scale(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    (size,), source = step.conclusion["terms"][0]["monomial"], _refer(step.premises, numbers)
    words = "The ridge 1/q limits kappa" if size == "q" else f"The degrees of freedom are {size} to leading order"
    return [(f"{words} in the balance of {source}, along the rays ({_rays(step)}), so that",), _terms(step, math(r"\kappa", "κ"))]


def _explain_evaluate(step: Step, numbers: Numbers, lookup: Mapping[str, Step]) -> list[Block]:
    equation = show_equation(lookup[step.premises[0]].conclusion["equations"][step.given["equation"]])
    return [("In the equation",), equation, (f"the leading terms of {_refer(step.premises, numbers)} are put in, and what is "
            f"dominated along the rays ({_rays(step)}) is dropped, in the coefficient of the unknown and in the rest:",),
            _terms(step, show_exact(step.given["unknown"]))]


def _explain_corrections(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    both = step.given["order"] == "loss"
    train = " The train loss, a function of t + t', moves to time like a forcing function. Together:" if both else ""
    return [(f"By {_refer(step.premises, numbers)} the gap is twice a convolution over half of the time t + t'.{train}",),
            _terms(step, math(r"\Delta", "Δ"))]


def _explain_collect_flow(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    return [(f"In the resources N and t, with theta = 2 t, {_refer(step.premises, numbers)} give",),
            _terms(step, math(r"\mathcal{L}", "L"))]


def _explain_order(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    first, second = step.given["exponents"]
    word = {1: "faster than", -1: "more slowly than", 0: "as fast as"}[step.conclusion["sign"]]
    optimum = _refer(step.premises[:1], numbers)
    return [(f"At the optimum of {optimum} {first} grows {word} {second}, where",), show_region(step.cell)]


def _explain_join(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    return [(f"The leading terms of {_refer(step.premises, numbers)}, each in its cone, are together of the order of the loss in "
             "all cones (constants are left out):",), _terms(step, math(r"\mathcal{L}", "L"))]


def _explain_better(step: Step, numbers: Numbers, _: Mapping[str, Step]) -> list[Block]:
    solved = ", ".join(f"{n} = {x}" for n, x in sorted(step.given["substitution"].items()))
    region: list[Block] = [show_region(step.cell)] if step.cell else []
    words = f"At {solved} the" if solved else "The"
    return [(f"{words} first of the two optima of {_refer(step.premises, numbers)} has the larger exponent, or they tie"
             + (", where" if region else "."),), *region]


LAW_RULES: Final[Mapping[str, Callable[[Step, Numbers, Mapping[str, Step]], list[Block]]]] = {
    "define": _explain_define, "total": _explain_total, "identity": _explain_identity,
    "power-law": _explain_power_law, "lead": _explain_lead, "scale": _explain_scale,
    "evaluate": _explain_evaluate, "corrections": _explain_corrections, "collect-flow": _explain_collect_flow,
    "order": _explain_order, "join": _explain_join, "join-exact": _explain_join, "better": _explain_better,
}
