"""The table of traps: a case that must be refused or split, its nearest neighbour that must succeed, and who says so.

`trap` raises `outcome` where that is an exception, and returns it otherwise (`SPLIT`, `None` for no decision, `()` for no
term). `neighbour` returns `expected`: an exact value, or a pair of a number and a tolerance. `source` is where the expected
answer comes from; it is never our own output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any, Final

import mpmath
import numpy as np
from flint import acb

from proofs_check.enclosures import enclose_power_sum
from proofs_check.framework import RefusedError
from proofs_check.rules.regions import BETWEEN
from proofs_check.signs import check_tree, prove_all, prove_empty, prove_sign
from scaling_sym.algebra.cells import Cell, Sign
from scaling_sym.algebra.constant_values import evaluate as evaluate_constant
from scaling_sym.algebra.constants import Atom, Constant, gamma, zeta
from scaling_sym.algebra.grammar import parse_ratio as read
from scaling_sym.algebra.growth import Growth
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.signs import Order, certify_empty, certify_positive, compare_exponents, sign_on_cell
from scaling_sym.algebra.terms import Monomial, Term
from scaling_sym.algebra.values import parse_number
from scaling_sym.asymptotics.model_file import loss_model
from scaling_sym.asymptotics.phases import find_phases
from scaling_sym.asymptotics.power_sums import Kernel, PowerSum, expand_small, expand_trace
from scaling_sym.asymptotics.transfer import transfer_term
from scaling_sym.claims.bundle import read_json
from scaling_sym.claims.encoding import encode
from scaling_sym.errors import BadInputError, OutsideDomainError, PrecisionError, UndecidedError
from scaling_sym.numerics import dmft, frontier, plrf, resolvent
from scaling_sym.numerics.ball_sums import enclose_power_sums
from scaling_sym.numerics.plrf_model import PlrfModel, trace
from tests.asymptotics.test_power_sums import evaluate
from tests.peers.power_sums import add_up

HIGH: Final = mpmath.MPContext()
HIGH.dps = 40
HALF: Final = Fraction(1, 2)


@dataclass(frozen=True)
class Case:
    """A trap beside its neighbour."""

    name: str
    topic: str
    trap: Callable[[], object]
    outcome: Any
    neighbour: Callable[[], object]
    expected: Any
    source: str


def cell(*texts: str) -> Cell:
    return Cell.parse(texts)


def order(left: str, right: str, *texts: str) -> Order:
    return compare_exponents(read(left), read(right), cell(*texts), ("a", "b")).order


def phase_order(left: str, right: str, *texts: str) -> Order:
    return compare_exponents(read(left), read(right), cell(*texts), ("alpha", "beta")).order


def value(constant: Constant, point: Mapping[str, Fraction] | None = None) -> float:
    return float(evaluate_constant(constant, dict(point or {})).mid())


def power(**exponents: str) -> Monomial:
    return Monomial.of({n: read(e) for n, e in exponents.items()})


def dominance(left: Monomial, right: Monomial, *rays: dict[str, str]) -> Order | None:
    growth = Growth(tuple({n: read(x) for n, x in ray.items()} for ray in rays))
    return growth.compare(Term(left), Term(right), cell("a > 0"), ("a",))


def small_sum(s0: str, c: str, order: int, x: str, upper: str = "", **point: Fraction) -> float:
    """Our expansion, added up at a point; three terms of every family."""
    found = expand_small(PowerSum(read(s0), read(c), Kernel("rational", order), "x", "v" if upper else ""), 3, 3, 3)
    return float(evaluate(found.terms, {"x": x, **({"v": upper} if upper else {})}, point))  # type: ignore[arg-type]


def peer_sum(s0: str, c: str, order: int, x: str) -> float:
    return float(add_up(s0, c, lambda y: (1 + y) ** -order, x))  # type: ignore[operator, arg-type]


def budgeted(domain: list[str], cost: str = "N*D", **terms: str) -> str:
    [phase] = find_phases(loss_model(terms=terms, resources=["N", "D"], budget=cost, domain=domain)).phases
    return str(phase.vertex.loss)


def transferred(exponent: str, at: str = "4") -> float:
    """The value at theta = `at` of the inverse transform of u to a power."""
    (term,) = transfer_term(Term(power(u=exponent)))
    return float(evaluate((term,), {"theta": at}, {}))  # type: ignore[arg-type]


def weights(*pairs: tuple[list[int], str]) -> Any:
    return [list(p) for p in pairs]


def positive(polynomial: str, region: Cell, *pairs: tuple[list[int], str]) -> str:
    return {1: "proved"}.get(prove_sign(read(polynomial), region, [[weights(*pairs)], []], "a trap"), "refuted")


def empty(region: Cell, *pairs: tuple[list[int], str]) -> str:
    prove_empty(region, weights(*pairs), "a trap")
    return "proved"


def tree(split: str, *phases: int) -> str:
    """The decision tree `split ? phase : phase` over the line, for the cells x > 0 and x < 0."""
    cells = [cell("x > 0"), cell("x < 0")]
    leaves = [{"phase": p, "weights": [[[[[[1], "1"]]], []]]} for p in phases]
    check_tree([split, *leaves], Cell(), cells, "a trap")
    return "covered"


def touches(polynomial: str) -> bool:
    """Whether no certificate says that a polynomial has one sign for t from 0 to 1."""
    found = read(polynomial)
    return certify_positive(found, BETWEEN) is None and certify_positive(-found, BETWEEN) is None


def model(alpha: str, beta: str, d: int, rate: str = "1/100", **more: Any) -> PlrfModel:
    return PlrfModel.of(Fraction(alpha), Fraction(beta), d, gamma=Fraction(rate), **more)


def flow(rtol: float, time: float = 10.0, **more: Any) -> float:
    """The test loss of gradient flow for one mode, data and features without end: e^(-2t) if the mode has power 1."""
    one = dmft.DmftModel(a=2.0, b=2.0, N=inf, P=inf, modes=1, **more)
    return float(dmft.loss_curve(one, [time], rtol=rtol).test[0])


def first_step() -> float:
    """P(0) of the random-feature model with v = 2d modes: sum of j^(-2 alpha - 2 beta)."""
    return float(plrf.loss_curve(model("4/5", "11/10", 3, v=6), [0]).loss[0])


def resolvent_far(z: float) -> float:
    """m(z) far outside the spectrum, where m = 1 + Tr D/(d z) + O(z^-2)."""
    return float(resolvent.resolvent(np.array([z]), Fraction(4, 5), 10.0, 40.0).m[0].real)


def root_sum(x: str) -> float:
    """sum 1/(1 + x j^2) = (pi/(2 sqrt x)) coth(pi/sqrt x) - 1/2."""
    root = HIGH.sqrt(HIGH.mpf(x))
    return float(HIGH.pi / (2 * root) * HIGH.coth(HIGH.pi / root) - 0.5)


def square_sum(x: str) -> float:
    """sum j^-2/(1 + x j^2) = pi^2/6 - x sum 1/(1 + x j^2)."""
    return float(HIGH.pi**2 / 6) - float(HIGH.mpf(x)) * root_sum(x)


def linear_sum(x: str, v: str) -> float:
    """sum over j <= v of 1/(1 + x j) = (psi(v + 1 + 1/x) - psi(1 + 1/x))/x."""
    u = HIGH.mpf(x)
    return float((HIGH.digamma(HIGH.mpf(v) + 1 + 1 / u) - HIGH.digamma(1 + 1 / u)) / u)


LOSS_II, LOSS_III = "(2*alpha + 2*beta - 1)/(2*(alpha + beta))", "1 - 1/(4*alpha)"
HAND: Final = "by hand"
QUADRANT: Final = ("a > 0", "b > 0")

EXPONENTS: Final = [
    Case("minimum of two symbols", "unordered exponents", lambda: order("a", "b", *QUADRANT), Order.SPLIT,
         lambda: order("a", "b", "b > 0", "a - b > 0"), Order.GREATER, f"{HAND}; SymPy's limit answers by the names"),
    Case("a against 2a", "unordered exponents", lambda: order("a", "2*a"), Order.SPLIT,
         lambda: order("a", "2*a", "a > 0"), Order.LESS, HAND),
    Case("square against itself", "unordered exponents", lambda: order("a**2", "a", "a > 0"), Order.SPLIT,
         lambda: order("a**2", "a", "a - 1 > 0"), Order.GREATER, HAND),
    Case("product against a factor", "unordered exponents", lambda: order("a*b", "a", *QUADRANT), Order.SPLIT,
         lambda: order("a*b", "a", "a > 0", "b - 1 > 0"), Order.GREATER, HAND),
    Case("means", "unordered exponents", lambda: order("a**2 + b**2", "2*a*b", *QUADRANT), Order.SPLIT,
         lambda: order("a**2 + b**2", "2*a*b", "b > 0", "a - b > 0"), Order.GREATER, "(a - b)^2"),
    Case("phases II and III without their wall", "unordered exponents",
         lambda: phase_order(LOSS_II, LOSS_III, "alpha > 0", "beta > 0"), Order.SPLIT,
         lambda: phase_order(LOSS_II, LOSS_III, "alpha - beta > 0", "beta > 0"), Order.LESS,
         "by hand: the difference is (beta - alpha)/(4 alpha (alpha + beta))"),
    Case("two terms of unordered exponents", "unordered exponents", lambda: Growth(({"N": Ratio.of(1)},)).compare(
        Term(power(N="-a")), Term(power(N="-b")), cell(*QUADRANT), ("a", "b")), UndecidedError,
         lambda: budgeted(["a > 0", "b > 0"], x="N**(-a)", y="D**(-b)"), "a*b/(a + b)", "by hand: a x = b (1 - x)"),
]

SIGNS: Final = [
    Case("reciprocals", "division that changes sign", lambda: order("1/a", "1/b", *QUADRANT), Order.SPLIT,
         lambda: order("1/a", "1/b", "b > 0", "a - b > 0"), Order.LESS, HAND),
    Case("a pole inside the cell", "division that changes sign", lambda: order("1/(2*a - 1)", "0", "a > 0"), Order.SPLIT,
         lambda: order("1/(2*a - 1)", "0", "a > 0", "2*a - 1 < 0"), Order.LESS, HAND),
    Case("two negative divisors", "division that changes sign",
         lambda: order("1/((a - 1)*(b - 1))", "0", "a - 1 < 0", "b > 0"), Order.SPLIT,
         lambda: order("1/((a - 1)*(b - 1))", "0", "a - 1 < 0", "b - 1 < 0"), Order.GREATER, HAND),
    Case("a comparison that divides", "division that changes sign", lambda: Sign.parse("1/(2*a - 1) > 0"),
         BadInputError, lambda: Sign.parse("2*a - 1 > 0").relation, ">", "z3 takes division as total (section 6)"),
    Case("division by nothing", "division that changes sign", lambda: read("1/(a - a)"), BadInputError,
         lambda: read("1/(a + a)"), read("1/2") / read("a"), "z3 takes division as total (section 6)"),
    Case("a sign with the proof of its opposite", "division that changes sign",
         lambda: prove_all([read("1/(a - 1)")], cell("a - 1 < 0"), [[[], [[[[1], "1"]]]]], "a trap"), RefusedError,
         lambda: prove_sign(read("1/(a - 1)"), cell("a - 1 < 0"), [[], [[[[1], "1"]]]], "a trap"), -1, HAND),
    Case("an even power hides a sign", "division that changes sign",
         lambda: prove_all([read("1/(a - 1)**3")], cell("a - 1 < 0"), [[[], [[[[1], "1"]]] * 3]], "a trap"),
         RefusedError,
         lambda: prove_all([read("1/(a - 1)**2")], cell("a - 1 < 0"), [[[], [[[[1], "1"]]] * 2]], "a trap"),
         [True], HAND),
    Case("root of a negative number", "division that changes sign",
         lambda: evaluate_constant(Constant.of(read("2 - a")) ** read("1/2"), {"a": Fraction(3)}), OutsideDomainError,
         lambda: value(Constant.of(read("2 - a")) ** read("1/2") * Constant.of(read("1/(2 - a)")) ** read("1/2"),
                       {"a": HALF}), (1.0, 1e-15), "sqrt(y) sqrt(1/y) = 1; SymPy's integral of it is -1 (section 6)"),
    Case("a proof by an equality", "division that changes sign",
         lambda: positive("a", Cell((Sign.parse("a = 0"),)), ([1], "1")), RefusedError,
         lambda: positive("a", cell("a > 0"), ([1], "1")), "proved", HAND),
    Case("a negative weight", "division that changes sign", lambda: positive("-a", cell("a > 0"), ([1], "-1")),
         RefusedError, lambda: positive("a", cell("a > 0"), ([1], "1")), "proved", HAND),
]

EMPTY: Final = [
    Case("signs on an empty cell", "empty regions", lambda: sign_on_cell(read("a"), cell("a > 0", "a + 1 < 0"), ("a",)),
         None, lambda: sign_on_cell(read("a"), cell("a > 0", "a - 1 < 0"), ("a",)), 1, HAND),
    Case("emptiness of what is not empty", "empty regions", lambda: certify_empty(cell("a > 0", "1000*a - 1 < 0")), None,
         lambda: certify_empty(cell("a > 0", "1000*a + 1 < 0")) is not None, True, "a = 1/2000 lies in the first"),
    Case("a proof that is no contradiction", "empty regions",
         lambda: empty(cell("a > 0", "a - 1 < 0"), ([1, 0], "1"), ([0, 1], "1")), RefusedError,
         lambda: empty(cell("a > 0", "a < 0"), ([1, 0], "1"), ([0, 1], "1")), "proved", "a + (-a) = 0"),
    Case("weights that are all zero", "empty regions", lambda: empty(cell("a > 0"), ([1], "0")), RefusedError,
         lambda: positive("2*a", cell("a > 0"), ([1], "2")), "proved", HAND),
    Case("a model on no points", "empty regions",
         lambda: budgeted(["a > 0", "a < 0", "b > 0"], x="N**(-a)", y="D**(-b)"), BadInputError,
         lambda: budgeted(["a > 0", "a < 1", "b > 0"], x="N**(-a)", y="D**(-b)"), "a*b/(a + b)", "by hand: a x = b (1 - x)"),
    Case("a leaf in the wrong half", "empty regions", lambda: tree("x", 1, 0), RefusedError, lambda: tree("x", 0, 1),
         "covered", HAND),
    Case("a tree that splits elsewhere", "empty regions", lambda: tree("x - 1", 0, 1), RefusedError,
         lambda: tree("x", 0, 1), "covered", "x = 1/2 lies in neither half"),
]

WALLS: Final = [
    Case("a formula on its wall", "walls", lambda: small_sum("a", "2", 1, "1e-4", a=Fraction(1)), OutsideDomainError,
         lambda: small_sum("2", "2", 1, "1e-4"), (square_sum("1e-4"), 1e-13), "closed form: pi^2/6 and coth"),
    Case("two poles of a stopped sum", "walls", lambda: small_sum("a", "1", 1, "1e-3", "1e6", a=Fraction(0)),
         OutsideDomainError, lambda: small_sum("0", "1", 1, "1e-3", "1e6"), (linear_sum("1e-3", "1e6"), 1e-5),
         "closed form: digamma; left out is 1e12 * 1e-18"),
    Case("gamma at its pole", "walls", lambda: evaluate_constant(gamma(read("a")), {"a": Fraction(-1)}), OutsideDomainError,
         lambda: value(gamma(read("a")), {"a": HALF}), (float(HIGH.sqrt(HIGH.pi)), 1e-15), "Gamma(1/2) = sqrt(pi)"),
    Case("zeta at its pole", "walls", lambda: evaluate_constant(zeta(read("a")), {"a": Fraction(1)}), OutsideDomainError,
         lambda: value(zeta(read("a")), {"a": Fraction(2)}), (float(HIGH.pi**2 / 6), 1e-15), "zeta(2) = pi^2/6"),
    Case("a segment that crosses a wall twice", "walls", lambda: touches("50*(t - 1/2)**2 - 1/2"), True,
         lambda: touches("50*(t + 1/2)**2 - 1/2"), False, "by hand: roots 2/5 and 3/5; -2/5 and -3/5"),
    Case("a wall that is touched", "walls", lambda: sign_on_cell(read("(a - 1)**2"), cell("a > 0"), ("a",)), None,
         lambda: sign_on_cell(read("(a - 1)**2"), cell("a - 1 > 0"), ("a",)), 1, HAND),
    Case("2 alpha = 1 with all modes", "walls", lambda: model("1/2", "11/10", 10, v=inf), OutsideDomainError,
         lambda: trace(model("1/2", "11/10", 10, v=20)), (sum(1 / j for j in range(1, 21)), 1e-13), "direct sum"),
    Case("a budget without limit", "walls", lambda: budgeted(["a > 0", "b > 0"], "N/D", x="N**(-a)", y="D**(-b)"),
         UndecidedError, lambda: budgeted(["a > 0", "b > 0"], "N**2*D", x="N**(-a)", y="D**(-b)"), "a*b/(a + 2*b)",
         "by hand: a x = b (1 - 2x)"),
]

CONTOURS: Final = [
    Case("a power sum on its cut", "poles on the contour",
         lambda: enclose_power_sums(acb("-0.0001"), Fraction(2), [Fraction(0)], inf, 60), PrecisionError,
         lambda: float(enclose_power_sums(acb("0.0001"), Fraction(2), [Fraction(0)], inf, 60)[0].real.mid()),
         (root_sum("1e-4"), 1e-10), "closed form: coth; Arb's sqrt without `analytic` misses (section 6)"),
    Case("a power sum at a pole", "poles on the contour",
         lambda: enclose_power_sums(acb(-1), Fraction(2), [Fraction(0)], inf, 60), PrecisionError,
         lambda: float(enclose_power_sums(acb(1), Fraction(2), [Fraction(0)], inf, 60)[0].real.mid()),
         (root_sum("1"), 1e-13), "closed form: coth"),
    Case("the resolvent at 0", "poles on the contour", lambda: resolvent_far(0.0), BadInputError,
         lambda: resolvent_far(-1e6), (1 - sum(j**-1.6 for j in range(1, 41)) / (10 * 1e6), 1e-10),
         "m = 1 + Tr D/(d z) + O(z^-2), direct sum"),
    Case("an analytic power", "poles on the contour", lambda: transfer_term(Term(power(u="2"))), (),
         lambda: transferred("1/2"), (float(-1 / (2 * HIGH.sqrt(HIGH.pi) * 8)), 1e-15),
         "sqrt(p) -> -t^(-3/2)/(2 sqrt(pi)), table of Laplace transforms"),
    Case("a constant", "poles on the contour", lambda: transfer_term(Term(Monomial())), (),
         lambda: transferred("-1"), (1.0, 1e-15), "1/p -> 1"),
    Case("a kernel of order 0", "poles on the contour", lambda: Kernel("rational", 0), BadInputError,
         lambda: value(Kernel("rational", 1).transform(read("1/2"))), (float(HIGH.pi), 1e-14),
         "int x^(-1/2)/(1 + x) = pi, Euler's reflection"),
    Case("a falling exponent", "poles on the contour",
         lambda: expand_small(PowerSum(read("2"), read("-1"), Kernel("rational", 1), "x")), BadInputError,
         lambda: small_sum("2", "1", 1, "1e-4"),
         (float(HIGH.pi**2 / 6 - HIGH.mpf("1e-4") * (HIGH.digamma(1 + HIGH.mpf("1e4")) + HIGH.euler)), 1e-11),
         "closed form: digamma; left out is about 1e-12"),
]

LIMITS: Final = [
    Case("size before time", "swapped limits",
         lambda: dominance(power(d="-1"), power(r="-1"), {"d": "1"}, {"r": "1"}), None,
         lambda: dominance(power(d="-1"), power(r="-1"), {"d": "1", "r": "2"}), Order.GREATER, "by hand: 1/d against 1/d^2"),
    Case("the floor in the whole quadrant", "swapped limits",
         lambda: dominance(power(d="-2"), power(theta="-1"), {"d": "1"}, {"theta": "1"}), None,
         lambda: dominance(power(d="-2"), power(theta="-1"), {"d": "1"}, {"d": "1", "theta": "1"}), Order.LESS,
         "by hand: theta <= d in the cone, so that 1/theta >= 1/d > 1/d^2"),
    Case("all modes before small x", "swapped limits", lambda: expand_trace(read("1/2")), BadInputError,
         lambda: float(evaluate(expand_trace(read("1/2"), "v").terms, {"v": "1e8"}, {})),  # type: ignore[arg-type]
         (19998.539645, 1e-3), "2 sqrt(v) + zeta(1/2), zeta(1/2) = -1.4603545 (DLMF 25.6); left out is v^(-1/2)/2"),
    Case("the harmonic sum without an end", "swapped limits", lambda: expand_trace(read("1")), BadInputError,
         lambda: float(evaluate(expand_trace(read("1"), "v").terms, {"v": "1e6"}, {})),  # type: ignore[arg-type]
         (sum(1 / j for j in range(1, 10**6 + 1)), 1e-6), "direct sum; left out is 1/(2v)"),
    Case("time before steps", "swapped limits", lambda: plrf.loss_curve(model("4/5", "11/10", 3, v=6), [HALF]),
         BadInputError, first_step, (sum(j**-3.8 for j in range(1, 7)), 1e-12), "P(0) = sum j^(-2 alpha - 2 beta), direct"),
    Case("infinite time", "swapped limits", lambda: flow(1e-9, inf), BadInputError, lambda: flow(1e-9, 3.0),
         (float(HIGH.exp(-6)), 1e-11), "one mode: e^(-2t)"),
]

SUMS: Final = [
    Case("sum of 1/(1 + x j)", "divergent sums",
         lambda: expand_small(PowerSum(read("0"), read("1"), Kernel("rational", 1), "x")), BadInputError,
         lambda: small_sum("0", "3/2", 1, "1e-6"), (24183.49, 0.005), "printed in mathematics.md, section 5; nsum: 13170.36"),
    Case("sum on the edge of convergence", "divergent sums",
         lambda: expand_small(PowerSum(read("1/2"), read("1/2"), Kernel("rational", 1), "x")), BadInputError,
         lambda: small_sum("1/2", "1", 1, "1e-6"), (peer_sum("1/2", "1", 1, "1e-6"), 1e-9), "Euler-Maclaurin by a peer"),
    Case("the checker's own sum", "divergent sums",
         lambda: enclose_power_sum(Fraction(0), Fraction(1), 1, Fraction(1, 10), 0), RefusedError,
         lambda: float(enclose_power_sum(Fraction(0), Fraction(2), 1, Fraction(1, 10**4), 0).mid()),
         (root_sum("1e-4"), 1e-10), "closed form: coth"),
    Case("kappa for all modes", "divergent sums",
         lambda: evaluate_constant(Constant.of(Atom("kappa", (read("1"), read("0")))), {}), OutsideDomainError,
         lambda: value(Constant.of(Atom("kappa", (read("2"), read("0"))))), (float(4 / HIGH.pi**2), 1e-14),
         "k int du/(k + u^2) = sqrt(k) pi/2 = 1"),
    Case("kappa for too few modes", "divergent sums",
         lambda: evaluate_constant(Constant.of(Atom("kappa", (read("2"), read("1")))), {}), OutsideDomainError,
         lambda: value(Constant.of(Atom("kappa", (read("1"), read("2"))))),
         (float(HIGH.findroot(lambda k: k * HIGH.log(1 + 2 / k) - 1, 0.8)), 1e-12), "k log(1 + 2/k) = 1, by secant"),
    Case("a floor's integral", "divergent sums",
         lambda: evaluate_constant(Constant.of(Atom("scaled", (read("1"), read("2"), read("0")))), {}), OutsideDomainError,
         lambda: value(Constant.of(Atom("scaled", (read("0"), read("2"), read("0"))))), (float(HIGH.pi**2 / 4), 1e-13),
         "int dx/(kappa + x^2) = pi/(2 sqrt(kappa)), kappa = 4/pi^2"),
    Case("a target of infinite power", "divergent sums", lambda: model("1/10", "1/10", 10, v=20), OutsideDomainError,
         lambda: trace(model("1/10", "3/5", 10, v=20)), (sum(j**-0.2 for j in range(1, 21)), 1e-12), "direct sum"),
    Case("a task without a start", "divergent sums", lambda: dmft.DmftModel(a=1.0, b=2.0, N=10, P=10), BadInputError,
         lambda: float(dmft.loss_curve(dmft.DmftModel(a=2.0, b=2.0, N=10, P=10), [0.0]).test[0]),
         (float(HIGH.pi**2 / 6), 1e-12), "sum k^-2 = pi^2/6"),
]

DIGITS: Final = [
    Case("more digits than there are", "lost digits", lambda: dmft.loss_curve(
        dmft.DmftModel(a=1.5, b=2.0, N=100, P=100), [1e6], rtol=1e-300), PrecisionError,
         lambda: flow(1e-12, 10.0), (float(HIGH.exp(-20)), 1e-20), "one mode: e^(-2t)"),
    Case("a budget beyond the doubles", "lost digits",
         lambda: frontier.frontier(frontier.Family.of(Fraction(4, 5), Fraction(11, 10)), [1e300]), BadInputError,
         first_step, (sum(j**-3.8 for j in range(1, 7)), 1e-12), "P(0) = sum j^(-2 alpha - 2 beta), direct"),
    Case("an exponent of a number", "lost digits", lambda: parse_number("1e99999"), BadInputError,
         lambda: parse_number("1e-30") + 1 - 1, Fraction(1, 10**30), HAND),
    Case("a floating-point number in a bundle", "lost digits", lambda: encode(0.1), TypeError,
         lambda: encode(parse_number("0.1")), "1/10", HAND),
    Case("not a number", "lost digits", lambda: read_json('{"x": NaN}', "a trap"), BadInputError,
         lambda: read_json('{"x": "1/3"}', "a trap"), {"x": "1/3"}, HAND),
    Case("an unstable learning rate", "lost digits",
         lambda: plrf.loss_curve(model("4/5", "11/10", 100, "50"), [10]), BadInputError,
         lambda: float(plrf.loss_curve(model("4/5", "11/10", 3, v=6), [0]).loss[0]),
         (sum(j**-3.8 for j in range(1, 7)), 1e-12), "P(0) = sum j^(-2 alpha - 2 beta), direct"),
    Case("a symbolic power that is dropped", "lost digits",
         lambda: small_sum("a + 1", "2", 1, "1e-4", a=Fraction(2)), OutsideDomainError,
         lambda: small_sum("a + 1", "2", 1, "1e-4", a=HALF), (peer_sum("3/2", "2", 1, "1e-4"), 1e-9),
         "Euler-Maclaurin by a peer; SymPy's series drops such powers (section 6)"),
    Case("a narrow step", "lost digits",
         lambda: evaluate_constant(Constant.of(Atom("kappa", (read("40"), read("1/2")))), {}), OutsideDomainError,
         lambda: value(Constant.of(Atom("kappa", (read("40"), read("2"))))),
         (float(HIGH.findroot(lambda k: k * HIGH.quad(lambda x: 1 / (k + x**40), [0, 0.5, 0.9, 1, 1.1, 1.5, 2]) - 1, 0.96)),
          1e-9), "quadrature with the step between the panels; mpmath's quad misses narrow peaks (section 6)"),
]

def tail_moment(s: str) -> float:
    """int_0^oo x^(-s)/(kappa + x^2) dx for kappa = 4/pi^2, by the constant of the floor."""
    return value(Constant.of(Atom("scaled", (read(s), read("2"), read("0")))))


def log_moment() -> float:
    """int_0^oo log(x)/(kappa + x^2) dx, as minus the slope of `tail_moment` at s = 0."""
    step = "1/100000"
    return (tail_moment(f"-{step}") - tail_moment(step)) * 50000.0


def named(left: str, right: str, *texts: str) -> Order:
    return compare_exponents(read(left), read(right), cell(*texts), ("a", "b", "c")).order


def claimed(exponent: str, *region: str) -> str:
    """The verdict on a law for N^-a + D^-a + D^-b under N D: a/2 where a < b, a b/(a + b) beyond."""
    from scaling_sym.asymptotics.stated import Law
    from scaling_sym.cli.own_claims import judge_laws

    problem = loss_model(terms={"x": "N**(-a)", "y": "D**(-a)", "z": "D**(-b)"}, resources=["N", "D"], budget="N*D",
                         domain=["a > 0", "b > 0"])
    law = Law("trap", Cell.parse(region), "loss", read(exponent), "")
    return str(judge_laws(problem, (law,))[0]["verdict"])


SECTION_6: Final = [
    Case("a logarithm under the integral", "divergent sums", lambda: tail_moment("1"), OutsideDomainError,
         log_moment, (float(HIGH.pi**2 / 4 * HIGH.log(2 / HIGH.pi)), 1e-8),
         "closed form pi log(kappa)/(4 sqrt(kappa)), error of the slope 1e-9; SymPy's sqrt(1-x) log(1-x) gives 0 (section 6)"),
    Case("a factor of unknown sign", "division that changes sign", lambda: named("a*c", "b*c", "a - b > 0"), Order.SPLIT,
         lambda: named("a*c", "b*c", "a - b > 0", "c > 0"), Order.GREATER,
         "by hand; with an omitted sign condition z3 gives a false counterexample (section 6)"),
    Case("a divisor of unknown sign", "division that changes sign", lambda: named("a/c", "b/c", "a - b > 0"), Order.SPLIT,
         lambda: named("a/c", "b/c", "a - b > 0", "c < 0"), Order.LESS, "by hand; z3 (section 6)"),
    Case("the order of the names", "unordered exponents", lambda: order("b", "a", *QUADRANT), Order.SPLIT,
         lambda: order("b", "a", "a > 0", "b - a > 0"), Order.GREATER, f"{HAND}; SymPy's limit sorts the names (section 6)"),
    Case("a law on more than its region", "walls", lambda: claimed("a/2"), "refuted",
         lambda: claimed("a/2", "a - b < 0"), "proved", "by hand: a x = a (1 - x) where a < b"),
    Case("a law beyond its wall", "walls", lambda: claimed("a*b/(a + b)", "a - b < 0"), "refuted",
         lambda: claimed("a*b/(a + b)", "a - b > 0"), "proved", "by hand: a x = b (1 - x) where b < a"),
    Case("a law with the other sign", "division that changes sign", lambda: claimed("-a/2", "a - b < 0"), "refuted",
         lambda: claimed("a/2", "a - b < 0"), "proved", "by hand: the loss falls, and its exponent is positive"),
    Case("a law with a pole inside its region", "division that changes sign", lambda: claimed("a/2 + 1/(a - 1)", "a - b < 0"),
         "refuted", lambda: claimed("a*(a - 1)/(2*(a - 1))", "a - b < 0"), "proved",
         "by hand: the pole cancels in one of the two"),
]

CASES: Final = [*SECTION_6, *EXPONENTS, *SIGNS, *EMPTY, *WALLS, *CONTOURS, *LIMITS, *SUMS, *DIGITS]
