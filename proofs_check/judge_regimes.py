"""Verdicts on what is printed of the four regimes: laws on a part of the plane, and laws whose hypotheses decide.

    printed-restricted   the power (and the constant, if printed with "=") of laws for parameters on a line, such as a = b
    printed-variance     L - L_inf for one size: exactly (positive)/(size - constant); of a smooth function of averages, 1/size
    printed-exchange     the two bottlenecks are one function: for the isotropic teacher, and not for others
    printed-distance     an error of order n in the distance to the nearest point: D^(-n/d); what it needs is a hypothesis
    printed-eigenvalues  an upper bound on eigenvalues, and what is said to follow
    printed-moment       a sample mean with a loss of another power: which variance of the samples makes the constant right
    printed-unstable     a formula, and a condition read as "if and only if"

Not covered: finding comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Final

from proofs_check.framework import terms_of
from proofs_check.outcomes import Outcome, same_equation
from scaling_sym.algebra.cells import Cell
from scaling_sym.algebra.constant_values import evaluate, orient
from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.algebra.ratios import Ratio
from scaling_sym.algebra.substitution import substitute_constant
from scaling_sym.claims.bundle import Bundle, Claim
from scaling_sym.claims.codec import decode_cell, decode_constant
from scaling_sym.claims.steps import Step

Lookup = Mapping[str, Step]


def _laws(bundle: Bundle, quantity: str) -> list[Claim]:
    found = [c for c in bundle.claims if c.kind == "law" and c.statement["quantity"] == quantity]
    if not found:
        raise ValueError(f"no law of {quantity} is derived")
    return found


def _equation(bundle: Bundle, name: str) -> Ratio:
    found = [c for c in bundle.claims if c.kind == "equation" and c.statement["name"] == name]
    if len(found) != 1:
        raise ValueError(f"one derived equation {name} is wanted")
    return parse_ratio(found[0].statement["equation"])


def judge_restricted(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """Each derived cell that the line meets, and whether the power there is the printed one."""
    outcomes: list[Outcome] = []
    for part in claim.statement["parts"]:
        values = {n: parse_ratio(t) for n, t in part["where"].items()}
        met = [c for c in _laws(bundle, part["quantity"]) if _meets(decode_cell(c.region), values)]
        if len(met) != 1:
            raise ValueError("the line does not lie in one cell")
        found = {n: parse_ratio(e).substitute(values) for n, e in met[0].statement["power"].items()}
        wanted = {n: parse_ratio(e) for n, e in part["power"].items()}
        for name, power in part.get("times", {}).items():
            found[name] = found.get(name, Ratio.of(0)) + parse_ratio(power)
        if not wanted:
            raise ValueError("a power is wanted")
        zero = Ratio.of(0)
        same = all(found.get(n, zero) == wanted.get(n, zero) for n in (*found, *wanted))
        if "constant" in part:
            derived = substitute_constant(decode_constant(met[0].statement["constant"]), values)
            same = same and derived.canonical() == Constant.of(parse_ratio(part["constant"])).canonical()
        witness = {} if same else {"b": "3"}
        if not same and "constant" in part and found == wanted:
            both = [decode_constant(met[0].statement["constant"]), Constant.of(parse_ratio(part["constant"]))]
            if not _apart([substitute_constant(c, values) for c in both], {"b": Fraction(3)}):
                raise ValueError("the witness does not tell the two constants apart")
        said = f"{part['quantity']}: printed {part['power']} {part.get('constant', '')}, derived {met[0].statement['power']}"
        outcomes.append(Outcome(same, True, list(met[0].region), witness, "" if same else said))
    return outcomes


def _meets(cell: Cell, values: Mapping[str, Ratio]) -> bool:
    """Whether the line lies in the cell for all b > 1; refuses where that is not plain from the signs of coefficients."""
    signs = []
    for sign in cell.conditions:
        on_line = sign.positive.substitute({**values}).substitute({"b": Ratio.parameter("x") + 1})
        signs.append({c > 0 for c in on_line.monomials().values()})
    if any(len(s) > 1 for s in signs):
        raise ValueError("the line crosses a wall")
    return all(s == {True} for s in signs)


def judge_variance(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """(L - L_inf)(x - c) = something positive that does not depend on x, so that L - L_inf is exactly of order 1/x.

    That is random features; the moment expansion of any smooth function of averages must have the same power.
    """
    name, size, limit = {
        "data": ("variance-data", "P", "kappa*F"),
        "width": ("variance-width", "N", "(kappa**2*P*W1 + K2*sigma2)/(kappa*K1)"),
    }[claim.statement["side"]]
    if claim.statement["power"] != {size: "-1"}:
        raise ValueError("another power is meant")
    equation = _equation(bundle, name)
    other = {"P": "N", "N": "P"}[size]
    slope = equation.derivative("L")
    front = slope / (Ratio.parameter(size) - Ratio.parameter(other))
    rest = slope * (Ratio.parameter("L") - parse_ratio(limit)) - equation  # front (x - c)(L - L_inf) = rest
    if size in parse_ratio(limit).names or front.denominator != 1 or "L" in (*rest.names, *front.names):
        raise ValueError("the equation is not of this form")
    independent = size not in (*rest.names, *front.names)
    positive = bool(rest) and all(c > 0 for x in (rest, front) for c in x.monomials().values())
    (average,) = _laws(bundle, "average")
    general = parse_ratio(average.statement["power"]["x"]) == parse_ratio(claim.statement["power"][size])
    return [Outcome(independent and positive and general, True, list(claim.region), {})]


def judge_exchange(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """For w_k = 1 both losses are kappa times the size; for other teachers the constants, or the exponents, differ.

    That no other teacher has the exchange at all sizes: the difference is kappa dof^2/K1 times the slope of F/dof in kappa, by
    the derived equations; F/dof is constant only if F - c dof, the Stieltjes transform of the weights lambda (w^2 - c), vanishes.
    """
    if claim.statement != {"exchange": ["N", "P"]}:
        raise ValueError("another exchange is meant")
    one, two = _equation(bundle, "exchange-model"), _equation(bundle, "exchange-data")
    same = same_equation(one.substitute({"N": Ratio.parameter("P")}), two)
    slopes = {"slope-F": "F_ - F + e*W1", "slope-dof": "dof_ - dof + e*K1",
              "exchange-difference": "K1*(LN - LP) - kappa*(F*K1 - n*W1)"}
    if not all(same_equation(_equation(bundle, name), parse_ratio(text)) for name, text in slopes.items()):
        raise ValueError("the difference of the two losses is not the slope of F/dof")
    outcomes = [Outcome(same, True, ["w_k = 1"], {})]
    for model in _laws(bundle, "model"):
        for data in _laws(bundle, "data"):
            cell = decode_cell(model.region).meet(decode_cell(data.region))
            if not _is_empty(cell):
                witness = _find_difference(model, data, cell)
                outcomes.append(Outcome(witness is None, True, cell.texts(), witness or {}))
    return outcomes


def _find_difference(one: Claim, two: Claim, cell: Cell) -> dict[str, str] | None:
    """A point of the cell at which powers differ, or enclosures of the constants are apart; `None` for equal laws.

    Unequal forms of two constants do not prove that they differ: where no point tells them apart, nothing is decided.
    """
    powers = parse_ratio(one.statement["power"]["N"]), parse_ratio(two.statement["power"]["P"])
    constants = [decode_constant(c.statement["constant"]) for c in (one, two)]
    if powers[0] == powers[1] and constants[0].canonical() == constants[1].canonical():
        return None
    for b in (Fraction(5, 4), Fraction(3, 2), Fraction(3)):
        for k in range(1, 17):
            point = {"a": 1 + b * k / 5, "b": b}
            if cell.contains(point) and (powers[0].at(point) != powers[1].at(point) or _apart(constants, point)):
                return {n: str(x) for n, x in point.items()}
    raise ValueError("no point tells the two laws apart")


def _is_empty(cell: Cell) -> bool:
    """Whether some of the cell's conditions add up to a constant that is not positive."""
    parts = [s.positive for s in cell.conditions]
    sums = (sum(some, Ratio.of(0)) for n in range(1, len(parts) + 1) for some in combinations(parts, n))
    return any(total.is_constant and total.constant() <= 0 for total in sums)


def _apart(constants: list[Constant], point: dict[str, Fraction]) -> bool:
    first, second = (evaluate(orient(c, point), point) for c in constants)
    return not first.overlaps(second)


def judge_distance(claim: Claim, bundle: Bundle, lookup: Lookup) -> list[Outcome]:
    """A loss of order m in the error, and an error of order k in the distance to the nearest point: D^(-m k/d).

    k = 1 for models that are constant between points, or targets that are Lipschitz and no more; k = 2 for piecewise linear
    models of targets with second derivatives, as the derived squared error of linear interpolation has it (any length of the
    tessellation scales as the distance). A bound holds where the loss falls at least as fast.
    """
    said, attained = claim.statement, False
    outcomes: list[Outcome] = []
    (law,) = _laws(bundle, "distance")
    power, d = parse_ratio(law.statement["power"]["D"]), Ratio.parameter("d")
    printed = parse_ratio(said["power"]["D"])
    (linear,) = _laws(bundle, "linear")
    if any(t.monomial.exponent("D") != power.substitute({"n": Ratio.of(4)}) for t in terms_of(lookup[linear.steps[0]])):
        raise ValueError("the squared error of linear interpolation is not the fourth power of a distance")
    for k in (1, 2):
        found = power.substitute({"n": parse_ratio(said["order"]) * k})
        faster = (printed - found) * d  # positive where the loss falls faster than printed
        attained = attained or not faster
        if said["bound"] and not faster.is_constant:
            raise ValueError("whether the bound holds depends on n")
        good = not faster or (said["bound"] and faster.constant() > 0)
        outcomes.append(Outcome(bool(good), True, [f"error of order {k} in the distance"], {"d": "1", "k": str(k)}))
    if said["bound"] and not attained:
        raise ValueError("a bound that nothing attains is not compared")
    return outcomes


def judge_eigenvalues(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """The bound is attained by kernels of exactly this smoothness; smoother ones decay faster, and nothing follows for them."""
    (law,) = _laws(bundle, "eigenvalues")
    power = parse_ratio(law.statement["power"]["n"])
    if power != parse_ratio(claim.statement["power"]["n"]):
        return [Outcome(False, True, [], {"d": "1", "t": "1"})]
    smoother = power.substitute({"t": Ratio.parameter("t") + 1}) != power
    return [Outcome(True, True, [claim.statement["needs"]], {}),
            Outcome(not smoother, True, ["smoother kernels"], {"d": "1", "t": "2", "smoothness": "3"})]


def judge_moment(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """The printed constant, with the variance for which it is right."""
    (law,) = _laws(bundle, "moment")
    said = claim.statement
    if parse_ratio(law.statement["power"]["D"]) != parse_ratio(said["power"]["D"]):
        return [Outcome(False, True, [], {"alpha": "1"})]
    alpha, derived = Ratio.parameter("alpha"), decode_constant(law.statement["constant"])
    root = Constant.of(Atom("pi")) ** Ratio.of(Fraction(-1, 2))
    printed = Constant.of(2) ** (-alpha - 1) * gamma(alpha + Fraction(1, 2)) * root
    right, other = ((substitute_constant(derived, {"s2": x}) / printed).canonical() == Constant.of(1)
                    for x in (parse_ratio(said["variance"]), Ratio.of(1)))
    return [Outcome(right, True, [f"s2 = {said['variance']}"], {}), Outcome(other, True, ["s2 = 1"], {"alpha": "1", "s2": "1"})]


def judge_unstable(claim: Claim, bundle: Bundle, _: Lookup) -> list[Outcome]:
    """The formula is the derived one; the printed condition is compared with the sign of the margin."""
    (growth,) = (c for c in bundle.claims if c.kind == "growth")
    said = claim.statement
    formula = parse_ratio(said["base"]) == parse_ratio(growth.statement["base"])
    margin, printed = parse_ratio(growth.statement["margin"]), parse_ratio(said["condition"])
    same = (margin / printed).is_constant and (margin / printed).constant() > 0
    if not formula:
        return [Outcome(False, True, [], {"alpha": "3/4", "y": "2"})]
    witness = {"alpha": "3/4", "y": "7/2"}
    point = {"alpha": Fraction(3, 4), "y": Fraction(7, 2)}
    if not same and (margin.at(point) > 0) == (printed.at(point) > 0):
        raise ValueError("the witness does not tell the two conditions apart")
    inside = [f"{margin} > 0"]
    return [Outcome(True, True, inside, {}), Outcome(same, True, [], witness, "" if same else f"printed {printed} > 0")]


PRINTED_REGIMES: Final[Mapping[str, Callable[[Claim, Bundle, Lookup], list[Outcome]]]] = {
    "printed-restricted": judge_restricted, "printed-variance": judge_variance, "printed-exchange": judge_exchange,
    "printed-distance": judge_distance, "printed-eigenvalues": judge_eigenvalues, "printed-moment": judge_moment,
    "printed-unstable": judge_unstable,
}
