r"""Ridge regression on finite random features and kernel regression, drawn and solved: the judge of `numerics.kernel`.

Features psi with covariance Lambda = diag(lambda_k) are Gaussian, the P features of the student are A psi/sqrt(P) with
A Gaussian of unit variance, or the first P of psi (``projection="top"``).  With X = Psi/sqrt(D), F = A/sqrt(P) and the
singular values s of Z = X F^*,

    theta = (Z^* Z + ridge)^-1 Z^* y/sqrt(D),     test = |Lambda^(1/2) (w - F^* theta)|^2 + sigma^2,

without ridge the solution of least norm.  The average over label noise is taken exactly (it is a trace), and with
``teacher="isotropic"`` that over teachers of unit covariance too; the matrices are drawn.  D = inf replaces X by
Lambda^(1/2) (no noise then), P = inf replaces F by 1.

``entries`` may be real or complex Gaussian.  The deterministic equivalents are the same; complex matrices approach them
one order faster in 1/D and 1/P.

Not covered: infinitely many modes, features that are not Gaussian.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError
from scaling_sym.numerics.simulate.arguments import (
    FloatArray,
    check_matrix,
    read_choice,
    read_count,
    read_real,
    read_size,
)
from scaling_sym.numerics.simulate.dmft import ModeArrays, PowerLawModes
from scaling_sym.numerics.simulate.ensemble import Estimate, average_members, member_streams
from scaling_sym.numerics.simulate.sweep import single_thread

Matrix = NDArray[Any]

#: Raised whenever the numbers that a seed gives change.
STREAM = 1


@dataclass(frozen=True, slots=True)
class KernelExperiment:
    """A finite model: modes, D samples, P features (each an integer or `math.inf`), ridge and label noise.

    entries: real or complex; projection: random or top; teacher: fixed (the modes' own) or isotropic.
    """

    modes: PowerLawModes | ModeArrays
    D: int | float | None
    P: int | float | None
    ridge: float = 0.0
    sigma: float = 0.0
    entries: str = "real"
    projection: str = "random"
    teacher: str = "fixed"

    def __post_init__(self) -> None:
        modes = len(self.modes.lay_out()[0])
        for name in ("D", "P"):
            given = getattr(self, name)
            size = None if given is None else read_size(name, given)
            object.__setattr__(self, name, size)
            check_matrix(modes if size is None else size, modes)
        for name in ("ridge", "sigma"):
            object.__setattr__(self, name, read_real(name, getattr(self, name), least=0.0))
        read_choice("entries", self.entries, ("real", "complex"))
        read_choice("projection", self.projection, ("random", "top"))
        read_choice("teacher", self.teacher, ("fixed", "isotropic"))
        if self.projection == "top" and self.P is not None and modes < self.P:
            raise BadInputError(f"P = {self.P} leading features of {modes} modes are not allowed; at most {modes} are.")

    def draw(self, stream: np.random.Generator, rows: int, columns: int) -> Matrix:
        """A Gaussian matrix of unit variance, real or complex."""
        if self.entries == "real":
            return stream.standard_normal((rows, columns))
        pair = stream.standard_normal((2, rows, columns)) / np.sqrt(2.0)
        return np.asarray(pair[0] + 1j * pair[1])


@dataclass(frozen=True, slots=True, eq=False)
class KernelSimulation:
    """Test and train loss (noise included; train is None for D = inf), averaged over ``members`` independent draws."""

    experiment: KernelExperiment
    test: Estimate
    train: Estimate | None
    members: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON values; infinite sizes are None."""
        parts = {"test": self.test, "train": self.train}
        shown = {
            name: None if x is None else {"mean": float(x.mean[0]), "standard_error": float(x.standard_error[0])}
            for name, x in parts.items()
        }
        return {"experiment": asdict(self.experiment), "members": self.members, "seed": self.seed, **shown}


def simulate_kernel(experiment: KernelExperiment, *, members: int = 32, seed: int = 0) -> KernelSimulation:
    """Draw, fit and measure ``members`` times (at least 2).

    Near D = P without ridge the loss has heavy tails, and within |D - P| <= 1 of it no mean for real entries (no
    variance within 3): the standard error is then not to be trusted.  Raises BadInputError for arguments outside what
    the class allows.
    """
    members, seed = read_count("members", members, least=2), read_count("seed", seed, least=0)
    label = repr(("kernel", STREAM, experiment))
    with single_thread():
        found = np.array([fit_once(experiment, *member_streams(seed, label, k, 2)) for k in range(members)])
    train = None if experiment.D is None else average_members(found[:, 1:])
    return KernelSimulation(experiment, average_members(found[:, :1]), train, members, seed)


def fit_once(
    experiment: KernelExperiment, of_features: np.random.Generator, of_data: np.random.Generator
) -> tuple[float, float]:
    """Test and train loss of one draw, averaged over the label noise."""
    eigenvalues, teacher = experiment.modes.lay_out()
    modes = eigenvalues.size
    features = _draw_features(experiment, of_features, modes)
    if experiment.D is None:
        data: Matrix = np.diag(np.sqrt(eigenvalues))
    else:
        data = experiment.draw(of_data, int(experiment.D), modes) * np.sqrt(eigenvalues / experiment.D)
    noise = 0.0 if experiment.D is None else experiment.sigma**2 / float(experiment.D)
    return _measure(experiment, eigenvalues, teacher, features, data, noise)


def _draw_features(experiment: KernelExperiment, stream: np.random.Generator, modes: int) -> Matrix:
    if experiment.P is None:
        return np.asarray(np.eye(modes))
    if experiment.projection == "top":
        return np.asarray(np.eye(int(experiment.P), modes))
    return np.asarray(experiment.draw(stream, int(experiment.P), modes) / np.sqrt(experiment.P))


def _measure(
    experiment: KernelExperiment,
    eigenvalues: FloatArray,
    teacher: FloatArray,
    features: Matrix,
    data: Matrix,
    noise: float,
) -> tuple[float, float]:
    left, values, right = np.linalg.svd(data @ features.conj().T, full_matrices=False)
    kept = values > values[0] * 1e-13
    safe = np.where(kept, values, 1.0)
    filters = np.where(kept, safe / (safe**2 + experiment.ridge), 0.0)
    inverse = features.conj().T @ ((right.conj().T * filters) @ left.conj().T)  # labels to coefficients
    hat = np.eye(data.shape[0]) - (left * (filters * values)) @ left.conj().T
    if experiment.teacher == "fixed":
        signal = data @ teacher
        missed: Matrix = (teacher - inverse @ signal)[:, None]
        residual = (hat @ signal)[:, None]
    else:
        missed, residual = np.eye(eigenvalues.size) - inverse @ data, hat @ data
    fit = _square(np.sqrt(eigenvalues)[:, None] * missed)
    spread = noise * _square(np.sqrt(eigenvalues)[:, None] * inverse) if noise else 0.0
    train = _square(residual) + (noise * _square(hat) if noise else 0.0)
    return fit + spread + experiment.sigma**2, train


def _square(matrix: Matrix) -> float:
    return float(np.sum(np.abs(matrix) ** 2))
