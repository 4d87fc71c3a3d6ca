"""One-pass stochastic gradient descent on a random-feature model with Gaussian data, and its expectation.

The model. Data `x = D^{1/2} z`, `z ~ N(0, I_v)`, `D = diag(lambda)`; target `<x, b> + sigma * noise`; features
`W^T x`, `W` of shape (v, n). With a batch of `B` fresh samples, the gradient being a *sum* over the batch,

    theta <- theta - gamma * sum_i W^T x_i (<W^T x_i, theta> - <x_i, b> - sigma e_i) + momentum * (last change),

and the population risk is `|D^{1/2}(W theta - b)|^2`: exact, no test set.

Two ways to draw it, equal in law:

* literally (`descend_literally`): every step draws `x` in all v dimensions. Cost `v n B` a step.
* reduced (`descend_reduced`): with the singular values `D^{1/2} W = U S V^T` and `y = D^{1/2} b`, only `U^T z` (n
  numbers) and the part of `z` along `y - U U^T y` (one number) enter, and these are `n + 1` independent standard
  normals, because the law of `z` does not change under rotation. The residual coordinates `delta = S V^T theta - U^T y`
  then follow, with `l = S^2` the non-zero eigenvalues of `K = D^{1/2} W W^T D^{1/2}` and `rho^2 = |y - U U^T y|^2`,

    delta <- delta - gamma * l * sum_i g_i (<g_i, delta> - sqrt(rho^2 + sigma^2) h_i),   risk = |delta|^2 + rho^2.

  Cost `n B` a step. It is an identity, not an approximation, and a test holds the two against one another.

Expectation over the data, weights given (`mathematics.md`, section 1, "Volterra equation"). With `E_i` the mean of
`delta_i^2`, from `E[g_i^2 <g, delta>^2] = |delta|^2 + 2 delta_i^2` one has, without momentum,

    E_i <- p(l_i) E_i + gamma^2 B l_i^2 (P + sigma^2),   P = sum_i E_i + rho^2,
    p(u) = 1 - 2 gamma B u + gamma^2 B (B+1) u^2,

whose solution is the Volterra equation with forcing `sum_i E_i(0) p(l_i)^r + rho^2` (the atom at zero) and kernel
`gamma^2 B sum_i l_i^2 p(l_i)^r` at `sigma = 0`. All its coefficients are positive (`p > 0` always), so that neither
stepping nor repeated squaring of its matrix cancels; the relative error grows as `r` times the rounding unit, and
`expect_risk` refuses to go where that could be seen.

Not covered: data other than Gaussian, momentum in the expectation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scaling_sym.errors import NoConvergenceError, PrecisionError
from scaling_sym.numerics.simulate.arguments import FloatArray

#: Normal deviates drawn at a time, over all members of a group: 16 megabytes.
DEVIATES_AT_A_TIME = 2**21

#: The furthest step whose exact expectation double precision still carries (relative error about r * 1e-16 * 10).
LARGEST_EXACT_STEP = 10**8


@dataclass(frozen=True, slots=True, eq=False)
class SpectralProblem:
    """A drawn problem in its own coordinates.

    eigenvalues: (n,) the `l_i`; start: (n,) the residual coordinates at `theta = 0`; floor: `rho^2`, which no
    training removes.
    """

    eigenvalues: FloatArray
    start: FloatArray
    floor: float

    @property
    def weights(self) -> FloatArray:
        """The weights of the spectral measure at `y` on the eigenvalues, shape (n,); on zero it is `floor`."""
        return np.square(self.start)


@dataclass(frozen=True, slots=True)
class StepRule:
    """Learning rate (times the *sum* over the batch), batch size, momentum, and label noise `sigma`."""

    gamma: float
    batch: int
    momentum: float = 0.0
    sigma: float = 0.0


def diagonalise_features(features: FloatArray, target: FloatArray) -> SpectralProblem:
    """Coordinates of `features = D^{1/2} W`, shape (v, n), and `target = D^{1/2} b`, shape (v,).

    The number of coordinates is min(v, n).
    """
    left, singular, _ = np.linalg.svd(features, full_matrices=False)
    start = -(left.T @ target)
    outside = target + left @ start
    return SpectralProblem(np.square(singular), start, float(outside @ outside))


def measure_kernel_norm(eigenvalues: FloatArray, gamma: float, batch: int) -> float:
    """`|K|`, the sum of the kernel over all steps; infinite where some mode alone diverges.

    Without momentum the mean risk stays bounded where this is below 1, and only there.
    """
    damping = 1.0 - 0.5 * gamma * (batch + 1) * eigenvalues
    if np.min(damping) <= 0.0:
        return float("inf")
    return float(0.5 * gamma * np.sum(eigenvalues / damping))


def descend_reduced(
    problems: Sequence[SpectralProblem],
    streams: Sequence[np.random.Generator],
    rule: StepRule,
    runs: int,
    steps: Sequence[int],
) -> FloatArray:
    """Population risk (without `sigma^2`) of `runs` runs on each problem, shape (problems, runs, len(steps)).

    `steps` must rise; the problems share their number of coordinates. Each problem draws from its own stream, in an
    order that does not depend on the others.
    """
    eigenvalues = np.stack([problem.eigenvalues for problem in problems])[:, None, :]
    start = np.stack([problem.start for problem in problems])[:, None, :]
    floor = np.array([problem.floor for problem in problems])[:, None]
    outside = np.sqrt(floor + rule.sigma**2)[:, :, None]
    delta = np.repeat(start, runs, axis=1)
    change = np.zeros_like(delta)
    risk = np.empty((len(problems), runs, len(steps)))
    draws = _DeviateBlocks(streams, (runs, rule.batch, delta.shape[2] + 1))
    now = 0
    for place, step in enumerate(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(step - now):
                deviates = draws.draw_step()
                inside = deviates[..., :-1]
                error = np.einsum("prbn,prn->prb", inside, delta) - outside * deviates[..., -1]
                pull = np.einsum("prb,prbn->prn", error, inside)
                change = rule.momentum * change - rule.gamma * eigenvalues * pull
                delta = delta + change
            risk[:, :, place] = np.sum(np.square(delta), axis=2) + floor
        now = step
        require_finite(risk[:, :, place], step)
    return risk


class _DeviateBlocks:
    """Standard normals for one step after another, drawn in blocks from one stream for each problem."""

    def __init__(self, streams: Sequence[np.random.Generator], shape: tuple[int, ...]) -> None:
        length = DEVIATES_AT_A_TIME // (len(streams) * int(np.prod(shape)))
        self._streams = streams
        self._block = np.empty((len(streams), min(256, max(1, length)), *shape))
        self._next = self._block.shape[1]

    def draw_step(self) -> FloatArray:
        """The deviates of one step, drawn a block at a time."""
        if self._next == self._block.shape[1]:
            for stream, row in zip(self._streams, self._block, strict=True):
                stream.standard_normal(out=row)
            self._next = 0
        self._next += 1
        step: FloatArray = self._block[:, self._next - 1]
        return step


def descend_literally(
    features: FloatArray,
    scales: FloatArray,
    teacher: FloatArray,
    streams: Sequence[np.random.Generator],
    rule: StepRule,
    steps: Sequence[int],
) -> FloatArray:
    """Coefficients `theta` of several networks on several data streams, shape (E, K, len(steps), n).

    features: (E, v, n) matrices `W` of the networks; scales: (v,) `sqrt(lambda)`; teacher: (v,) `b`; streams: K
    generators. At each step every network of a stream sees the same batch. `steps` must rise.
    """
    networks, _, width = features.shape
    theta = np.zeros((networks, len(streams), width))
    change = np.zeros_like(theta)
    kept = np.empty((networks, len(streams), len(steps), width))
    now = 0
    for place, step in enumerate(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(step - now):
                seen, labels = _draw_batch(features, scales, teacher, streams, rule)
                error = np.einsum("ekbn,ekn->ekb", seen, theta) - labels
                pull = np.einsum("ekb,ekbn->ekn", error, seen)
                change = rule.momentum * change - rule.gamma * pull
                theta = theta + change
        kept[:, :, place] = theta
        now = step
        require_finite(theta, step)
    return kept


def _draw_batch(
    features: FloatArray,
    scales: FloatArray,
    teacher: FloatArray,
    streams: Sequence[np.random.Generator],
    rule: StepRule,
) -> tuple[FloatArray, FloatArray]:
    """One batch of each stream: features seen (E, K, B, n) and labels (K, B)."""
    data = np.stack([stream.standard_normal((rule.batch, scales.size)) for stream in streams]) * scales
    labels = data @ teacher
    if rule.sigma > 0.0:
        labels = labels + rule.sigma * np.stack([stream.standard_normal(rule.batch) for stream in streams])
    return data @ features[:, None], labels


def require_finite(values: FloatArray, step: int) -> None:
    """Refuse a run that overflowed."""
    if not np.all(np.isfinite(values)):
        raise NoConvergenceError(f"A run overflowed before step {step}; take a smaller learning rate or fewer steps.")


def evaluate_forcing(problem: SpectralProblem, rule: StepRule, steps: Sequence[int]) -> FloatArray:
    """The forcing function at each step, weights given: `int p(u)^r mu_F(du)` with its atom at zero."""
    factor = contract_modes(problem.eigenvalues, rule)
    return np.array([problem.weights @ factor**step + problem.floor for step in steps])


def evaluate_kernel(problem: SpectralProblem, rule: StepRule, steps: Sequence[int]) -> FloatArray:
    """The kernel at each step, weights given: `gamma^2 B int u^2 p(u)^r mu_K(du)`."""
    factor = contract_modes(problem.eigenvalues, rule)
    size = rule.gamma**2 * rule.batch * np.square(problem.eigenvalues)
    return np.array([size @ factor**step for step in steps])


def contract_modes(eigenvalues: FloatArray, rule: StepRule) -> FloatArray:
    """`p(u)` at the eigenvalues: the factor by which a step multiplies the mean square of a mode, noise apart."""
    scaled = rule.gamma * rule.batch * eigenvalues
    return 1.0 - 2.0 * scaled + np.square(scaled) * (1.0 + 1.0 / rule.batch)


def expect_risk(problem: SpectralProblem, rule: StepRule, steps: Sequence[int]) -> FloatArray:
    """The mean over the data of the population risk (without `sigma^2`), weights given, at rising `steps`.

    Exact up to rounding. Raises PrecisionError beyond LARGEST_EXACT_STEP.
    """
    if max(steps) > LARGEST_EXACT_STEP:
        raise PrecisionError(
            f"The exact expectation at step {max(steps)} is beyond double precision; "
            f"the largest step allowed is {LARGEST_EXACT_STEP}."
        )
    factor = contract_modes(problem.eigenvalues, rule)
    noise = rule.gamma**2 * rule.batch * np.square(problem.eigenvalues)
    # The last entry is the part of the squared error that never changes; with it a step is one linear map.
    state = np.append(problem.weights, problem.floor + rule.sigma**2)
    risk = np.empty(len(steps))
    now = 0
    for place, step in enumerate(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            state = _advance(state, factor, noise, step - now)
            risk[place] = np.sum(state[:-1]) + problem.floor
        now = step
        require_finite(risk[place : place + 1], step)
    return risk


def _advance(state: FloatArray, factor: FloatArray, noise: FloatArray, count: int) -> FloatArray:
    """Apply `count` steps: one by one, or by repeated squaring where that costs less."""
    size = state.size
    if count < 1000 + 1e-4 * size**3 * np.log2(count + 2.0):
        for _ in range(count):
            state = np.append(factor * state[:-1] + noise * np.sum(state), state[-1])
        return state
    matrix = np.diag(np.append(factor, 1.0))
    matrix[:-1] += noise[:, None]
    while count:
        if count & 1:
            state = matrix @ state
        count >>= 1
        if count:
            matrix = matrix @ matrix
    return state
