"""Power-law random features (`paquette2024`): simulated risk, and its exact expectation given the weights.

`mathematics.md`, section 1. `lambda_j = j^{-2 alpha}`, `b_j = j^{-beta}`, `j <= v`; `W` is v by d with independent
N(0, 1/d) entries; one-pass descent from `theta = 0` with a learning rate on the *sum* over the batch.

Two ensembles. `simulate_plrf` draws weights *and* data: the mean over its members estimates the risk averaged over
both. `expect_plrf` draws weights only, the data being averaged exactly (the Volterra equation given `W`): same mean,
much smaller spread, any number of steps up to 1e8. The same seed draws the same weights in both.

The number of weights: by default every run draws its own. With fewer (`weights`), several runs share each; the
standard error is then that over the weights, or, where there is only one draw, that over its runs, and the mean is
conditional on that draw.

Not covered: `v = infinity`. A finite v has a floor that the infinite model has not: compare with a curve of that v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.numerics.simulate.arguments import (
    FloatArray,
    check_matrix,
    read_choice,
    read_count,
    read_real,
    read_steps,
)
from scaling_sym.numerics.simulate.ensemble import average_members, largest_share, member_streams
from scaling_sym.numerics.simulate.sgd import (
    LARGEST_EXACT_STEP,
    SpectralProblem,
    StepRule,
    descend_literally,
    descend_reduced,
    diagonalise_features,
    expect_risk,
    measure_kernel_norm,
)
from scaling_sym.numerics.simulate.sweep import Execution, Result, Task, run_tasks, single_thread

#: Raised whenever the numbers that a seed gives change; part of every saved task.
STREAM = 1


@dataclass(frozen=True, slots=True)
class PLRFModel:
    """A point of the finite model: exponents, sizes, learning rate (on the sum over the batch) and batch size.

    Raises BadInputError for values outside `alpha, beta > 0`, `d, v, batch >= 1`, `gamma > 0`, and for sizes too
    large to be drawn.
    """

    alpha: float
    beta: float
    d: int
    v: int
    gamma: float
    batch: int = 1

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "gamma"):
            object.__setattr__(self, name, read_real(name, getattr(self, name), above=0.0))
        for name in ("d", "v", "batch"):
            object.__setattr__(self, name, read_count(name, getattr(self, name), least=1))
        check_matrix(self.v, self.d)
        check_matrix(self.batch, self.d + 1)

    @property
    def eigenvalues(self) -> FloatArray:
        """`lambda_j`, shape (v,)."""
        return np.arange(1, self.v + 1, dtype=np.float64) ** (-2.0 * self.alpha)

    @property
    def teacher(self) -> FloatArray:
        """`b_j`, shape (v,)."""
        return np.arange(1, self.v + 1, dtype=np.float64) ** (-self.beta)

    @property
    def rule(self) -> StepRule:
        """The step of the descent."""
        return StepRule(gamma=self.gamma, batch=self.batch)

    def draw_weights(self, stream: np.random.Generator) -> FloatArray:
        """`W`, shape (v, d), entries N(0, 1/d)."""
        weights: FloatArray = stream.standard_normal((self.v, self.d)) / np.sqrt(self.d)
        return weights

    def draw_problem(self, stream: np.random.Generator) -> SpectralProblem:
        """Draw `W` and diagonalise."""
        scales = np.sqrt(self.eigenvalues)
        return diagonalise_features(scales[:, None] * self.draw_weights(stream), scales * self.teacher)


@dataclass(frozen=True, slots=True, eq=False)
class PLRFSimulation:
    """The population risk of the finite model, averaged.

    model, steps: what was asked; mean, standard_error: one entry a step; runs, weights: how many runs on how many
    draws of W; seed; data: `drawn`, or `averaged` where the mean over the data is exact given W; kernel_norm: mean of
    |K| over the draws; unstable: how many draws have |K| of at least 1, so that their mean risk grows without bound;
    largest_share: the share of the mean due to its largest member.
    """

    model: PLRFModel
    steps: tuple[int, ...]
    mean: FloatArray
    standard_error: FloatArray
    runs: int
    weights: int
    seed: int
    data: str
    kernel_norm: float
    unstable: int
    largest_share: FloatArray

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {
            "model": asdict(self.model),
            "steps": list(self.steps),
            "mean": self.mean.tolist(),
            "standard_error": self.standard_error.tolist(),
            "runs": self.runs,
            "weights": self.weights,
            "seed": self.seed,
            "data": self.data,
            "kernel_norm": self.kernel_norm,
            "unstable": self.unstable,
            "largest_share": self.largest_share.tolist(),
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    """How an ensemble is asked for; `data` is `reduced`, `literal` or `averaged`."""

    steps: tuple[int, ...]
    runs: int
    weights: int
    seed: int
    data: str


def simulate_plrf(
    model: PLRFModel,
    steps: Sequence[int],
    *,
    runs: int = 64,
    weights: int | None = None,
    seed: int = 0,
    sampling: str = "reduced",
    execution: Execution | None = None,
) -> PLRFSimulation:
    """One-pass stochastic gradient descent on drawn weights and data, at the asked `steps` (any order).

    runs: at least 2; weights: independent draws of W, dividing `runs` (default: one for each run); sampling:
    `reduced` or `literal`, equal in law (see `sgd`).

    Raises BadInputError for arguments outside that, OutsideDomainError for a learning rate beyond the stability
    limit of the model, NoConvergenceError where a run overflows.
    """
    return sweep_plrf([model], steps, runs=runs, weights=weights, seed=seed, sampling=sampling, execution=execution)[0]


def sweep_plrf(
    models: Sequence[PLRFModel],
    steps: Sequence[int],
    *,
    runs: int = 64,
    weights: int | None = None,
    seed: int = 0,
    sampling: str = "reduced",
    execution: Execution | None = None,
) -> list[PLRFSimulation]:
    """`simulate_plrf` at each model, all their members in one pool of tasks; the models' noise is independent."""
    runs = read_count("runs", runs, least=2)
    weights = runs if weights is None else read_count("weights", weights, least=1)
    if runs % weights:
        raise BadInputError(f"runs = {runs} is not a multiple of weights = {weights}, which it must be.")
    data = read_choice("sampling", sampling, ("reduced", "literal"))
    plan = _Plan(tuple(read_steps(steps)), runs, weights, read_count("seed", seed, least=0), data)
    return _sweep(models, plan, execution)


def expect_plrf(
    model: PLRFModel,
    steps: Sequence[int],
    *,
    weights: int = 16,
    seed: int = 0,
    execution: Execution | None = None,
) -> PLRFSimulation:
    """The mean risk over the data, exact given each draw of W, averaged over `weights` (at least 2) draws.

    Raises as `simulate_plrf` does, and BadInputError beyond step 1e8 (see `sgd.expect_risk`).
    """
    weights = read_count("weights", weights, least=2)
    asked = tuple(read_steps(steps, largest=LARGEST_EXACT_STEP))
    plan = _Plan(asked, weights, weights, read_count("seed", seed, least=0), "averaged")
    return _sweep([model], plan, execution)[0]


def _sweep(models: Sequence[PLRFModel], plan: _Plan, execution: Execution | None) -> list[PLRFSimulation]:
    for model in models:
        _require_stable(model)
    lists = [_plan_tasks(model, plan) for model in models]
    results = iter(run_tasks(run_members, [task for tasks in lists for task in tasks], execution))
    return [_gather(model, plan, [next(results) for _ in tasks]) for model, tasks in zip(models, lists, strict=True)]


def _require_stable(model: PLRFModel) -> None:
    norm = measure_kernel_norm(model.eigenvalues, model.gamma, model.batch)
    if norm >= 1.0:
        limit = find_stability_limit(model.eigenvalues, model.batch)
        raise OutsideDomainError(
            f"gamma = {model.gamma:g} is beyond the stability limit; at these exponents, this v and this batch "
            f"gamma must be below {limit:.10g}."
        )


def find_stability_limit(eigenvalues: FloatArray, batch: int) -> float:
    """The learning rate at which `|K| = 1` (bisection; `|K|` rises with gamma), eigenvalues given, shape (n,)."""
    low, high = 0.0, 2.0 / ((batch + 1) * float(np.max(eigenvalues)))
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return low
        if measure_kernel_norm(eigenvalues, middle, batch) < 1.0:
            low = middle
        else:
            high = middle


def _plan_tasks(model: PLRFModel, plan: _Plan) -> list[Task]:
    """One task for each group of draws; the groups depend on the model and the plan only."""
    shared = plan.runs // plan.weights
    group = min(64, max(1, 2**16 // (shared * model.batch * (model.d + 1))))
    return [
        {
            "stream": STREAM,
            "model": asdict(model),
            "steps": sorted(set(plan.steps)),
            "shared": shared,
            "seed": plan.seed,
            "data": plan.data,
            "members": [first, min(first + group, plan.weights)],
        }
        for first in range(0, plan.weights, group)
    ]


def run_members(task: Task) -> Result:
    """Carry out one task: for each of its draws of W, the mean risk, its spread over the runs, and |K|."""
    model = PLRFModel(**task["model"])
    steps: list[int] = task["steps"]
    label = repr(model)
    streams = [member_streams(task["seed"], label, member, 2) for member in range(*task["members"])]
    with single_thread():
        problems = [model.draw_problem(of_weights) for of_weights, _ in streams]
        if task["data"] == "averaged":
            risk = np.stack([expect_risk(problem, model.rule, steps) for problem in problems])[:, None]
        elif task["data"] == "reduced":
            of_data = [stream for _, stream in streams]
            risk = descend_reduced(problems, of_data, model.rule, task["shared"], steps)
        else:
            pairs = [member_streams(task["seed"], label, member, 2) for member in range(*task["members"])]
            risk = np.stack([_descend_literally(model, pair, task["shared"], steps) for pair in pairs])
    runs = risk.shape[1]
    spread = np.var(risk, axis=1, ddof=1) / runs if runs > 1 else np.zeros_like(risk[:, 0])
    norms = [measure_kernel_norm(problem.eigenvalues, model.gamma, model.batch) for problem in problems]
    return {
        "risk": np.mean(risk, axis=1).tolist(),
        "variance": spread.tolist(),
        "largest": np.max(risk, axis=1).tolist(),
        "kernel_norm": [norm if np.isfinite(norm) else None for norm in norms],
    }


def _descend_literally(
    model: PLRFModel, streams: Sequence[np.random.Generator], runs: int, steps: Sequence[int]
) -> FloatArray:
    """Risk of `runs` runs on one W, every x drawn in all v dimensions; shape (runs, len(steps))."""
    of_weights, of_data = streams
    features = model.draw_weights(of_weights)
    scales = np.sqrt(model.eigenvalues)
    data = of_data.spawn(runs)
    theta = descend_literally(features[None], scales, model.teacher, data, model.rule, steps)[0]
    residual = scales * (theta @ features.T - model.teacher)
    risk: FloatArray = np.sum(np.square(residual), axis=2)
    return risk


def _gather(model: PLRFModel, plan: _Plan, results: Sequence[Result]) -> PLRFSimulation:
    risk = np.concatenate([np.asarray(result["risk"]) for result in results])
    norms = [norm for result in results for norm in result["kernel_norm"]]
    shared = plan.runs // plan.weights
    if plan.weights > 1:
        estimate = average_members(risk)
        mean, error, share = estimate.mean, estimate.standard_error, largest_share(risk)
    else:
        mean, error = risk[0], np.sqrt(np.asarray(results[0]["variance"][0]))
        share = np.asarray(results[0]["largest"][0]) / (shared * mean)
    order = np.searchsorted(sorted(set(plan.steps)), plan.steps)
    return PLRFSimulation(
        model=model,
        steps=plan.steps,
        mean=mean[order],
        standard_error=error[order],
        runs=plan.runs,
        weights=plan.weights,
        seed=plan.seed,
        data="averaged" if plan.data == "averaged" else "drawn",
        kernel_norm=float(np.mean([np.inf if norm is None else norm for norm in norms])),
        unstable=sum(norm is None or norm >= 1.0 for norm in norms),
        largest_share=share[order],
    )
