"""What `curve dmft` answers: test and train loss of the mean-field model under three dynamics, and averages of networks.

    flow      gradient flow at learning rate 1; `momentum` is beta of beta d^2/dt^2 + d/dt; t = inf is the static limit
    descent   steps of `learning_rate`, with heavy-ball `momentum`
    sgd       one pass, fresh batches of `batch` samples (P = inf), with heavy-ball `momentum`: there is a test loss only

`networks` E and `datasets` K ask for the test loss of the mean over E networks and K data sets (with sgd: streams), every pair
trained, and for the train loss of the mean over E networks on the same data. `members` asks for bagging instead: the mean over so
many networks with features and data of their own. All are left out where none was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaling_sym.cli.parameters import Value
    from scaling_sym.numerics.dmft import DmftModel

DYNAMICS: Final = {"flow": "gradient flow", "descent": "gradient descent", "sgd": "one-pass sgd"}
OWN: Final = {"flow": ("momentum",), "descent": ("learning_rate", "momentum"), "sgd": ("learning_rate", "momentum", "batch")}
COLUMNS: Final = ("test", "train", "error", "train_error")
PIECES: Final = ("bias", "features", "data", "interaction", "limit")
AVERAGES: Final = ("networks", "datasets", "members")


@final
@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: parameters, dynamics, finite times, whether t = inf too, and the relative accuracy."""

    values: Mapping[str, Value]
    dynamics: str
    times: tuple[Fraction, ...]
    static: bool
    rtol: float | None


def answer_dmft(at: list[str], times: str | None, dynamics: str | None, digits: int | None, rtol: float | None) -> dict[str, Any]:
    """The answer as JSON; raises `BadInputError`, or `PrecisionError` where the accuracy cannot be had."""
    from scaling_sym.cli.parameters import show_exact, show_step

    question = read_question(at, times, dynamics, rtol)
    values = question.values
    notes = [] if "modes" in values else ["modes was not given: infinitely many"]
    if digits is not None:
        columns = _solve_exactly(question, digits)
    elif question.dynamics == "sgd":
        columns = _solve_sgd(question, notes)
    else:
        columns = _solve(question, notes)
    shown = {name: show_exact(values[name]) for name in ("a", "b", "N", "P")}
    shown |= {"modes": show_exact(values.get("modes", inf)), "sigma": show_exact(values.get("sigma", Fraction(0)))}
    shown |= {name: show_exact(x) for name, x in values.items() if name not in shown}
    asked: list[Any] = [show_step(t) for t in question.times] + ["inf"] * question.static
    return {"model": "dmft", "dynamics": DYNAMICS[question.dynamics], "at": shown, "times": asked, **columns, "notes": notes}


def read_question(at: list[str], times: str | None, dynamics: str | None, rtol: float | None) -> Question:
    """Read the options; raises `BadInputError` for what the dynamics has no use for."""
    from scaling_sym.cli.parameters import read_list, read_parameters
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError

    word = dynamics or "flow"
    if word not in DYNAMICS:
        raise BadInputError(f"there are no dynamics {word!r} of dmft{nearest(word, DYNAMICS)}")
    optional = ("modes", "sigma", *OWN[word], *AVERAGES)
    infinite = ("N", "P", "modes", "batch", *AVERAGES)
    values = read_parameters(f"dmft under {word}", at, ("a", "b", "N", "P"), optional, infinite)
    if "members" in values and {"networks", "datasets"} & set(values):
        raise BadInputError("members have networks and data of their own: with members, neither networks nor datasets is allowed")
    if rtol is not None and not 0 < rtol < 1:
        raise BadInputError(f"--rtol {rtol:g} is out of range: between 0 and 1 is allowed")
    parts = [] if times is None else times.split(",")
    finite = [part for part in parts if part.strip() != "inf"]
    static = len(finite) < len(parts)
    if static and (word == "sgd" or parts[-1].strip() != "inf" or len(parts) - len(finite) > 1):
        raise BadInputError("--times takes inf only once, at the end, and not with sgd")
    asked = read_list("--times", ",".join(finite) if times is not None else None) if finite or not static else []
    return Question(values, word, tuple(asked), static, rtol)


def build_dmft(values: Mapping[str, Value]) -> DmftModel:
    """The model in double precision; raises `BadInputError`."""
    from scaling_sym.numerics.dmft import DmftModel

    a, b, N, P = (_double(values, name, 0.0) for name in ("a", "b", "N", "P"))
    return DmftModel(a, b, N, P, modes=_double(values, "modes", inf), sigma=_double(values, "sigma", 0.0))


def _double(values: Mapping[str, Value], name: str, default: float) -> float:
    from scaling_sym.cli.parameters import as_double

    return as_double(name, values[name]) if name in values else default


def _solve(question: Question, notes: list[str]) -> dict[str, Any]:
    """Gradient flow or descent: the curve, then the static limit."""
    from scaling_sym.cli.parameters import as_double, show_floats
    from scaling_sym.errors import BadInputError
    from scaling_sym.numerics.dmft import loss_curve
    from scaling_sym.numerics.dmft_contours import Clock

    values, model = question.values, build_dmft(question.values)
    rate, momentum = _double(values, "learning_rate", 1.0), _double(values, "momentum", 0.0)
    if not (rate > 0 and momentum >= 0 and (question.dynamics == "flow" or momentum < 1)):
        raise BadInputError("learning_rate must be positive, and momentum at least 0, for descent below 1")
    networks, datasets, members = (_double(values, name, 1.0) for name in AVERAGES)
    columns: dict[str, list[Any]] = {name: [] for name in (*COLUMNS, *PIECES, "averaged_test", "averaged_train")}
    if question.times:
        clock = Clock("flow" if question.dynamics == "flow" else "steps", rate, momentum)
        moments = [as_double("a time", t) for t in question.times]
        found = loss_curve(model, moments, clock, **({} if question.rtol is None else {"rtol": question.rtol}))
        test = found.bagged(members) if "members" in values else found.average(networks, datasets)
        averaged = {"averaged_test": test, "averaged_train": found.average_train(networks)}
        for name, column in columns.items():
            column += show_floats(averaged[name] if name in averaged else getattr(found, name))
    if question.static:
        shares = (members, members, members) if "members" in values else (networks, datasets, networks * datasets)
        for name, value in _find_limit(model, shares, notes).items():
            columns[name] += [value if value is not None and isfinite(value) else None]
    if not set(AVERAGES) & set(values):
        del columns["averaged_test"]
    if not {"networks", "datasets"} & set(values):  # members share no training data
        del columns["averaged_train"]
    return {**{n: x for n, x in columns.items() if n not in PIECES}, "pieces": {n: columns[n] for n in PIECES}}


def _find_limit(model: DmftModel, shares: tuple[float, float, float], notes: list[str]) -> dict[str, float | None]:
    """The losses at t = inf; where the test loss diverges a note says how, and the value is left out.

    `shares` are what the variances over features, over data, and over either are divided by in the mean of networks.
    """
    from scaling_sym.numerics.dmft import SECOND_NODES
    from scaling_sym.numerics.dmft_static import static_limit

    found, other = static_limit(model), static_limit(model, SECOND_NODES)
    row: dict[str, float | None] = {name: getattr(found, name) for name in ("test", "train", *PIECES[:4])}
    for name, value in (("error", "test"), ("train_error", "train")):
        one, two = getattr(found, value), getattr(other, value)
        row[name] = abs(one - two) + 1e-14 * one if isfinite(one) else None
    parts = found.features / shares[0] + found.data / shares[1] + found.interaction / shares[2]
    row |= {"limit": model.noise, "averaged_test": model.noise + found.bias + parts, "averaged_train": None}
    if not isfinite(found.test):
        power, factor = Fraction(found.power).limit_denominator(6), f"{found.growth:.10g} " if isfinite(found.growth) else ""
        notes.append(f"at t = inf the test loss diverges: it grows like {factor}t^({power})")
    return row


def _solve_sgd(question: Question, notes: list[str]) -> dict[str, Any]:
    """One-pass SGD: the test loss, the part of it that gradient descent on the whole distribution would have, and averages."""
    from scaling_sym.cli.parameters import as_double, show_floats
    from scaling_sym.numerics.dmft_online import OnlineSgd, online_curve

    values, model = question.values, build_dmft(question.values)
    batch, rate = (_double(values, name, 1.0) for name in ("batch", "learning_rate"))
    momentum = _double(values, "momentum", 0.0)
    networks, datasets, members = (_double(values, name, 1.0) for name in AVERAGES)
    share = networks > 1
    real = not share or not isfinite(model.N) or not isfinite(batch)
    steps = [as_double("a time", t) for t in question.times]
    options: dict[str, Any] = {} if question.rtol is None else {"rtol": question.rtol}
    found = online_curve(model, steps, OnlineSgd(batch, rate, real, momentum), share=share, **options)
    if not real:
        notes.append("networks on one stream: all losses are those of complex Gaussian data, for which the equations close")
    columns: dict[str, Any] = {"test": show_floats(found.test), "error": show_floats(found.error)}
    if set(AVERAGES) & set(values):
        mean = found.bagged(members) if "members" in values else found.average(networks, datasets)
        columns["averaged_test"] = show_floats(mean)
    pieces = {name: show_floats(getattr(found, name)) for name in ("forcing", "bias", "features", "batches")}
    if found.data is not None:
        pieces["data"] = show_floats(found.data)
    return {**columns, "kernel_norm": found.kernel_norm, "pieces": pieces}


def _solve_exactly(question: Question, digits: int) -> dict[str, Any]:
    """Test and train loss of gradient flow as text; the digits of train are relative to max(train, 1e-8)."""
    from scaling_sym.cli.curves import show_last_place
    from scaling_sym.cli.parameters import as_double
    from scaling_sym.cli.speech import progress
    from scaling_sym.errors import BadInputError
    from scaling_sym.numerics.dmft import loss_digits

    values, times = question.values, question.times
    if question.dynamics != "flow" or question.static or {"momentum", *AVERAGES} & set(values):
        raise BadInputError("--digits is for one network under gradient flow, without momentum, at finite times")
    for time in times:
        if not (digits >= 1 and as_double("a time", time) > 0):
            raise BadInputError("with --digits K, K of at least 1 and positive times are allowed")
    model, exact = build_dmft(values), {n: x for n, x in values.items() if n != "modes"}
    columns: dict[str, list[str]] = {name: [] for name in ("test", "train", "error", "train_error")}
    with progress() as shown:
        task = shown.add_task("curve dmft", total=len(times), found="")
        for k, time in enumerate(times, 1):
            found = loss_digits(model, time, digits, exact)
            columns["test"].append(found.test)
            columns["train"].append(found.train)
            columns["error"].append(show_last_place(found.test, digits))
            columns["train_error"].append(show_last_place(max(found.train, "1e-8", key=Decimal), digits))
            shown.update(task, advance=1, found=f"{k} of {len(times)} times")
    return columns
