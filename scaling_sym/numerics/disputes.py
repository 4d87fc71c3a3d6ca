r"""Disputed statements of bordelon2024, settled by drawing the matrices: measured, as printed, and as derived.

Each `Dispute` is one number with its standard error beside the printed and the derived value. The random matrices are complex
Gaussian: for these the mean-field equations hold to second order in 1/N and 1/P (real ones add a term of first order, see
`scaling_sym.numerics.dmft`). One-pass SGD is drawn with real data, for which its equations are exact.

    B-bottleneck/model     the exponent of the loss at t = P = inf between two sizes; printed -min(a - 1, 2b), derived
                           -min(a - 1, b), each with the corrections of finite N in the derived column
    B-early/eq83           the response of the first mode, started from itself alone, at finite N and P; the printed form replaces
                           the sum over modes by its value at large frequency, so that it fails from lambda t ~ 1 on
    B-ensemble/one-larger-model   two networks of N = P/2 on the same data against one of 2 N = P, late: the larger one sits at
                           the interpolation peak
    B-sgd/no-plateau       the loss above the label noise that one-pass SGD keeps at N = inf; printed 0, derived K/(1 - K) sigma^2
    B-sgd/time-and-size-laws   the exponent of its loss in steps where a > 2b, without label noise; printed -(a - 1)/b, derived
                           -(2 - 1/b), set by the noise of the batches
    B-compute/loss         the exponent of the loss in C = N t between two budgets, at the best size for each, P = inf; printed
                           -(a - 1)/(b + 1), derived -(a - 1)/a where 1/N t^(1/b - 1) is what the size costs

What it does not cover: exponents themselves (sizes here are tens to hundreds; see `check` for those).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_online import OnlineSgd, online_curve
from scaling_sym.numerics.dmft_static import static_limit
from scaling_sym.numerics.simulate.arguments import FloatArray
from scaling_sym.numerics.simulate.dmft import DMFTModel, PowerLawModes, Training, simulate_dmft
from scaling_sym.numerics.simulate.ensemble import average_members, member_streams
from scaling_sym.numerics.simulate.sweep import Execution, single_thread

Complex = NDArray[np.complex128]


@final
@dataclass(frozen=True, slots=True)
class Dispute:
    """One measured number: `what` was measured `where`, with its standard error, as printed, and as derived."""

    claim: str
    what: str
    where: str
    measured: float
    standard_error: float
    printed: float
    derived: float

    @property
    def off_printed(self) -> float:
        """The distance to the printed value in standard errors (infinite where that is infinite)."""
        return (self.measured - self.printed) / self.standard_error

    @property
    def off_derived(self) -> float:
        """The distance to the derived value in standard errors."""
        return (self.measured - self.derived) / self.standard_error


def settle_disputes(runs: int = 100, seed: int = 0) -> tuple[Dispute, ...]:
    """Simulate all of them with so many independent draws each; at least 20, for honest standard errors."""
    if runs < 20:
        raise BadInputError(f"{runs} runs are too few for a standard error here; at least 20 are needed")
    parts: tuple[Callable[[int, int], tuple[Dispute, ...]], ...] = (
        measure_floor, measure_response, compare_ensemble, measure_plateau, measure_steps, measure_budgets,
    )
    with single_thread():  # the matrices are small
        return tuple(dispute for part in parts for dispute in part(runs, seed))


def draw_matrix(stream: np.random.Generator, rows: int, columns: int) -> Complex:
    """Independent complex Gaussian entries of variance one; shape (rows, columns)."""
    real, imaginary = (stream.standard_normal((rows, columns)) for _ in range(2))
    matrix: Complex = (real + 1j * imaginary) / np.sqrt(2.0)
    return matrix


def _streams(seed: int, label: str, runs: int) -> list[np.random.Generator]:
    return [member_streams(seed, label, member, 1)[0] for member in range(runs)]


def measure_floor(runs: int, seed: int) -> tuple[Dispute, ...]:
    """The local exponent of the loss at t = P = inf, at a = 3, b = 5/4 and a = 5, b = 3/2, between N = 32 and 128."""
    found = []
    for a, b in ((3.0, 1.25), (5.0, 1.5)):
        sizes, modes = (32, 128), 1280
        k = np.arange(1.0, modes + 1)
        root, teacher = k ** (-b / 2), k ** (-a / 2)  # sqrt(lambda), and sqrt(lambda) w
        losses = np.array([
            [_project(draw_matrix(stream, modes, size) * root[:, None], teacher) for size in sizes]
            for stream in _streams(seed, f"floor {a} {b}", runs)
        ])
        mean = average_members(losses)
        span = np.log(sizes[1] / sizes[0])
        slope = float(np.log(mean.mean[1] / mean.mean[0]) / span)
        error = float(np.sqrt(((mean.standard_error / mean.mean) ** 2).sum()) / span)  # sizes are drawn independently
        limits = [static_limit(DmftModel(a, b, float(n), inf, float(modes))).test for n in sizes]
        found.append(Dispute(
            "B-bottleneck/model", "exponent of the loss in N", f"a={a:g}, b={b:g}, N={sizes[0]} to {sizes[1]}", slope, error,
            -min(a - 1, 2 * b), float(np.log(limits[1] / limits[0]) / span),
        ))
    return tuple(found)


def measure_budgets(runs: int, seed: int) -> tuple[Dispute, ...]:
    """The local exponent of the least loss at N t = 2^7 and 2^11, over N = 8, 16, ..., 128: a = 39/10, b = 2, gradient flow."""
    a, b, modes, budgets, sizes = 3.9, 2.0, 120, np.array([2.0**7, 2.0**11]), 2.0 ** np.arange(3, 8)
    k = np.arange(1.0, modes + 1)
    root, teacher = k ** (-b / 2), k ** (-a / 2)  # sqrt(lambda), and sqrt(lambda) w
    solved = np.array([loss_curve(DmftModel(a, b, n, inf, float(modes)), budgets / n).test for n in sizes])
    best = sizes[solved.argmin(axis=0)]  # the equations choose the sizes, the matrices measure them
    losses = np.array([
        [_flow(draw_matrix(stream, modes, int(n)) * root[:, None] / np.sqrt(n), teacher, c / n)
         for n, c in zip(best, budgets, strict=True)]
        for stream in _streams(seed, "budgets", runs)
    ])
    mean, span = average_members(losses), float(np.log(budgets[1] / budgets[0]))
    slope, derived = (float(np.log(x[1] / x[0])) / span for x in (mean.mean, solved.min(axis=0)))
    error = float(np.sqrt(((mean.standard_error / mean.mean) ** 2).sum()) / span)  # sizes are drawn independently
    where = f"a={a:g}, b={b:g}, M={modes}, P=inf, N t=2^7 (N={best[0]:g}) to 2^11 (N={best[1]:g})"
    return (Dispute("B-compute/loss", "exponent of the least loss in C", where, slope, error, -(a - 1) / (b + 1), derived),)


def _flow(features: Complex, teacher: FloatArray, time: float) -> float:
    """The loss of gradient flow on the whole distribution; `features` (modes, N) carry sqrt(lambda)."""
    left, singular, _ = np.linalg.svd(features, full_matrices=False)
    along = np.abs(left.conj().T @ teacher) ** 2
    outside = float(teacher @ teacher - along.sum())
    return outside + float(along @ np.exp(-2.0 * time * singular**2))


def _project(features: Complex, teacher: FloatArray) -> float:
    """The squared distance of the teacher (modes,) from the span of the features (modes, N)."""
    basis, _ = np.linalg.qr(features)
    inside = basis.conj().T @ teacher
    return float(teacher @ teacher - (np.abs(inside) ** 2).sum())


def measure_response(runs: int, seed: int) -> tuple[Dispute, ...]:
    """H_1(t), the mean of v_1(t) for a teacher along the first mode, at N = P = 64 and t = 1/4, 1, 4, 64."""
    size, times = 64, np.array([0.25, 1.0, 4.0, 64.0])
    eigenvalues = np.arange(1.0, 301.0) ** -1.3
    teacher = np.zeros(eigenvalues.size)
    teacher[0] = 1.0
    rows = [_first_mode(stream, size, size, eigenvalues, teacher, times) for stream in _streams(seed, "response", runs)]
    mean = average_members(np.array(rows))
    model = DmftModel.from_spectrum(eigenvalues, teacher, size, size)
    derived = np.sqrt(loss_curve(model, times).bias)  # lambda_1 = w_1 = 1, so that the bias is H_1^2
    added = float(eigenvalues.sum()) * 2 / size
    printed = np.exp(-times) + added * (1 - np.exp(-times) - times * np.exp(-times))
    return tuple(
        Dispute("B-early/eq83", "H_1(t)", f"b=1.3, M=300, N=P={size}, t={t:g}", float(m), float(e), float(p), float(d))
        for t, m, e, p, d in zip(times, mean.mean, mean.standard_error, printed, derived, strict=True)
    )


def _first_mode(
    stream: np.random.Generator, size: int, samples: int, eigenvalues: FloatArray, teacher: FloatArray, times: FloatArray
) -> FloatArray:
    """v_1(t) of one draw."""
    features = draw_matrix(stream, size, eigenvalues.size) / np.sqrt(size)
    data = draw_matrix(stream, samples, eigenvalues.size) * np.sqrt(eigenvalues / samples)
    weights = _train(data @ features.conj().T, data @ teacher, times)
    residual: FloatArray = (teacher[0] - weights @ features[:, 0].conj()).real
    return residual


def _train(design: Complex, labels: Complex, times: FloatArray) -> Complex:
    """The weights of gradient flow from zero, shape (times, N)."""
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    gain = -np.expm1(-np.outer(times, singular**2)) / singular * (left.conj().T @ labels)
    weights: Complex = gain @ right.conj()
    return weights


def compare_ensemble(runs: int, seed: int) -> tuple[Dispute, ...]:
    """Log of the loss of one network of 64 over that of the mean of two of 32, at P = 64 samples, a = 1.9, b = 1.3, t = 1e4.

    Printed is that the larger network is better, a negative logarithm: the printed value is the bound, 0.
    """
    samples, time, modes = 64, 1e4, 400
    k = np.arange(1.0, modes + 1)
    eigenvalues, teacher = k**-1.3, k**-0.3
    losses = np.array([
        _one_against_two(stream, samples, eigenvalues, teacher, time) for stream in _streams(seed, "ensemble", runs)
    ])
    mean = average_members(losses)
    ratio = float(np.log(mean.mean[0] / mean.mean[1]))
    pulls = losses[:, 0] / mean.mean[0] - losses[:, 1] / mean.mean[1]  # both are trained on the same data
    error = float(pulls.std(ddof=1) / np.sqrt(runs))
    spectrum = (eigenvalues, teacher**2)
    one = loss_curve(DmftModel.from_spectrum(*spectrum, samples, samples), [time]).test[0]
    two = loss_curve(DmftModel.from_spectrum(*spectrum, samples / 2, samples), [time]).average(2)[0]
    where = f"a=1.9, b=1.3, M={modes}, N=32 twice, P={samples}, t={time:g}"
    what = "log of one larger network's loss over the ensemble's (printed: below 0)"
    return (Dispute("B-ensemble/one-larger-model", what, where, ratio, error, 0.0, float(np.log(one / two))),)


def _one_against_two(
    stream: np.random.Generator, samples: int, eigenvalues: FloatArray, teacher: FloatArray, time: float
) -> list[float]:
    data = draw_matrix(stream, samples, eigenvalues.size) * np.sqrt(eigenvalues / samples)
    residuals = []
    for size in (samples, samples // 2, samples // 2):
        features = draw_matrix(stream, size, eigenvalues.size) / np.sqrt(size)
        weights = _train(data @ features.conj().T, data @ teacher, np.array([time]))[0]
        residuals.append(teacher - weights @ features.conj())
    pair = (residuals[1] + residuals[2]) / 2
    return [float(eigenvalues @ np.abs(v) ** 2) for v in (residuals[0], pair)]


def measure_plateau(runs: int, seed: int) -> tuple[Dispute, ...]:
    """The test loss less sigma^2 of one-pass SGD at N = inf after 3000 steps: a = 3, b = 2, batch 1, learning rate 1/8."""
    model, rule = DmftModel(3.0, 2.0, inf, inf, 60.0, 1.0), OnlineSgd(1.0, 0.125)
    drawn = DMFTModel(PowerLawModes(3.0, 2.0, 60), None, None, sigma=1.0)
    options: dict[str, Any] = {"training": Training("sgd", 0.125, batch=1), "runs": runs, "seed": seed}
    found = simulate_dmft(drawn, [3000.0], execution=Execution(1), **options)
    curve = online_curve(model, [3000.0], rule)
    where = "a=3, b=2, M=60, N=inf, sigma=1, batch 1, learning rate 1/8, 3000 steps"
    return (Dispute("B-sgd/no-plateau", "test loss above the label noise", where, float(found.mean[0]) - 1.0,
                    float(found.standard_error[0]), 0.0, float(curve.test[0]) - 1.0),)


def measure_steps(runs: int, seed: int) -> tuple[Dispute, ...]:
    """The local exponent of the loss of one-pass SGD from 100 to 1000 steps: a = 6, b = 3/2, N = inf, batch 1, no label noise."""
    a, b, rate, modes, steps = 6.0, 1.5, 0.125, 150, [100.0, 1000.0]
    drawn = DMFTModel(PowerLawModes(a, b, modes), None, None)
    options: dict[str, Any] = {"training": Training("sgd", rate, batch=1), "runs": runs, "seed": seed}
    found = simulate_dmft(drawn, steps, execution=Execution(1), **options)
    solved = online_curve(DmftModel(a, b, inf, inf, float(modes)), steps, OnlineSgd(1.0, rate)).test
    slope, derived = (float(np.log10(x[1] / x[0])) for x in (found.mean, solved))
    # The two losses of a run are nearly independent: thousands of batches lie between them.
    error = float(np.sqrt(((found.standard_error / found.mean) ** 2).sum()) / np.log(10.0))
    where = f"a={a:g}, b={b:g}, M={modes}, N=inf, batch 1, learning rate 1/8, 100 to 1000 steps"
    return (Dispute("B-sgd/time-and-size-laws", "exponent of the loss in steps", where, slope, error, -(a - 1) / b, derived),)
