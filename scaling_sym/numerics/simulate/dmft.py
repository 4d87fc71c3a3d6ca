"""The random-feature model of `bordelon2024`, drawn and trained at finite `N`, `P` and number of modes `M`.

`mathematics.md`, section 2. Teacher `w*` with `w_k^2 = k^{b-a}`, feature eigenvalues `lambda_k = k^{-b}`, `k <= M`
(`PowerLawModes`), or any arrays (`ModeArrays`). `A` is N by M with independent N(0, 1) entries, `Psi` is P by M with
rows N(0, diag(lambda)), labels `y = Psi w* + sigma epsilon`. The student is `w . A psi / sqrt(N)` from `w = 0`; its
residual is `v = w* - A^T w / sqrt(N)`; test loss `sum_k lambda_k v_k^2 + sigma^2`, train loss
`|Psi v + sigma epsilon|^2 / P`.

With `F = A / sqrt(N)` and `X = Psi / sqrt(P)`, everything is least squares in `Phi = X F^T` and `y / sqrt(P)`.
An infinite size replaces its matrix by the expectation: `F = 1` for `N = inf`; `X = diag(sqrt(lambda))`, without label
noise in the gradient, for `P = inf`, where train and test loss are the same.

Training (`Training`):

* `flow`: `dw/dt = Phi^T (y / sqrt(P) - Phi w)`, learning rate 1. With `Phi = U S V^T`,
  `w(t) = V S^{-1} (1 - e^{-S^2 t}) U^T y / sqrt(P)`: exact in time.
* `descent`: `w_{s+1} = w_s - eta grad + momentum (w_s - w_{s-1})`, the same gradient. Each singular value has a linear
  recurrence of three terms; its matrix is raised to the powers asked for.
* `sgd`: one pass, `batch` fresh samples a step, `P = inf`. The learning rate multiplies the *mean* over the batch,
  as the data average above is a mean; in the letters of `paquette2024` it is `gamma = eta / batch`. See `sgd`.

Ensembles. A run draws E networks (`A_i`) and K data sets (`Psi_j` with its noise) and trains every pair. `test` is the
loss of the predictor averaged over all pairs; `single` and `train` are means over the pairs of the loss of one. With
`q_{ij,kl} = sum_m lambda_m v^{ij}_m v^{kl}_m`, the means over pairs with both, one, or no index in common are unbiased
for the terms of the decomposition (`VarianceParts`):

    bias = <q> none shared              features = <q> network shared - bias
    data = <q> data shared - bias       joint    = <q> both shared - features - data - bias.

`single - sigma^2` is their sum, and a predictor averaged over E networks and K data sets has
`bias + features / E + data / K + joint / (E K)`.

Not covered: time-dependent learning rates; a flow so long that the rounding of small singular values would show
(refused, `PrecisionError`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scaling_sym.errors import BadInputError, NoConvergenceError, OutsideDomainError, PrecisionError
from scaling_sym.numerics.notebook import show_table
from scaling_sym.numerics.simulate.arguments import (
    FloatArray,
    check_matrix,
    read_choice,
    read_count,
    read_real,
    read_size,
    read_steps,
    read_times,
)
from scaling_sym.numerics.simulate.ensemble import Estimate, average_members, member_streams
from scaling_sym.numerics.simulate.sgd import (
    StepRule,
    descend_literally,
    descend_reduced,
    diagonalise_features,
    measure_kernel_norm,
    require_finite,
)
from scaling_sym.numerics.simulate.sweep import Execution, Result, Task, run_tasks, single_thread

#: Raised whenever the numbers that a seed gives change; part of every saved task.
STREAM = 1

#: Residuals held at a time, over networks, data sets, times and modes: 32 megabytes.
RESIDUALS_AT_A_TIME = 2**22

#: The names of what a run measures, in the order in which results show them.
MEASURES = ("test", "single", "train", "bias", "features", "data", "joint")


@dataclass(frozen=True, slots=True)
class PowerLawModes:
    """`lambda_k = k^{-b}`, `w_k^2 = k^{b-a}` for `k <= modes`."""

    a: float
    b: float
    modes: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "a", read_real("a", self.a))
        object.__setattr__(self, "b", read_real("b", self.b, least=0.0))
        object.__setattr__(self, "modes", read_count("modes", self.modes, least=1))

    def lay_out(self) -> tuple[FloatArray, FloatArray]:
        """`lambda` and `w*`, each of shape (modes,)."""
        k = np.arange(1, self.modes + 1, dtype=np.float64)
        return k ** (-self.b), k ** (0.5 * (self.b - self.a))


@dataclass(frozen=True, slots=True)
class ModeArrays:
    """Any spectrum: non-negative `eigenvalues` and as many entries of the `teacher` (`w_k`, not squared)."""

    eigenvalues: tuple[float, ...]
    teacher: tuple[float, ...]

    def __post_init__(self) -> None:
        values = tuple(read_real("eigenvalue", value, least=0.0) for value in self.eigenvalues)
        teacher = tuple(read_real("teacher entry", value) for value in self.teacher)
        if len(values) != len(teacher) or not values or max(values) == 0.0:
            raise BadInputError(
                f"A spectrum of {len(values)} eigenvalues with {len(teacher)} teacher entries is not allowed; "
                "the two must be equally many, at least one, and some eigenvalue positive."
            )
        object.__setattr__(self, "eigenvalues", values)
        object.__setattr__(self, "teacher", teacher)

    def lay_out(self) -> tuple[FloatArray, FloatArray]:
        """`lambda` and `w*`, each of shape (modes,)."""
        return np.array(self.eigenvalues), np.array(self.teacher)


@dataclass(frozen=True, slots=True)
class DMFTModel:
    """A finite model: modes, width `N`, data `P` (each an integer or `math.inf`), label noise `sigma >= 0`.

    Sizes are kept as given; None stands for infinite as `math.inf` does.
    """

    modes: PowerLawModes | ModeArrays
    N: int | float | None
    P: int | float | None
    sigma: float = 0.0

    def __post_init__(self) -> None:
        modes = len(self.modes.lay_out()[0])
        for name in ("N", "P"):
            given = getattr(self, name)
            size = None if given is None else read_size(name, given)
            object.__setattr__(self, name, size)
            check_matrix(modes if size is None else size, modes)
        check_matrix(*(modes if size is None else int(size) for size in (self.N, self.P)))
        object.__setattr__(self, "sigma", read_real("sigma", self.sigma, least=0.0))

    def draw_features(self, stream: np.random.Generator) -> FloatArray | None:
        """`F`, shape (N, M), or None for the identity."""
        if self.N is None:
            return None
        modes = len(self.modes.lay_out()[0])
        drawn: FloatArray = stream.standard_normal((int(self.N), modes)) / np.sqrt(self.N)
        return drawn

    def draw_data(self, stream: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """`X`, shape (P, M), and `y / sqrt(P)`, shape (P,); for P = inf their stand-ins, of M rows."""
        eigenvalues, teacher = self.modes.lay_out()
        if self.P is None:
            return np.diag(np.sqrt(eigenvalues)), np.sqrt(eigenvalues) * teacher
        data = stream.standard_normal((int(self.P), teacher.size)) * np.sqrt(eigenvalues / self.P)
        noise = stream.standard_normal(int(self.P)) * (self.sigma / np.sqrt(self.P))
        return data, data @ teacher + noise


@dataclass(frozen=True, slots=True)
class Training:
    """How the networks are trained: `flow`, `descent` or `sgd`.

    learning_rate, momentum (0 <= momentum < 1): of `descent` and `sgd`; batch: of `sgd`. A flow has learning rate 1.
    """

    dynamics: str = "flow"
    learning_rate: float = 1.0
    momentum: float = 0.0
    batch: int = 1

    def __post_init__(self) -> None:
        read_choice("dynamics", self.dynamics, ("flow", "descent", "sgd"))
        object.__setattr__(self, "learning_rate", read_real("learning_rate", self.learning_rate, above=0.0))
        object.__setattr__(self, "momentum", read_real("momentum", self.momentum, least=0.0))
        object.__setattr__(self, "batch", read_count("batch", self.batch, least=1))
        if self.momentum >= 1.0:
            raise BadInputError(f"momentum = {self.momentum:g} is not allowed; it must lie in [0, 1).")
        if self.dynamics == "flow" and (self.learning_rate != 1.0 or self.momentum != 0.0):
            raise BadInputError("Gradient flow has learning rate 1 and no momentum; choose descent for others.")
        if self.dynamics != "sgd" and self.batch != 1:
            raise BadInputError(f"A batch belongs to sgd; {self.dynamics} uses all data at every step.")


@dataclass(frozen=True, slots=True, eq=False)
class VarianceParts:
    """The terms of the test loss less `sigma^2`: see the page above. The parts may be slightly negative by chance."""

    bias: Estimate
    features: Estimate
    data: Estimate
    joint: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class DMFTSimulation:
    """Losses of the finite model, averaged over `runs` independent runs.

    times: as asked, in steps for `descent` and `sgd`; test: of the predictor averaged over networks and data sets;
    single: of one network; train: of one network, None for one-pass descent; parts: None unless the run has two
    networks (or N = inf) and two data sets (or P = inf, where data have no randomness, `sgd` apart).
    """

    model: DMFTModel
    training: Training
    times: tuple[float, ...]
    test: Estimate
    single: Estimate
    train: Estimate | None
    parts: VarianceParts | None
    networks: int
    datasets: int
    runs: int
    seed: int

    def _repr_html_(self) -> str:
        columns = {"times": self.times, "test": self.test.mean.tolist(), "standard error": self.test.standard_error.tolist()}
        if self.train is not None:
            columns |= {"train": self.train.mean.tolist(), "its standard error": self.train.standard_error.tolist()}
        return show_table(columns, f"Loss of the finite model, {self.runs} runs")

    @property
    def mean(self) -> FloatArray:
        """The mean test loss, one entry a time."""
        return self.test.mean

    @property
    def standard_error(self) -> FloatArray:
        """The standard error of the test loss, one entry a time."""
        return self.test.standard_error

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON values; infinite sizes are None."""
        measures = {name: self._find(name) for name in MEASURES}
        return {
            "model": asdict(self.model),
            "training": asdict(self.training),
            "times": list(self.times),
            "networks": self.networks,
            "datasets": self.datasets,
            "runs": self.runs,
            "seed": self.seed,
            **{
                name: None
                if found is None
                else {"mean": found.mean.tolist(), "standard_error": found.standard_error.tolist()}
                for name, found in measures.items()
            },
        }

    def _find(self, name: str) -> Estimate | None:
        owner: object = self if name in ("test", "single", "train") else self.parts
        found: Estimate | None = getattr(owner, name, None)
        return found


def simulate_dmft(
    model: DMFTModel,
    times: Sequence[float],
    *,
    training: Training | None = None,
    networks: int = 1,
    datasets: int = 1,
    runs: int = 32,
    seed: int = 0,
    execution: Execution | None = None,
) -> DMFTSimulation:
    """Train the drawn model and average its losses at `times` (any order; whole numbers unless `flow`).

    networks, datasets: E and K above; runs: independent repetitions, at least 2.

    Raises BadInputError for arguments outside what the classes allow, OutsideDomainError for a learning rate beyond
    the stability limit, PrecisionError for a flow too long, NoConvergenceError where a run overflows.
    """
    return sweep_dmft(
        [model],
        times,
        training=training,
        networks=networks,
        datasets=datasets,
        runs=runs,
        seed=seed,
        execution=execution,
    )[0]


def sweep_dmft(
    models: Sequence[DMFTModel],
    times: Sequence[float],
    *,
    training: Training | None = None,
    networks: int = 1,
    datasets: int = 1,
    runs: int = 32,
    seed: int = 0,
    execution: Execution | None = None,
) -> list[DMFTSimulation]:
    """`simulate_dmft` at each model, all their runs in one pool of tasks; the models' noise is independent."""
    training = training or Training()
    plan = _Plan(
        training=training,
        times=tuple(read_times(times) if training.dynamics == "flow" else [float(step) for step in read_steps(times)]),
        networks=read_count("networks", networks, least=1),
        datasets=read_count("datasets", datasets, least=1),
        runs=read_count("runs", runs, least=2),
        seed=read_count("seed", seed, least=0),
    )
    for model in models:
        _check_plan(model, plan)
    lists = [_plan_tasks(model, plan) for model in models]
    results = iter(run_tasks(run_members, [task for tasks in lists for task in tasks], execution))
    return [_gather(model, plan, [next(results) for _ in tasks]) for model, tasks in zip(models, lists, strict=True)]


@dataclass(frozen=True, slots=True)
class _Plan:
    training: Training
    times: tuple[float, ...]
    networks: int
    datasets: int
    runs: int
    seed: int


def _check_plan(model: DMFTModel, plan: _Plan) -> None:
    """Refuse ensembles over what is not random, and descents that cannot be stable."""
    one_pass = plan.training.dynamics == "sgd"
    if model.N is None and plan.networks > 1:
        raise BadInputError("With N = inf all networks are the same; networks must be 1.")
    if one_pass and model.P is not None:
        raise BadInputError(
            f"One-pass descent never sees a sample twice, so P = {model.P} is not allowed; P must be inf."
        )
    if not one_pass and model.P is None and plan.datasets > 1:
        raise BadInputError("With P = inf all data sets are the same; datasets must be 1.")
    if one_pass and plan.training.momentum == 0.0:
        gamma = plan.training.learning_rate / plan.training.batch
        if measure_kernel_norm(model.modes.lay_out()[0], gamma, plan.training.batch) >= 1.0:
            raise OutsideDomainError(
                f"learning_rate = {plan.training.learning_rate:g} is beyond the stability limit of one-pass descent "
                f"at this spectrum and batch = {plan.training.batch}; take a smaller one."
            )


def _plan_tasks(model: DMFTModel, plan: _Plan) -> list[Task]:
    """One task for each group of runs, so small that an interrupted sweep loses little."""
    modes = len(model.modes.lay_out()[0])
    rows, columns = (modes if size is None else int(size) for size in (model.P, model.N))
    cost = plan.networks * plan.datasets * rows * columns * (modes + min(rows, columns))
    group = min(64, max(1, 10**9 // cost))
    shared = {
        "stream": STREAM,
        "model": asdict(model),
        "training": asdict(plan.training),
        "times": sorted(set(plan.times)),
        "networks": plan.networks,
        "datasets": plan.datasets,
        "seed": plan.seed,
    }
    return [{**shared, "members": [first, min(first + group, plan.runs)]} for first in range(0, plan.runs, group)]


def run_members(task: Task) -> Result:
    """Carry out one task: each measure of `MEASURES` that its runs have, as lists of shape (runs, times)."""
    model = _read_model(task["model"])
    training = Training(**task["training"])
    label = repr((model, training))
    with single_thread():
        found = [
            _run_once(model, training, task, member_streams(task["seed"], label, member, 2))
            for member in range(*task["members"])
        ]
    return {name: [run[name].tolist() for run in found] for name in found[0]}


def _read_model(record: dict[str, Any]) -> DMFTModel:
    kind = PowerLawModes if "modes" in record["modes"] else ModeArrays
    return DMFTModel(**{**record, "modes": kind(**record["modes"])})


def _run_once(
    model: DMFTModel, training: Training, task: Task, streams: Sequence[np.random.Generator]
) -> dict[str, FloatArray]:
    """One run: draw the networks and the data sets, train every pair, measure."""
    of_networks, of_datasets = streams[0].spawn(task["networks"]), streams[1].spawn(task["datasets"])
    features = [model.draw_features(stream) for stream in of_networks]
    times = np.array(task["times"])
    if training.dynamics == "sgd":
        if len(features) == len(of_datasets) == 1:
            return _descend_once(model, training, features[0], of_datasets[0], times)
        weights = _descend_together(model, training, features, of_datasets, times)
        return _measure(model, features, weights, times, data_random=True)
    return _fit_pairs(model, training, features, of_datasets, times)


def _descend_once(
    model: DMFTModel, training: Training, features: FloatArray | None, stream: np.random.Generator, times: FloatArray
) -> dict[str, FloatArray]:
    """One-pass descent of a single network, in reduced coordinates."""
    eigenvalues, teacher = model.modes.lay_out()
    scales = np.sqrt(eigenvalues)
    seen = np.diag(scales) if features is None else scales[:, None] * features.T
    problem = diagonalise_features(seen, scales * teacher)
    steps = [int(time) for time in times]
    risk = descend_reduced([problem], [stream], _read_rule(model, training), 1, steps)[0, 0] + model.sigma**2
    return {"test": risk, "single": risk}


def _descend_together(
    model: DMFTModel,
    training: Training,
    features: Sequence[FloatArray | None],
    streams: Sequence[np.random.Generator],
    times: FloatArray,
) -> FloatArray:
    """One-pass descent of every network on every stream; weights of shape (E, K, times, N)."""
    eigenvalues, teacher = model.modes.lay_out()
    stacked = np.stack([np.eye(teacher.size) if matrix is None else matrix.T for matrix in features])
    steps = [int(time) for time in times]
    rule = _read_rule(model, training)
    return descend_literally(stacked, np.sqrt(eigenvalues), teacher, streams, rule, steps)


def _read_rule(model: DMFTModel, training: Training) -> StepRule:
    # The learning rate is on the mean over the batch, the rule's on the sum.
    gamma = training.learning_rate / training.batch
    return StepRule(gamma=gamma, batch=training.batch, momentum=training.momentum, sigma=model.sigma)


def _fit_pairs(
    model: DMFTModel,
    training: Training,
    features: Sequence[FloatArray | None],
    streams: Sequence[np.random.Generator],
    times: FloatArray,
) -> dict[str, FloatArray]:
    """Full-batch training of every network on every data set, exact in time."""
    sets = [model.draw_data(stream) for stream in streams]
    fits = [[fit_network(training, matrix, data, labels, times) for data, labels in sets] for matrix in features]
    weights = np.stack([np.stack([fit[0] for fit in row]) for row in fits])
    found = _measure(model, features, weights, times, data_random=model.P is not None)
    noise = model.sigma**2 if model.P is None else 0.0
    found["train"] = np.mean([fit[1] for row in fits for fit in row], axis=0) + noise
    return found


def fit_network(
    training: Training, features: FloatArray | None, data: FloatArray, labels: FloatArray, times: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights (times, N) and the squared residual on the data (times,) of one network on one data set."""
    design = data if features is None else data @ features.T
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    along = left.T @ labels
    outside = labels - left @ along
    if training.dynamics == "flow":
        gain, kept = _solve_flow(singular, times)
    else:
        gain, kept = _solve_descent(singular, training, times)
    weights = (gain * singular * along) @ right
    return weights, np.square(kept) @ np.square(along) + float(outside @ outside)


def _solve_flow(singular: FloatArray, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`(1 - e^{-s^2 t}) / s^2` and `e^{-s^2 t}`, each of shape (times, s)."""
    # A singular value has an absolute error of some rounding units of the largest; the loss sees it times sqrt(t).
    loss = 1e-15 * float(singular[0]) * float(np.sqrt(times[-1]))
    if loss > 1e-6:
        raise PrecisionError(
            f"Time {times[-1]:g} is too late for double precision at this draw; the latest allowed is about "
            f"{(1e9 / float(singular[0])) ** 2:.2g}."
        )
    exponent = np.outer(times, np.square(singular))
    slope = np.divide(-np.expm1(-exponent), exponent, out=np.ones_like(exponent), where=exponent > 0.0)
    return times[:, None] * slope, np.exp(-exponent)


def _solve_descent(singular: FloatArray, training: Training, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same two quantities after whole steps of descent with momentum.

    The gain `h` (the first of the two) obeys `h_{s+1} = h_s + eta (1 - S^2 h_s) + momentum (h_s - h_{s-1})` from
    `h_0 = h_{-1} = 0`. No small difference is taken, so small singular values `S` keep their digits, but for a
    relative error of as many rounding units as there are steps.
    """
    eta, momentum, square = training.learning_rate, training.momentum, np.square(singular)
    limit = 2.0 * (1.0 + momentum) / float(square[0])
    if eta >= limit:
        raise OutsideDomainError(
            f"learning_rate = {eta:g} is beyond the stability limit of descent at this draw; "
            f"it must be below {limit:.6g}."
        )
    step = np.zeros((singular.size, 3, 3))
    step[:, 0, 0] = 1.0 + momentum - eta * square
    step[:, 0, 1] = -momentum
    step[:, 0, 2] = eta
    step[:, 1, 0] = step[:, 2, 2] = 1.0
    state = np.tile([0.0, 0.0, 1.0], (singular.size, 1))
    gain = np.empty((times.size, singular.size))
    now = 0
    for place, time in enumerate(times):
        state = np.einsum("kij,kj->ki", np.linalg.matrix_power(step, int(time) - now), state)
        gain[place], now = state[:, 0], int(time)
    return gain, 1.0 - square * gain


def _measure(
    model: DMFTModel,
    features: Sequence[FloatArray | None],
    weights: FloatArray,
    times: FloatArray,
    *,
    data_random: bool,
) -> dict[str, FloatArray]:
    """Test losses and, where they can be had, the parts; `weights` has shape (E, K, times, N)."""
    overlaps = [_overlap(block) for block in _residual_blocks(model, features, weights)]
    both, network, data, none = (np.concatenate(column) for column in zip(*overlaps, strict=True))
    networks, datasets = weights.shape[:2]
    pairs = networks * datasets
    found = {"single": both / pairs + model.sigma**2}
    found["test"] = none / pairs**2 + model.sigma**2
    if (networks == 1 and model.N is not None) or (datasets == 1 and data_random):
        return found
    same = both / pairs
    network_shared = (network - both) / (pairs * (datasets - 1)) if datasets > 1 else same
    data_shared = (data - both) / (pairs * (networks - 1)) if networks > 1 else same
    if networks > 1 and datasets > 1:
        bias = (none - network - data + both) / (pairs * (networks - 1) * (datasets - 1))
    else:
        bias = data_shared if networks > 1 else network_shared
    found.update(bias=bias, features=network_shared - bias, data=data_shared - bias)
    found["joint"] = same - network_shared - data_shared + bias
    require_finite(same, int(times[-1]))
    return found


def _residual_blocks(
    model: DMFTModel, features: Sequence[FloatArray | None], weights: FloatArray
) -> Iterator[FloatArray]:
    """`sqrt(lambda) v` of every pair, some times at a time: shape (E, K, some times, M)."""
    eigenvalues, teacher = model.modes.lay_out()
    networks, datasets, count, _ = weights.shape
    length = max(1, RESIDUALS_AT_A_TIME // (networks * datasets * teacher.size))
    for first in range(0, count, length):
        part = weights[:, :, first : first + length]
        learned = [row if matrix is None else row @ matrix for matrix, row in zip(features, part, strict=True)]
        yield np.sqrt(eigenvalues) * (teacher - np.stack(learned))


def _overlap(residual: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Sums of `q_{ij,kl}` over pairs with i=k and j=l; with i=k; with j=l; over all pairs. Each of shape (times,)."""
    both = np.einsum("ektm,ektm->t", residual, residual)
    over_data, over_networks = np.sum(residual, axis=1), np.sum(residual, axis=0)
    network = np.einsum("etm,etm->t", over_data, over_data)
    data = np.einsum("ktm,ktm->t", over_networks, over_networks)
    total = np.sum(over_data, axis=0)
    return both, network, data, np.einsum("tm,tm->t", total, total)


def _gather(model: DMFTModel, plan: _Plan, results: Sequence[Result]) -> DMFTSimulation:
    order = np.searchsorted(sorted(set(plan.times)), plan.times)
    estimates: dict[str, Estimate] = {}
    for name in results[0]:
        values = np.concatenate([np.asarray(result[name], dtype=np.float64) for result in results])[:, order]
        if not np.all(np.isfinite(values)):
            raise NoConvergenceError("A run overflowed; take a smaller learning rate or fewer steps.")
        estimates[name] = average_members(values)
    parts = None
    if "bias" in estimates:
        parts = VarianceParts(*(estimates[name] for name in ("bias", "features", "data", "joint")))
    return DMFTSimulation(
        model=model,
        training=plan.training,
        times=plan.times,
        test=estimates["test"],
        single=estimates["single"],
        train=estimates.get("train"),
        parts=parts,
        networks=plan.networks,
        datasets=plan.datasets,
        runs=plan.runs,
        seed=plan.seed,
    )
