"""What the claims on the four regimes say, and the sentences of the steps under them.

Not covered: the claims and steps of `statements`, `explain` and `law_statements`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from scaling_sym.algebra.constants import Constant
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_term
from scaling_sym.claims.steps import Step
from scaling_sym.export.law_statements import QUANTITIES, SIMILAR, show_equation, show_exact
from scaling_sym.export.prose import Block, Math, math, show, show_sum

Numbers = Mapping[str, int]
Stated = tuple[str, Math]


def state_growth(claim: Claim, _: Bundle) -> Stated:
    """The mean loss of the unstable flow, and its sign condition."""
    base, margin = (show_exact(claim.statement[k]) for k in ("base", "margin"))
    return "The mean loss of the unstable flow, with y = exp(2 T/D), and where it tends to zero:", Math(
        rf"\mathcal{{L}}=(\alpha-\tfrac12)\theta_0^2\left({base.latex}\right)^{{D}}\to 0\iff {margin.latex}>0",
        f"L = (α − 1/2) θ0² ({base.plain})^D → 0 iff {margin.plain} > 0")


def state_restricted(claim: Claim, _: Bundle) -> Stated:
    """The printed powers on a line of the plane."""
    latex, unicode = [], []
    for part in claim.statement["parts"]:
        left, plain = QUANTITIES[part["quantity"]][1:]
        constant = Constant.of(parse_ratio(part.get("constant", "1")))
        power = show(Term(Monomial.of({n: parse_ratio(e) for n, e in part["power"].items()}), constant))
        sign = ("=", "=") if "constant" in part else (r"\propto", "∝")
        where = ", ".join(f"{n} = {v}" for n, v in part["where"].items())
        times = "".join(f" {n}^{e}" for n, e in part.get("times", {}).items())
        shown = rf"{left}{times.replace(' ', '')}{sign[0]} {power.latex}"
        latex.append(shown + (rf"\ ({where})" if where else ""))
        unicode.append(f"{plain}{times} {sign[1]} {power.plain}" + (f" ({where})" if where else ""))
    return "Printed:", Math(r",\quad ".join(latex), ", ".join(unicode))


def state_variance(claim: Claim, _: Bundle) -> Stated:
    """L - L_inf of order one over the size."""
    (size,) = claim.statement["power"]
    return "With the other size fixed, printed:", Math(rf"\mathcal{{L}}-\mathcal{{L}}_{{\infty}}\propto {size}^{{-1}}",
                                                     f"L − L_∞ ∝ {size}^(−1)")


def state_exchange(_: Claim, __: Bundle) -> Stated:
    """Exchange of features and data."""
    return "Exchanging features and data maps one loss to the other, printed:", math(
        r"\mathcal{L}(N)\leftrightarrow\mathcal{L}(P)", "L(N) ↔ L(P)")


def state_distance(claim: Claim, _: Bundle) -> Stated:
    """The resolution-limited law."""
    said = claim.statement
    power = show(Monomial.of({"D": parse_ratio(said["power"]["D"])}))
    sign = ("=O", "= O") if said["bound"] else (r"\sim", "~")
    words = f"A loss of order {said['order']} in the error on a d-dimensional manifold, printed:"
    return words, Math(rf"\mathcal{{L}}(D){sign[0]}({power.latex})", f"L(D) {sign[1]}({power.plain})")


def state_eigenvalues(claim: Claim, _: Bundle) -> Stated:
    """Eigenvalues from smoothness and dimension."""
    power = show(Monomial.of({"n": parse_ratio(claim.statement["power"]["n"])}))
    return "For a kernel with t derivatives in d dimensions, printed:", Math(
        rf"\lambda_n\lesssim {power.latex},\quad \alpha_K\propto 1/d", f"λ_n ≲ {power.plain}, α_K ∝ 1/d")


def state_moment(claim: Claim, _: Bundle) -> Stated:
    """The law of a sample mean with another loss."""
    power = show(Monomial.of({"D": parse_ratio(claim.statement["power"]["D"])}))
    return "For a loss |θ|^(2α)/2 of a sample mean, printed:", Math(
        rf"\mathcal{{L}}\sim\frac{{\Gamma(\alpha+\frac12)}}{{2^{{1+\alpha}}\sqrt\pi}}\,{power.latex}",
        f"L ~ Γ(α + 1/2)/(2^(1+α) √π) {power.plain}")


def state_unstable(claim: Claim, _: Bundle) -> Stated:
    """The printed formula and condition."""
    base, condition = (show_exact(claim.statement[k]) for k in ("base", "condition"))
    return "The unstable flow, with y = exp(2 T/D), printed:", Math(
        rf"\mathcal{{L}}=(\alpha-\tfrac12)\theta_0^2\left({base.latex}\right)^{{D}}\to 0\iff {condition.latex}>0",
        f"L = (α − 1/2) θ0² ({base.plain})^D → 0 iff {condition.plain} > 0")


def state_recursion(claim: Claim, _: Bundle) -> Stated:
    """The Volterra equation of one-pass SGD."""
    factor, kernel = (show_exact(claim.statement[k]) for k in ("factor", "kernel"))
    return "Given the features, the mean loss of one-pass SGD obeys a Volterra equation with", Math(
        rf"p(u)={factor.latex},\qquad \mathcal{{K}}(r)=\int {kernel.latex}\,p(u)^{{r}}\,\mu_K(du)",
        f"p(u) = {factor.plain}, K(r) = ∫ {kernel.plain} p(u)^r μ_K(du)")


def state_measured(claim: Claim, _: Bundle) -> Stated:
    """A measured number."""
    said = claim.statement
    point = ", ".join(f"{n} = {x}" for n, x in sorted(said["at"].items()))
    return f"At {point} the loss exponent is predicted and measured as, printed:", math(
        rf"{said['predicted']},\ {said['measured']}", f"{said['predicted']}, {said['measured']}")


def state_slow(_: Claim, __: Bundle) -> Stated:
    """Slow approach near the walls."""
    return "Near the phase walls finite-size slopes approach their limit slowly, printed:", math(
        r"\text{rate}\to 0\ \text{at each wall}", "the rate of approach vanishes at each wall")


REGIME_STATEMENTS: Final[Mapping[str, Callable[[Claim, Bundle], Stated]]] = {
    "growth": state_growth, "printed-restricted": state_restricted, "printed-variance": state_variance,
    "printed-exchange": state_exchange, "printed-distance": state_distance, "printed-eigenvalues": state_eigenvalues,
    "printed-moment": state_moment, "printed-unstable": state_unstable, "recursion": state_recursion,
    "printed-volterra": state_recursion, "printed-measured": state_measured, "printed-slow": state_slow,
}


def _terms(step: Step, left: Math) -> Block:
    return show_sum(left, [decode_term(t) for t in step.conclusion["terms"]], None, SIMILAR)


def _explain_spacing(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("For D points uniform on the torus of d dimensions the distance to the nearest one has the moments",),
            _terms(step, math(r"\mathbb{E}\,r^{n}", "E r^n"))]


def _explain_direction(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("The nearest point lies in a uniform direction, independent of its distance; for a gradient of length 1",),
            _terms(step, math(r"\mathbb{E}|\epsilon|^{n}", "E|ε|^n"))]


def _explain_simplices(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("The Delaunay simplices of D uniform points are those whose circumscribed ball is empty; radius and directions are "
             "independent, and the squared volume, a determinant, is the weight of the directions. For second derivatives H with "
             "trace = tr H and square = tr H² the squared error is",), _terms(step, math(r"\mathbb{E}\,\epsilon^{2}", "E ε²"))]


def _explain_average(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("The moments of an average of x independent values are powers of 1/x; a Taylor expansion to fourth order, and the "
             "chain rule where one layer stands above another, give",), _terms(step, math(r"\mathbb{E}f-f(0)", "E f − f(0)"))]


def _explain_truncate(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("The modes left out change the three sums of kernel regression by their eigenvalues, by the squares of these, and "
             "by eigenvalue times task power (the task power itself cancels); summed over the tail, with the square of the "
             "first, these bound the change, up to constants:",),
            _terms(step, math(r"\mathcal{L}-\mathcal{L}_{\infty}", "L − L_∞"))]


def _explain_tail(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("By Euler-Maclaurin summation the sum over i > D is",),
            _terms(step, math(r"\textstyle\sum_{i>D}i^{-b}", "Σ_(i>D) i^(−b)"))]


def _explain_counting(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("A kernel on the torus with Fourier coefficients |k|^(-(d + t)) has, by counting lattice points, the eigenvalues",),
            _terms(step, math(r"\lambda_n", "λ_n"))]


def _explain_moment(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("The mean of D normal samples of variance s2 is normal, so that",),
            _terms(step, math(r"\tfrac12\mathbb{E}|m|^{2\alpha}", "E|m|^(2α)/2"))]


def _explain_unstable(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("The number of stable samples is binomial; its generating function gives the base of the D-th power, and 1 minus "
             "the base is (y - 1)/y times the margin:",),
            *(show_equation(f"{k} - ({step.conclusion[k]})") for k in ("base", "margin"))]


def _explain_volterra(step: Step, _: Numbers, __: Mapping[str, Step]) -> list[Block]:
    return [("By Isserlis' theorem a step of SGD multiplies the second moment in a mode of eigenvalue u by the factor, and adds "
             "the kernel times the loss:",), *(show_equation(f"{k} - ({step.conclusion[k]})") for k in ("factor", "kernel"))]


REGIME_RULES: Final[Mapping[str, Callable[[Step, Numbers, Mapping[str, Step]], list[Block]]]] = {
    "spacing": _explain_spacing, "tail": _explain_tail, "counting": _explain_counting, "moment": _explain_moment,
    "unstable": _explain_unstable, "volterra": _explain_volterra, "direction": _explain_direction,
    "simplices": _explain_simplices, "average": _explain_average, "truncate": _explain_truncate,
}
