r"""The quantities of the mean-field model at growing sizes, from solvers that share no code with the derivations.

    model, data, bias     static_limit at N (or P) from 1e3 on, the other size infinite
    late                  what a finite N = 3e4 P adds to static_limit(N = inf), second order removed
    time                  the loss at N = P = inf
    correction/*          N (or P) times what 1/N = 1e-100 adds to it, which the solver forms without subtraction
    gap                   P times test minus train, at P a large multiple of t^(1/b), second and third order removed
    early/response        dof(kappa) = N (1 - R_3) as a function of 1/kappa
    compute/*             the least loss over N at N t = C, for C from 1e12 to 1e90, P = inf (one-pass SGD without its kernel)
    compute-late/*        the least loss over N at N P = C, for C from 1e6 to 1e36, t = inf
    compute-wide/*        the least loss over P at P t = C, for C from 1e10 to 1e50, N = inf
    sgd/time, sgd/size    one-pass SGD at half of the largest stable rate, B = 2: at N = 1e100, and at t >> N^b

Each comes with the *gaps* of its approach to a power law, sums of the exponents of the small quantities at hand, with M = N or P:

    1/M             sums over modes against their integrals, the -1/2 of dof(kappa) = c kappa^(-1/b) - 1/2 + ...
    M^-|a-1-jb|     the integral over modes against the first modes, in a sum of k^-a k^(jb)/(1 + kappa k^b)^n
    M^-b = kappa    the next integer power of kappa; in a time window, with t^(1/b) for M, and the kernel's |1 - 1/b|

At N = P = inf the corrections are smaller than every power of t: there are no gaps.

Not covered: points on walls, and crossovers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf, log, nan
from typing import Final, final

import numpy as np

from proofs_check.measure import piece_rates, sum_rates, trace_frontier
from scaling_sym.errors import NoConvergenceError
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_static import static_limit
from scaling_sym.numerics.frontier import Family, evaluate_losses
from scaling_sym.numerics.plrf_transforms import SpectralSums
from scaling_sym.numerics.power_sums import RealArray, zeta_sum

NO_NOISE: Final = 1e-180
"""A learning rate, relative to its stability limit, at which one-pass SGD is gradient flow to every digit shown here."""
BUDGETS: Final = tuple(float(x) for x in np.linspace(12, 90, 16))
SECONDS: Final = 8.0
SGD_BATCH: Final = 2.0
_FAR: Final = 1e100
_LN10: Final = log(10.0)
Gaps = tuple[tuple[float, int], ...]


@final
@dataclass(frozen=True, slots=True)
class Series:
    """log x and log(value) in ascending x, the gaps in powers of x, and the error of one log(value).

    `width_power` is the power of the size that the values are a coefficient of, measured by itself (nan: of none).
    """

    log_x: RealArray
    log_y: RealArray
    gaps: Gaps
    noise: float
    width_power: float = nan


def measure_law(quantity: str, a: float, b: float) -> dict[str, Series]:
    """The series of a quantity, and of those that come with it; raises NoConvergenceError where there are too few digits."""
    if quantity.startswith("compute/"):
        return {f"compute/{name}": series for name, series in measure_optima(a, b).items()}
    if quantity.startswith("compute-late/"):
        return {f"compute-late/{name}": series for name, series in measure_static_optima(a, b).items()}
    if quantity.startswith("compute-wide/"):
        return {f"compute-wide/{name}": series for name, series in measure_wide_optima(a, b).items()}
    if quantity in ("model", "bias"):
        return measure_model(a, b)
    return {quantity: MEASURES[quantity](a, b)}


def _series(
    log_x: RealArray, values: Iterable[float], gaps: Iterable[float], noise: float, width_power: float = nan
) -> Series:
    y = np.array([*values])
    good = np.isfinite(y) & (y > 0)
    if good.sum() < 8:
        raise NoConvergenceError("fewer than eight sizes gave a value")
    return Series(log_x[good], np.log(y[good]), _combine(gaps), noise, width_power)


def _combine(gaps: Iterable[float]) -> Gaps:
    rates = {round(abs(g), 12) for g in gaps if 1e-9 < abs(g) < inf}
    return tuple(sum_rates(rates)) if rates else ()


def _sizes(gaps: Iterable[float], most: float, count: int) -> RealArray:
    """log sizes from 1e3 on, until the slowest correction meets the rounding, but to 10^`most` only."""
    slowest = min(abs(g) for g in gaps if abs(g) > 1e-9)
    return np.linspace(3, min(most, 3 + 15 / slowest), count) * _LN10


def measure_model(a: float, b: float) -> dict[str, Series]:
    """The loss and the bias at t = P = inf against N."""
    tasks = (a - 1 - b, a - 1 - 2 * b)
    x = _sizes((1.0, b, *tasks), 130 / b, 16)  # size^(-2b) is a double
    found = [static_limit(DmftModel(a, b, float(n), inf)) for n in np.exp(x)]
    return {"model": _series(x, [s.test for s in found], (1.0, b, tasks[0]), 2e-13),
            "bias": _series(x, [s.bias for s in found], (1.0, b, tasks[1]), 2e-13)}


def measure_data(a: float, b: float) -> Series:
    """The loss at t = N = inf against P."""
    gaps = (1.0, b, a - 1 - 2 * b)
    x = _sizes(gaps, 130 / b, 16)
    return _series(x, [static_limit(DmftModel(a, b, inf, float(p))).test for p in np.exp(x)], gaps, 2e-13)


def measure_late(a: float, b: float) -> Series:
    """The coefficient of 1/N in the loss at t = inf, against P."""
    gaps = (1.0, b, a - 1 - b, a - 1 - 2 * b)
    x = _sizes(gaps, 100 / b, 10)
    found = []
    for size in map(float, np.exp(x)):
        limit = static_limit(DmftModel(a, b, inf, size)).test
        one, two = (n * (static_limit(DmftModel(a, b, n, size)).test - limit) for n in (3e4 * size, 6e4 * size))
        found.append(2 * two - one)
    return _series(x, found, gaps, 1e-8)


def _first_order(values: list[float]) -> float:
    """The limit of c_0 + c_1/n + c_2/n^2 from its values at n, 2n and 4n."""
    return (values[0] - 6 * values[1] + 8 * values[2]) / 3


def measure_time(a: float, b: float) -> Series:
    """The loss at N = P = inf against t."""
    t = 10.0 ** np.linspace(3, 40, 8)
    return _series(np.log(t), loss_curve(DmftModel(a, b, inf, inf), t).limit, (), 2e-13)


def _correction(a: float, b: float, size: str, task: float) -> Series:
    t = 10.0 ** np.linspace(1, 24, 20)
    wide, narrower = ((DmftModel(a, b, n, inf) if size == "N" else DmftModel(a, b, inf, n)) for n in (_FAR, _FAR / 1e10))
    curve, other = loss_curve(wide, t), loss_curve(narrower, t[:1])
    power = log(float(curve.correction[0] / other.correction[0])) / log(1e10)
    return _series(np.log(t), _FAR * curve.correction, (1.0, 1 / b, task / b), 1e-12, power)


def measure_model_correction(a: float, b: float) -> Series:
    """The coefficient of 1/N in the loss at P = inf, against t."""
    return _correction(a, b, "N", a - 1 - b)


def measure_data_correction(a: float, b: float) -> Series:
    """The coefficient of 1/P in the loss at N = inf, against t."""
    return _correction(a, b, "P", a - 1 - 2 * b)


def measure_gap(a: float, b: float) -> Series:
    """The coefficient of 1/P in test minus train loss at N = inf, against t."""
    slow = max(0.0, a - 1 - 2 * b)  # the loss of second order in 1/P is then larger by more than t^(1/b)
    t = 10.0 ** np.linspace(1, 6 if slow else 24, 10)
    found, power = [], nan
    for time in t:
        sizes = [2e3 * k * time ** ((1 + slow) / b) for k in (1, 2, 4)]
        curves = [loss_curve(DmftModel(a, b, inf, float(size)), [time]) for size in sizes]
        values = [float(c.test[0] - c.train[0]) for c in curves]
        found.append(_first_order([size * value for size, value in zip(sizes, values, strict=True)]))
        first, second = (log(y / x) / log(2) for x, y in pairwise(values))
        power = 2 * second - first
    gaps = (1.0, 1 / b, (a - 1 - b) / b, (a - 1 - 2 * b) / b)
    return _series(np.log(t), found, gaps, 2e-9, power)


def measure_response(a: float, b: float) -> Series:
    """dof(kappa), the sum in the first order of the responses, against 1/kappa."""
    x = _sizes((1 / b,), 60.0, 20)
    rule = DmftModel(a, b, inf, inf).rule(float(np.exp(-x[-1])))
    found = [float((rule.capacity / (kappa + rule.nodes)).sum()) for kappa in np.exp(-x)]
    return _series(x, found, (1.0, 1 / b), 2e-13)


def _family(a: float, b: float, fraction: float, batch: float) -> Family:
    """One-pass SGD; `Family.of` would refuse b > a, where the target grows but the loss is finite."""
    alpha, beta = b / 2, (a - b) / 2
    return Family(alpha, beta, inf, fraction, batch, SpectralSums.of(alpha, beta))  # type: ignore[arg-type]


def measure_optima(a: float, b: float) -> dict[str, Series]:
    """Loss, size and steps at the least loss for N t = C and P = inf, against C."""
    family = _family(a, b, NO_NOISE, 1.0)
    log_rate = log(NO_NOISE) + log(2) - log(float(zeta_sum(Fraction(b), np.array([inf]))[0]))
    eta, size, time = optimal_flow(a, b)
    points = trace_frontier(family, [c - log_rate / _LN10 for c in BUDGETS], size, SECONDS)
    if len(points) < 10:
        raise NoConvergenceError("too few budgets gave an optimum within the time")
    rates = piece_rates(b / 2, (a - b) / 2, size, time)
    quotients = [rates[n] - eta for n in ("F_0", "F_pp", "F_ac")]
    edge, modes = size - time / b, time / b
    gaps = _combine((time, modes, (a - 1 - b) * modes, edge, b * edge, size, (a - 1 - b) * size, b * size, *quotients))
    x, n, y = (np.array([getattr(p, k) for p in points]) for k in ("log_compute", "log_size", "log_loss"))
    x = x + log_rate
    noise = max(max(p.error for p in points), 1e-11)
    return {"loss": Series(x, y, gaps, noise), "size": Series(x, n, gaps, noise), "steps": Series(x, x - n, gaps, noise)}


def optimal_flow(a: float, b: float) -> tuple[float, float, float]:
    """(eta, D, tau) of the ray N = C^D, t = C^tau on which the slowest piece of the flow's loss decays fastest."""

    def rates(size: float) -> list[float]:
        """The rates of the pieces of the loss, if the size grows as C^size."""
        found = piece_rates(b / 2, (a - b) / 2, size, 1 - size)
        return [found[n] for n in ("F_0", "F_pp", "F_ac")]

    start, end = rates(0.0), rates(1.0)
    lines = [(one, two - one) for one, two in zip(start, end, strict=True)]
    sizes = [(c - p) / (q - d) for p, q in lines for c, d in lines if abs(q - d) > 1e-12]
    eta, size = max((min(rates(x)), x) for x in sizes if 0 < x < 1)
    return eta, size, 1 - size


def measure_sgd_time(a: float, b: float) -> Series:
    """One-pass SGD at N = 1e100 against the steps."""
    r = 10.0 ** np.linspace(4, 60, 24)
    with np.errstate(all="ignore"):
        found = evaluate_losses(_family(a, b, 0.5, SGD_BATCH), np.full(r.size, _FAR), r)
    gaps = (1.0, 1 / b, (a - 1 - b) / b, 1 - 1 / b, (a - 2 * b) / b)
    return _series(np.log(r), np.exp(found.log_loss), gaps, max(1e-12, float(np.nanmax(found.error))))


def measure_sgd_size(a: float, b: float) -> Series:
    """One-pass SGD after 1e8 N^b steps against N."""
    gaps = (1.0, b, a - 1 - b)
    x = _sizes(gaps, 120 / b, 20)
    with np.errstate(all="ignore"):
        found = evaluate_losses(_family(a, b, 0.5, SGD_BATCH), np.exp(x), 1e8 * np.exp(b * x))
    return _series(x, np.exp(found.log_loss), gaps, max(1e-12, float(np.nanmax(found.error))))


def measure_static_optima(a: float, b: float) -> dict[str, Series]:
    """Loss, size and data at the least loss over N at N P = C and t = inf, against C; the peak N = P lies in between."""
    sharp, flat = min(a - 1, b), min(a - 1, 2 * b)
    # L = P^-flat + P^(1-sharp)/N for N > P, and N^-sharp below: the first two meet, or the ratio N/P stays finite
    size = (flat + 1 - sharp) / (flat + 2 - sharp) if sharp < 2 else 0.5
    data = 1 - size
    own = (1.0, b, a - 1 - b, a - 1 - 2 * b)
    gaps = [size - data, *(g * data for g in own), *(g * size for g in own)]
    x, found, ratios = np.linspace(36, 6, 10) * _LN10, [], list[float]()
    for budget in x:
        def loss_at(ratio: float, budget: float = float(budget)) -> float:
            """log L at N P = C, with the logarithm of the ratio of sizes."""
            return _static_loss(a, b, budget, ratio)

        guess = _scan_ratio(a, b, float(budget)) if not ratios else 2 * ratios[-1] - ratios[-2] if ratios[1:] else ratios[0]
        ratio, loss = _minimise_ratio(loss_at, guess)
        ratios.append(ratio)
        found.append((loss, (budget + ratio) / 2, (budget - ratio) / 2))
    rows = np.array(found)[::-1].T
    return {name: Series(x[::-1], row, _combine(gaps), 1e-11) for name, row in zip(("loss", "size", "data"), rows, strict=True)}


def measure_wide_optima(a: float, b: float) -> dict[str, Series]:
    """Loss, data and steps at the least loss over P at P t = C and N = inf, against C; the optimum has t ~ P^b."""
    x, found, start = np.linspace(50, 10, 9) * _LN10, [], nan
    for budget in x:
        def loss_at(ratio: float, budget: float = float(budget)) -> float:
            """log L at P t = C, with the logarithm of t/P^b."""
            data, time = (np.exp((budget - ratio) / (1 + b)), np.exp((b * budget + ratio) / (1 + b)))
            return log(float(loss_curve(DmftModel(a, b, inf, float(data)), [float(time)]).test[0]))

        if start != start:
            start = min(np.linspace(-8.0, 2.0, 8).tolist(), key=loss_at)
        start, loss = _minimise_ratio(loss_at, start, inf)
        found.append((loss, (budget - start) / (1 + b), (b * budget + start) / (1 + b)))
    rows, own = np.array(found)[::-1].T, (1.0, b, a - 1 - 2 * b)
    gaps = _combine(g / (1 + b) for g in own)
    return {name: Series(x[::-1], row, gaps, 1e-11) for name, row in zip(("loss", "data", "steps"), rows, strict=True)}


def _static_loss(a: float, b: float, budget: float, ratio: float) -> float:
    """log L at t = inf, log N + log P = budget and log N - log P = ratio."""
    return log(static_limit(DmftModel(a, b, float(np.exp((budget + ratio) / 2)), float(np.exp((budget - ratio) / 2)))).test)


def _scan_ratio(a: float, b: float, budget: float) -> float:
    """The log N/P of the least loss among some thirty."""
    steps = np.geomspace(0.2, 0.8 * budget, 14)
    return float(min((*steps, *-steps), key=lambda ratio: _static_loss(a, b, budget, float(ratio))))


def _minimise_ratio(loss_at: Callable[[float], float], start: float, peak: float = 0.0) -> tuple[float, float]:
    """The stationary log ratio nearest to `start`, on its side of a peak of the loss, and log L there."""
    nodes, place, stride = np.cos(np.pi * (np.arange(9) + 0.5) / 9), start, 0.0
    for _ in range(40):
        width = min(0.3 * abs(place - peak), 0.6)
        values = [loss_at(float(place + width * x)) for x in nodes]
        fit = np.polynomial.Chebyshev(np.polynomial.chebyshev.chebfit(nodes, values, 8))
        roots = [float(r.real) for r in fit.deriv().roots() if abs(r.imag) < 1e-9 and abs(r.real) < 0.9]
        if roots:
            best = min(roots, key=lambda r: float(fit(r)))
            place += width * best
            if abs(best) < 0.7:
                return place, float(fit(best))
        else:
            down = float(np.sign(values[-1] - values[0]))  # the last node is the leftmost
            stride = down if stride * down <= 0 else 2 * stride  # the second step on one side is twice as long
            place += width * stride
    raise NoConvergenceError("the optimal ratio of size and data was not reached")


MEASURES: Final[Mapping[str, Callable[[float, float], Series]]] = {
    "data": measure_data, "late": measure_late, "time": measure_time,
    "correction/model": measure_model_correction, "correction/data": measure_data_correction, "gap": measure_gap,
    "early/response": measure_response, "sgd/time": measure_sgd_time, "sgd/size": measure_sgd_size,
}
