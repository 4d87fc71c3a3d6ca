"""Power-law random features (`paquette2024`): simulated risk, and its exact expectation given the weights.

`mathematics.md`, section 1. `lambda_j = j^{-2 alpha}`, `b_j = j^{-beta}`, `j <= v`; `W` is v by d with independent
N(0, 1/d) entries; one-pass descent from `theta = 0` with a learning rate on the *sum* over the batch.

Two ensembles. `simulate_plrf` draws weights *and* data: the mean over its members estimates the risk averaged over
both. `expect_plrf` draws weights only, the data being averaged exactly (the Volterra equation given `W`): same mean,
much smaller spread, any number of steps up to 1e8. The same seed draws the same weights in both.

The number of weights: by default every run draws its own. With fewer (`weights`), several runs share each; the
standard error is then that over the weights, or, where there is only one draw, that over its runs, and the mean is
conditional on that draw.

Unstable draws. The eigenvalues of a drawn `K` scatter, and those of a Gaussian W are unbounded: at every learning rate
and every finite d some draws have `|K| >= 1`, with a chance that vanishes as d grows, and their mean risk grows
exponentially. So the mean over *all* draws diverges with the steps, however small the learning rate; what the theory
speaks of is the mean over stable ones. `draws="stable"`, the default, leaves the others out and counts them in
`unstable`; `draws="all"` keeps them.

Not covered: `v = infinity`. A finite v has a floor that the infinite model has not: compare with a curve of that v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scaling_sym.errors import BadInputError, OutsideDomainError
from scaling_sym.numerics.notebook import show_curve_latex, show_table
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
    draws of W were asked for; seed; data: `drawn`, or `averaged` where the mean over the data is exact given W; draws:
    `stable` or `all`; unstable: how many draws have |K| of at least 1 (with `stable` they are left out);
    kernel_norm: mean of |K| over the draws that count; largest_share: the share of the mean due to its largest member.
    """

    model: PLRFModel
    steps: tuple[int, ...]
    mean: FloatArray
    standard_error: FloatArray
    runs: int
    weights: int
    seed: int
    data: str
    draws: str
    kernel_norm: float
    unstable: int
    largest_share: FloatArray

    def _repr_html_(self) -> str:
        columns = {"steps": self.steps, "mean": self.mean.tolist(), "standard error": self.standard_error.tolist()}
        return show_table(columns, f"Population risk, {self.runs} runs")

    def _repr_latex_(self) -> str:
        return show_curve_latex(self.steps, self.mean.tolist(), self.standard_error.tolist())

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
            "draws": self.draws,
            "kernel_norm": self.kernel_norm,
            "unstable": self.unstable,
            "largest_share": self.largest_share.tolist(),
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    """How an ensemble is asked for; `data` is `reduced`, `literal` or `averaged`, `draws` is `stable` or `all`."""

    steps: tuple[int, ...]
    runs: int
    weights: int
    seed: int
    data: str
    draws: str


def simulate_plrf(
    model: PLRFModel,
    steps: Sequence[int],
    *,
    runs: int = 64,
    weights: int | None = None,
    seed: int = 0,
    sampling: str = "reduced",
    draws: str = "stable",
    execution: Execution | None = None,
) -> PLRFSimulation:
    """One-pass stochastic gradient descent on drawn weights and data, at the asked `steps` (any order).

    runs: at least 2; weights: independent draws of W, dividing `runs` (default: one for each run); sampling:
    `reduced` or `literal`, equal in law (see `sgd`); draws: `stable` or `all` (see above).

    Raises BadInputError for arguments outside that, OutsideDomainError for a learning rate beyond the stability
    limit of the model, NoConvergenceError where a run overflows.
    """
    return sweep_plrf(
        [model], steps, runs=runs, weights=weights, seed=seed, sampling=sampling, draws=draws, execution=execution
    )[0]


def sweep_plrf(
    models: Sequence[PLRFModel],
    steps: Sequence[int],
    *,
    runs: int = 64,
    weights: int | None = None,
    seed: int = 0,
    sampling: str = "reduced",
    draws: str = "stable",
    execution: Execution | None = None,
) -> list[PLRFSimulation]:
    """`simulate_plrf` at each model, all their members in one pool of tasks; the models' noise is independent."""
    runs = read_count("runs", runs, least=2)
    weights = runs if weights is None else read_count("weights", weights, least=1)
    if runs % weights:
        raise BadInputError(f"runs = {runs} is not a multiple of weights = {weights}, which it must be.")
    data = read_choice("sampling", sampling, ("reduced", "literal"))
    kept = read_choice("draws", draws, ("stable", "all"))
    plan = _Plan(tuple(read_steps(steps)), runs, weights, read_count("seed", seed, least=0), data, kept)
    return _sweep(models, plan, execution)


def expect_plrf(
    model: PLRFModel,
    steps: Sequence[int],
    *,
    weights: int = 16,
    seed: int = 0,
    draws: str = "stable",
    execution: Execution | None = None,
) -> PLRFSimulation:
    """The mean risk over the data, exact given each draw of W, averaged over `weights` (at least 2) draws.

    Raises as `simulate_plrf` does, and BadInputError beyond step 1e8 (see `sgd.expect_risk`).
    """
    weights = read_count("weights", weights, least=2)
    asked = tuple(read_steps(steps, largest=LARGEST_EXACT_STEP))
    kept = read_choice("draws", draws, ("stable", "all"))
    plan = _Plan(asked, weights, weights, read_count("seed", seed, least=0), "averaged", kept)
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
    # Bounded by the normals of a step, which are held at once, and by the time that the diagonalisations take.
    by_memory = 2**16 // (shared * model.batch * (model.d + 1))
    by_time = 2 * 10**9 // (model.v * model.d * min(model.v, model.d))
    group = max(1, min(64, by_memory, by_time))
    return [
        {
            "stream": STREAM,
            "model": asdict(model),
            "steps": sorted(set(plan.steps)),
            "shared": shared,
            "seed": plan.seed,
            "data": plan.data,
            "draws": plan.draws,
            "members": [first, min(first + group, plan.weights)],
        }
        for first in range(0, plan.weights, group)
    ]


def run_members(task: Task) -> Result:
    """Carry out one task: |K| of each draw of W; mean and spread of the risk over the runs of each draw that counts."""
    model = PLRFModel(**task["model"])
    steps: list[int] = task["steps"]
    label = repr(model)
    members = range(*task["members"])
    streams = [member_streams(task["seed"], label, member, 2) for member in members]
    with single_thread():
        problems = [model.draw_problem(of_weights) for of_weights, _ in streams]
        norms = [measure_kernel_norm(problem.eigenvalues, model.gamma, model.batch) for problem in problems]
        counted = [place for place, norm in enumerate(norms) if task["draws"] == "all" or norm < 1.0]
        if task["data"] == "averaged":
            found = [expect_risk(problems[place], model.rule, steps)[None] for place in counted]
        elif task["data"] == "literal":
            pairs = [member_streams(task["seed"], label, members[place], 2) for place in counted]
            found = [_descend_literally(model, pair, task["shared"], steps) for pair in pairs]
        else:
            of_data = [streams[place][1] for place in counted]
            chosen = [problems[place] for place in counted]
            found = list(descend_reduced(chosen, of_data, model.rule, task["shared"], steps)) if chosen else []
    return {
        "risk": [np.mean(risk, axis=0).tolist() for risk in found],
        "variance": [_square_error(risk).tolist() for risk in found],
        "largest": [np.max(risk, axis=0).tolist() for risk in found],
        "kernel_norm": [norm if np.isfinite(norm) else None for norm in norms],
    }


def _square_error(risk: FloatArray) -> FloatArray:
    """The square of the standard error over the runs on one draw of W, zero for a single run; `risk` (runs, steps)."""
    if len(risk) == 1:
        return np.zeros(risk.shape[1])
    square: FloatArray = np.var(risk, axis=0, ddof=1) / len(risk)
    return square


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
    rows = {name: [row for result in results for row in result[name]] for name in results[0]}
    norms = np.array([np.inf if norm is None else norm for norm in rows["kernel_norm"]])
    mean, error, share = _average(plan, rows, int(np.sum(norms >= 1.0)))
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
        draws=plan.draws,
        kernel_norm=float(np.mean(norms[norms < 1.0] if plan.draws == "stable" else norms)),
        unstable=int(np.sum(norms >= 1.0)),
        largest_share=share[order],
    )


def _average(plan: _Plan, rows: Result, unstable: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, standard error and largest share over the draws that count, or over the runs of the only draw."""
    risk = np.array(rows["risk"])
    if len(risk) < min(2, plan.weights):
        raise OutsideDomainError(
            f"{unstable} of {plan.weights} drawn W are unstable at this learning rate, which leaves too few; "
            "take a smaller gamma, a larger d, or draws=all."
        )
    if plan.weights > 1:
        estimate = average_members(risk)
        return estimate.mean, estimate.standard_error, largest_share(risk)
    share = np.array(rows["largest"][0]) / (plan.runs * risk[0])
    return risk[0], np.sqrt(rows["variance"][0]), share
