r"""The exponents (a, b) of a measured spectrum, with an uncertainty that is meant to be believed.

Model: eigenvalues lambda_k ~ k^-b and task power p_k = lambda_k w_k^2 ~ k^-a (bordelon2024; `mathematics.md`, section 0),
for k inside a *window*. Head and tail of real spectra are no power laws, so that nothing outside a window is assumed.

**Estimator.** In a window, the mean of a value is m_k = c k^-s h_k + f, and (c, s) minimise the quasi-likelihood

    sum_k g_k (log m_k + x_k / m_k),                                                                              (1)

that of independent Gamma variables. Its score is unbiased whatever the distribution of x_k, as long as m_k is the mean:
this matters for task power, which scatters like a squared Gaussian about its law, so that the logarithm of a single
value is biased and long-tailed and can even be -inf. Sums over the tail, sum_{j>k} x_j ~ k^(1-s), are smoother but their slope
is biased wherever the data end: with M modes by (k/M)^(s-1), 30 % at k = M/10 for s = 3/2. They are not used.
Weights g_k are 1/k for eigenvalues, whose scatter is small, so that every octave counts alike, and 1 for task power, where
scatter is what matters.

**Finite samples.** Eigenvalues of the covariance of n samples are not those of the population. To first order in 1/n
(Lawley 1956 for delta; second-order perturbation theory of eigenvectors for rho), for Gaussian data,

    E lambda^_k = lambda_k (1 + delta_k),    delta_k = 1/n sum_{j != k} lambda_j / (lambda_k - lambda_j),           (2)
    E p^_k      = p_k (1 + rho_k),           rho_k   = 1/n sum_{j != k} (p_j/p_k - r^2) / (1 - r)^2,    r = lambda_j/lambda_k,

where p^_k is measured along the sample's own eigenvectors. Both grow like k/n, and rho_k grows like k^(a-2b)/n where that is
larger: then the power of the head, leaking through the eigenvectors, hides the tail, and the window ends before it does.
Neighbours j ~ k are summed with the fitted power laws, as principal values; all others as measured. h_k = 1 + delta_k
or 1 + rho_k. A kernel made from its own eigenvectors, or an orthogonal design, has no such bias: h_k = 1 is the second
*reading*, and the interval covers both.

**Floors.** Label noise (and the part of the target that no combination of features reaches) of variance sigma^2 adds
sigma^2/n to every p^_k. Where the samples outnumber the modes, sigma^2 is the residual variance of least squares; otherwise f
is a third parameter of a fit over many modes. A constant added to the diagonal of a kernel is found in the same way; it
is believed only where the tail is flat. Windows end where the floor takes over.

**Interval.** `value` is the slope in the widest window with h_k as above. Its half-width is `STATISTICAL` (b) or `POOLED` (a)
standard errors of a moving-block bootstrap of the residuals x_k/m_k along k, more in short windows, and half the
difference between the two readings in the same window; the other reading lies in the interval in any case. Of every other
window that part of the difference counts which exceeds two standard errors of its own: scatter is not counted twice,
systematic curvature is counted in full. Half-widths are never below `ROUNDING`.

Not covered: data whose rows are correlated (time series); exponents that drift without end, for which the interval
shows the drift inside the window only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaling_sym.data.spectra import Spectrum
from scaling_sym.errors import BadInputError

Array = NDArray[np.float64]

FEWEST_MODES: Final = 20
"""Positive eigenvalues without which no window has room for a slope."""
SHARE_OF_SAMPLES: Final = 0.1
"""Windows end at this share of the number of samples, where (2) is a correction of a few percent."""
ROUNDING: Final = 1e-6
BOOTSTRAPS: Final = 200
LARGEST_CORRECTION: Final = 0.4
ABOVE_FLOOR: Final = 3.0
STATISTICAL: Final = 3.0
"""Standard errors on either side for eigenvalues, whose blocks are few and alike."""
POOLED: Final = 2.3
"""Standard errors on either side for task power."""
SHORT: Final = 8.0
"""A window of so many modes gets twice the standard error: the bootstrap of few values is too sure of itself."""
LEAST_SAYING: Final = 3.0
"""Windows for task power whose standard error is so many times that of the widest say nothing, and are left out ..."""
SHORTEST: Final = 12
"""... and so are those of fewer modes."""
SYSTEMATIC: Final = 2.0


@dataclass(frozen=True, slots=True)
class Window:
    """The slope fitted to modes first <= k <= last; `reading` is `sampled` (h_k of the page above) or `exact` (h_k = 1)."""

    first: int
    last: int
    reading: str
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Exponent:
    """A slope with the interval [low, high], all windows behind it, and the floor that was taken into account."""

    value: float
    low: float
    high: float
    windows: tuple[Window, ...]
    floor: float


@dataclass(frozen=True, slots=True)
class Exponents:
    """b of the eigenvalues, a of the task power (None without labels or where no window is left, with the reason why)."""

    b: Exponent
    a: Exponent | None
    reason: str | None


def cover_both(found: Exponents, other: Exponents) -> Exponents:
    """The first estimate with intervals that contain those of the second one too."""
    def cover(one: Exponent, two: Exponent) -> Exponent:
        """The first with an interval that holds both."""
        return replace(one, low=min(one.low, two.low), high=max(one.high, two.high), windows=(*one.windows, *two.windows))

    a = None if found.a is None or other.a is None else cover(found.a, other.a)
    return Exponents(cover(found.b, other.b), a, found.reason or other.reason)


def estimate_exponents(spectrum: Spectrum, seed: int = 0) -> Exponents:
    """Estimate (a, b); raises `BadInputError` where there are fewer than `FEWEST_MODES` positive eigenvalues."""
    rank = spectrum.eigenvalues.size
    if rank < FEWEST_MODES:
        raise BadInputError(
            f"{spectrum.name} is rank-deficient or too small: it has {rank} positive eigenvalue{'s' * (rank != 1)}, too few to "
            f"fit an exponent, and at least {FEWEST_MODES} are needed"
        )
    if np.ptp(spectrum.eigenvalues) <= 1e-9 * spectrum.eigenvalues[0]:
        raise BadInputError(f"{spectrum.name} is constant: all eigenvalues are equal, and a decaying spectrum is needed")
    streams = np.random.default_rng(seed).spawn(2)
    b = _estimate_b(spectrum, streams[0])
    if spectrum.power is None:
        return Exponents(b, None, "no labels were given")
    a = _estimate_a(spectrum, b, streams[1])
    return Exponents(b, a, None if a else "the task power lies below the noise of the labels before a window is wide enough")


def _estimate_b(spectrum: Spectrum, stream: np.random.Generator) -> Exponent:
    lam = spectrum.eigenvalues
    last = _last_mode(spectrum)
    floor = _find_tail_floor(lam, spectrum.samples)
    if floor > 0.0:
        last = max(min(last, int(np.count_nonzero(lam > (1.0 + ABOVE_FLOOR) * floor))), FEWEST_MODES // 2)
    k = np.arange(1.0, lam.size + 1.0)
    raw = _slope(lam, k, _first_mode(last), last, np.ones(lam.size), floor, 1.0 / k)
    readings = {"exact": np.ones(lam.size)}
    if spectrum.samples is not None:
        readings["sampled"] = 1.0 + eigenvalue_bias(lam, raw, spectrum.samples, last)
    return _combine(lam, readings, floor, 1.0 / k, last, stream, pooled=False)


def _estimate_a(spectrum: Spectrum, b: Exponent, stream: np.random.Generator) -> Exponent | None:
    lam, power = spectrum.eigenvalues, spectrum.power
    assert power is not None
    k = np.arange(1.0, power.size + 1.0)
    weights = np.ones(power.size)
    last, floor, by = _last_mode(spectrum), spectrum.noise_floor, 0.5
    if floor is None:
        by = 0.5 * ABOVE_FLOOR
        floor = _find_noise_floor(power, lam.size if spectrum.samples is None else min(lam.size, spectrum.samples) // 2)
    last = min(last, _last_above(power, floor, by))
    if last < FEWEST_MODES // 2:
        return None
    readings = {"exact": np.ones(power.size)}
    if spectrum.samples is not None:
        part = slice(_first_mode(last) - 1, last)
        scale, raw = fit_power_law(power[None, part], k[part], np.ones(k[part].size), floor, weights[part])
        law = (float(scale[0]), float(raw[0]))
        bias = power_bias(lam, np.maximum(power - floor, 0.0), law, b.value, spectrum.samples, last)
        last = max(_last_small(bias, last), FEWEST_MODES // 2)
        readings["sampled"] = 1.0 + np.clip(bias, -0.9, None)
    return _combine(power, readings, floor, weights, last, stream, pooled=True)


def _last_mode(spectrum: Spectrum) -> int:
    """The last mode that any window may use."""
    rank = int(spectrum.eigenvalues.size)
    if spectrum.samples is None:
        return rank
    return min(rank, max(int(SHARE_OF_SAMPLES * spectrum.samples), FEWEST_MODES))


def _first_mode(last: int) -> int:
    """The first mode of the widest window: the head is left out, more of it in longer spectra."""
    return max(2, int(last**0.25 + 0.5))


def list_windows(last: int) -> list[tuple[int, int]]:
    """Windows that end at or before `last`: the widest first, then its parts of at least half its logarithmic length."""
    first = _first_mode(last)
    span = log(last / first)
    shares = [(0.0, 1.0), (0.0, 0.75), (0.0, 0.5), (0.25, 1.0), (0.25, 0.75), (0.5, 1.0)]
    found = [(round(first * exp(x * span)), round(first * exp(y * span))) for x, y in shares]
    return [w for w in dict.fromkeys(found) if w[1] - w[0] >= 7]


def _combine(
    values: Array, readings: dict[str, Array], floor: float, weights: Array, last: int, stream: np.random.Generator,
    *, pooled: bool,
) -> Exponent:
    """The interval from all windows and readings; `pooled`: the scatter about the law is alike in all windows."""
    k = np.arange(1.0, values.size + 1.0)
    windows: list[Window] = []
    main_reading = "sampled" if "sampled" in readings else "exact"
    for reading in sorted(readings, key=lambda name: name != main_reading):
        for first, end in list_windows(last):
            part = slice(first - 1, end)
            slope, error = _bootstrap(values[part], k[part], readings[reading][part], floor, weights[part], stream)
            if pooled and windows:
                # A few values of squared Gaussians say little about their scatter; the widest window knows it better.
                share = _leverage(k[part], weights[part]) / _leverage(k[: windows[0].last], weights[: windows[0].last])
                error = max(error, windows[0].error * share)
            windows.append(Window(first, end, reading, slope, error))
    main = windows[0]
    rival = next((w.value - main.value for w in windows if w.reading != main_reading), 0.0)
    telling = [w for w in windows[1:] if not pooled or _says_something(w, main)]
    # A little more than the other reading, which may be exact and must not lie on the edge.
    spread = [1.1 * rival, *(_exceed(w.value - main.value, SYSTEMATIC * w.error) for w in telling)]
    sure = POOLED if pooled else STATISTICAL
    half = max(sure * (1.0 + SHORT / (main.last - main.first + 1)) * main.error + 0.5 * abs(rival), ROUNDING)
    return Exponent(main.value, main.value + min(-half, *spread), main.value + max(half, *spread), tuple(windows), floor)


def _says_something(window: Window, main: Window) -> bool:
    return window.error <= LEAST_SAYING * main.error and window.last - window.first + 1 >= SHORTEST


def _leverage(k: Array, weights: Array) -> float:
    """The standard error of a slope for independent values of unit relative scatter."""
    x = np.log(k) - np.average(np.log(k), weights=weights)
    return float(np.sqrt((weights**2 * x**2).sum()) / (weights * x**2).sum())


def _exceed(difference: float, allowance: float) -> float:
    """The part of a difference beyond an allowance, with its sign."""
    return float(np.sign(difference) * max(abs(difference) - allowance, 0.0))


def _bootstrap(
    values: Array, k: Array, shape: Array, floor: float, weights: Array, stream: np.random.Generator
) -> tuple[float, float]:
    """Slope, and its standard error from blocks of multiplicative residuals."""
    scale, slope = fit_power_law(values[None], k, shape, floor, weights)
    mean = scale[:, None] * k ** -slope[0] * shape + floor
    count = k.size
    residual = (values / mean[0] - 1.0) * np.sqrt(count / (count - 2.0))
    # Blocks long enough for what neighbours share, and enough of them to be shuffled.
    length = max(1, round(count**0.5))
    starts = stream.integers(0, count, size=(BOOTSTRAPS, -(-count // length)))
    picked = (starts[:, :, None] + np.arange(length)).reshape(BOOTSTRAPS, -1)[:, :count] % count
    drawn = residual[picked]
    redrawn = np.maximum(mean * (1.0 + drawn - drawn.mean()), 1e-12 * mean)
    slopes = fit_power_law(redrawn, k, shape, floor, weights)[1]
    return float(slope[0]), float(np.std(slopes))


def _slope(values: Array, k: Array, first: int, last: int, shape: Array, floor: float, weights: Array) -> float:
    part = slice(first - 1, last)
    return float(fit_power_law(values[None, part], k[part], shape[part], floor, weights[part])[1][0])


def fit_power_law(values: Array, k: Array, shape: Array, floor: float, weights: Array) -> tuple[Array, Array]:
    """Minimise (1) for every row of `values` (shape (rows, modes)) by Fisher scoring; returns c and s, shape (rows,)."""
    centre = float(np.average(np.log(k), weights=weights))
    x = np.log(k) - centre
    spread = float(np.average(x**2, weights=weights))
    level = np.log(np.maximum(np.average(values / shape - floor, axis=1, weights=weights * k), 1e-300))
    level = np.where(np.isfinite(level), level, 0.0)
    # Start from the slope between two halves of the window, which is rough but never far off.
    half = k.size // 2
    upper, lower = (np.maximum((values / shape)[:, part].mean(axis=1) - floor, 1e-12 * values.max())
                    for part in (slice(0, half), slice(half, None)))
    slope = np.clip(np.log(upper / lower) / max(x[half:].mean() - x[:half].mean(), 1e-9), 0.0, 20.0)
    level = np.log(np.maximum(np.median((values / shape) * np.exp(slope[:, None] * x), axis=1), 1e-300))
    for _ in range(60):
        signal = np.exp(level[:, None] - slope[:, None] * x) * shape
        mean = signal + floor
        share = signal / mean
        pull = weights * share * (values - mean) / mean
        g0, g1 = pull.sum(axis=1), -(pull * x).sum(axis=1)
        curve = weights * share**2
        h00, h01, h11 = curve.sum(axis=1), -(curve * x).sum(axis=1), (curve * x**2).sum(axis=1)
        h11 = h11 + 1e-12 * spread * h00
        determinant = np.maximum(h00 * h11 - h01**2, 1e-30 * h00 * h11)
        step0, step1 = (h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant
        level, slope = level + np.clip(step0, -1.0, 1.0), slope + np.clip(step1, -0.5, 0.5)
        if max(np.abs(step0).max(), np.abs(step1).max()) < 1e-12:
            break
    return np.exp(level + slope * centre), slope


def eigenvalue_bias(eigenvalues: Array, b: float, samples: int, last: int) -> Array:
    """delta_k of (2) for k <= `last`; zero beyond."""
    count = eigenvalues.size
    found = np.zeros(count)
    j = np.arange(1.0, count + 1.0)
    for k in range(1, last + 1):
        near, ratio = _split(j, k, eigenvalues)
        law = (j[near] / k) ** -b
        far = ~near
        far[k - 1] = False
        found[k - 1] = (law / (1.0 - law)).sum() + (ratio[far] / (1.0 - ratio[far])).sum()
    return found / samples


def power_bias(
    eigenvalues: Array, power: Array, law: tuple[float, float], b: float, samples: int, last: int
) -> Array:
    """rho_k of (2) for k <= `last`; `law` is (c, a) of the power, whose single values scatter too much to divide by."""
    (scale, a), count = law, eigenvalues.size
    found = np.zeros(count)
    j = np.arange(1.0, count + 1.0)
    for k in range(1, last + 1):
        near, ratio = _split(j, k, eigenvalues)
        r = j[near] / k
        far = ~near
        far[k - 1] = False
        own = power[far] / (scale * k**-a)
        found[k - 1] = ((r**-a - r ** (-2.0 * b)) / (1.0 - r**-b) ** 2).sum()
        found[k - 1] += ((own - ratio[far] ** 2) / (1.0 - ratio[far]) ** 2).sum()
    return found / samples


def _split(j: Array, k: int, eigenvalues: Array) -> tuple[NDArray[np.bool_], Array]:
    """Which modes are neighbours of k, without k itself, and lambda_j / lambda_k."""
    near = (j >= 0.5 * k) & (j <= 2.0 * k)
    near[k - 1] = False
    return near, eigenvalues / eigenvalues[k - 1]


def _smooth(power: Array) -> Array:
    """Means over a third of an octave on either side."""
    total = np.concatenate([[0.0], np.cumsum(power)])
    k = np.arange(1, power.size + 1)
    low, high = np.floor(k * 0.79).astype(int), np.minimum(np.ceil(k * 1.26).astype(int), power.size)
    low = np.minimum(low, k - 1)
    return np.asarray((total[high] - total[low]) / (high - low))


def _last_above(power: Array, floor: float, by: float) -> int:
    """The last mode up to which the smoothed power stays above the floor by so much of it."""
    below = np.flatnonzero(_smooth(power)[FEWEST_MODES // 2 :] <= (1.0 + by) * floor)
    return int(below[0]) + FEWEST_MODES // 2 if below.size else power.size


def _last_small(bias: Array, last: int) -> int:
    """The last mode up to which the correction is small."""
    large = np.flatnonzero(np.abs(bias[:last]) > LARGEST_CORRECTION)
    return int(large[0]) if large.size else last


def _find_noise_floor(power: Array, last: int) -> float:
    """f of a fit of c k^-s + f to the power of many modes; 0 where it does not improve the fit."""
    first = _first_mode(last)
    return _profile_floor(power[first - 1 : last], np.arange(float(first), last + 1.0), np.ones(last - first + 1), 2.0)


def _find_tail_floor(eigenvalues: Array, samples: int | None) -> float:
    """A constant added to the diagonal: only where the last half of the spectrum is flat."""
    last = eigenvalues.size if samples is None else min(eigenvalues.size, samples)
    tail = eigenvalues[last // 2 : max(last * 9 // 10, last // 2 + 2)]
    flat = np.log(tail[0] / tail[-1]) / np.log(1.8)
    if flat > 0.35:
        return 0.0
    first = _first_mode(last)
    k = np.arange(float(first), last + 1.0)
    return _profile_floor(eigenvalues[first - 1 : last], k, 1.0 / k, 0.0)


def _profile_floor(values: Array, k: Array, weights: Array, gain: float) -> float:
    """The floor that maximises the profile of (1), if the gain over none exceeds `gain`."""
    top = float(np.median(values[-max(values.size // 4, 2) :])) * 3.0

    def objective(floor: float) -> float:
        """Minus the profile likelihood of a floor, with the best power law above it."""
        scale, slope = fit_power_law(values[None], k, np.ones(k.size), floor, weights)
        mean = scale[0] * k ** -slope[0] + floor
        return float((weights * (np.log(mean) + values / mean)).sum())

    grid = top * np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 25)])
    scores = [objective(f) for f in grid]
    best = int(np.argmin(scores))
    if best == 0 or scores[0] - scores[best] <= gain:
        return 0.0
    from scipy.optimize import minimize_scalar

    low, high = grid[best - 1], grid[min(best + 1, grid.size - 1)]
    return float(minimize_scalar(objective, bounds=(low, high), method="bounded").x)
