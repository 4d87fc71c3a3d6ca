"""Values of symbolic constants at a point, as balls (Arb), and the roots and integrals that they need.

Not covered: complex values; a constant that is not real at the point is refused.
"""

from __future__ import annotations

from fractions import Fraction

from flint import arb, ctx, fmpq

from scaling_sym.algebra.constants import Atom, Constant, gamma
from scaling_sym.algebra.ratios import Point, Ratio, product
from scaling_sym.errors import OutsideDomainError


def evaluate(constant: Constant, point: Point, digits: int = 30) -> arb:
    """A ball around the value at a rational point, computed with `digits` and some guard digits.

    Raises `OutsideDomainError` where the constant has a pole, is not real, or is not defined.
    """
    with ctx.workdps(digits + 15):
        value = _evaluate(constant, point)
    if not value.is_finite():
        where = ", ".join(f"{n} = {x}" for n, x in sorted(point.items()))
        raise OutsideDomainError(f"the constant {constant} has no finite real value at {where or 'any point'}")
    return value


def orient(constant: Constant, point: Point) -> Constant:
    """Write polynomials and gamma functions so that they are positive at `point`, and any power of them is real.

    A polynomial changes its sign; a gamma function of a negative argument is shifted up to a positive one.
    """
    total = Constant(constant.coefficient)
    for atom, exponent in constant.factors:
        x, whole = (atom.arguments or (None,))[0], exponent.is_constant and exponent.constant().denominator == 1
        if not (isinstance(x, Ratio) and whole and set(x.names) <= set(point) and x.at(point) < 0):
            total = total * Constant(Fraction(1), ((atom, exponent),))
        elif atom.head == "polynomial":
            flipped = Constant(Fraction(-1) ** int(exponent.constant()))
            total = total * flipped * Constant(Fraction(1), ((Atom("polynomial", (-x,)), exponent),))
        elif atom.head == "gamma":
            steps = -x.at(point).__floor__()
            shifted = gamma(x + steps) / product(x + k for k in range(steps))
            total = total * orient(shifted, point) ** exponent
        else:
            total = total * Constant(Fraction(1), ((atom, exponent),))
    return total


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _evaluate(constant: Constant, point: Point) -> arb:
    total = _ball(constant.coefficient)
    for atom, exponent in constant.factors:
        power = exponent.at(point)
        if atom.head == "gamma" and power.denominator == 1 and power < 0:  # 1/Gamma has no pole
            total *= _ball(_number(atom, point)).rgamma() ** int(-power)
            continue
        value = _evaluate_atom(atom, point)
        total *= value ** int(power) if power.denominator == 1 else value ** _ball(power)
    return total


def _number(atom: Atom, point: Point) -> Fraction:
    x = atom.arguments[0]
    assert isinstance(x, Ratio)
    return x.at(point)


def _evaluate_atom(atom: Atom, point: Point) -> arb:
    if atom.head == "pi":
        return arb.pi()
    if atom.head == "euler":
        return arb.const_euler()
    if atom.head == "sum":
        return sum((_evaluate(c, point) for c in atom.arguments if isinstance(c, Constant)), arb(0))
    x = [a.at(point) for a in atom.arguments if isinstance(a, Ratio)]
    if atom.head == "gamma":
        return _ball(x[0]).gamma()
    if atom.head == "zeta":
        return _ball(x[0]).zeta()
    if atom.head == "kappa":
        return solve_kappa(x[0], x[1])
    if atom.head == "scaled":
        return _scaled_integral(x[0], x[1], x[2], solve_kappa(x[1], x[2]))
    if atom.head == "halfbeta":
        return _half_beta(x[0], x[1])
    return _ball(x[0])


def _scaled_integral(s: Fraction, c: Fraction, rho: Fraction, kappa: arb) -> arb:
    """The integral of x^(-s)/(kappa + x^c) over (0, rho), rho = 0 standing for infinity; needs s < 1 (< s + c)."""
    if s >= 1 or c <= 0 or rho < 0 or (rho == 0 and s + c <= 1):
        raise OutsideDomainError(
            f"the integral of x^(-{s})/(kappa + x^({c})) up to {rho or 'infinity'} diverges: s < 1 < s + c is needed"
        )
    a = (1 - s) / c
    if rho == 0:
        return kappa ** _ball(a - 1) * arb.pi() / (_ball(c) * _ball(a).sin_pi())
    size = _ball(rho) ** _ball(c) / kappa
    return _ball(rho) ** _ball(1 - s) / (_ball(1 - s) * kappa) * (-size).hypgeom_2f1(arb(1), _ball(a), _ball(1 + a))


def _half_beta(p: Fraction, q: Fraction) -> arb:
    """The integral of y^(p-1) (2 - y)^(-q) over (0, 1); needs p > 0."""
    if p <= 0:
        raise OutsideDomainError(f"the integral of y^({p - 1}) (2 - y)^(-{q}) over (0, 1) diverges: p > 0 is needed")
    return arb(2) ** _ball(-q) / _ball(p) * arb(0.5).hypgeom_2f1(_ball(q), _ball(p), _ball(p + 1))


def solve_kappa(c: Fraction, rho: Fraction) -> arb:
    """A ball around the root of k * integral of du/(k + u^c) over (0, rho) = 1; rho = 0 stands for infinity.

    The left side grows with k from 0 to rho (or without bound), so a sign change of its balls brackets the root. Raises
    `OutsideDomainError` where there is none: c > 0 and rho > 1, or c > 1 and rho = infinity, is needed.
    """
    if c <= 0 or (rho == 0 and c <= 1) or (rho != 0 and rho <= 1):
        raise OutsideDomainError(
            f"kappa({c}, {rho}) does not exist: c > 0 and rho > 1, or c > 1 and rho = 0 (infinity), is needed"
        )
    if rho == 0:
        return (arb.pi() / _ball(c) / (arb.pi() / _ball(c)).sin()) ** _ball(-c)

    def excess(k: arb) -> arb:
        """What vanishes at the root; it grows with k."""
        return k * _scaled_integral(Fraction(0), c, rho, k) - 1

    low, high = arb(1), arb(1)
    while not excess(low) < 0:
        low /= 2
    while not excess(high) > 0:
        high *= 2
    while (high - low) / high > arb(2) ** -ctx.prec * 2**20:
        middle = arb((low + high).mid()) / 2
        value = excess(middle)
        if value < 0:
            low = middle
        elif value > 0:
            high = middle
        else:
            break
    return low.union(high)
