"""The derived equations of descent, momentum and one-pass SGD against the same model stepped in time, summed into its transform.

Two-time correlations on a T x T grid (`tests.peers`), sum_tt' C(t, t') z^-t z_^-t' at |z| > 1, where the sums converge, and
kappa by Newton's method: each equation must vanish there.
"""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from scaling_sym.algebra.grammar import parse_ratio
from scaling_sym.claims.bundle import Bundle, read_bundle
from scaling_sym.cli.bundles import committed_file
from scaling_sym.numerics.dmft import DmftModel, loss_curve
from scaling_sym.numerics.dmft_contours import Clock
from tests.peers.dmft_direct import correlate_batches, correlate_steps

LAM, W2 = np.arange(1.0, 4.0) ** -1.3, np.arange(1.0, 4.0) ** -0.6
N, P, SIGMA2, ETA, STEPS = 5.0, 7.0, 0.3, 0.3, 48
Z, Z_ = 2.3 + 0.0j, 1.4 + 1.9j


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read_bundle(committed_file("bordelon2024").read_bytes())


def residual(bundle: Bundle, name: str, values: dict[str, complex]) -> float:
    """The sum of the terms of a claimed equation over the sum of their sizes."""
    claim = next(c for c in bundle.claims if c.label == f"dmft/equations/{name}")
    equation = parse_ratio(claim.statement["equation"])
    terms = [float(c) * prod(values[n] ** e for n, e in m) for m, c in equation.monomials().items()]
    return float(abs(sum(terms)) / sum(abs(t) for t in terms))


def transform(grid: np.ndarray, z: complex, z_: complex) -> complex:
    t = np.arange(grid.shape[0])
    return complex(z**-t @ grid @ z_**-t)


def find_kappa(operator: complex, n: float, samples: float) -> complex:
    """The root near the operator, by the fixed-point iteration from infinite sizes."""
    kappa = operator
    for _ in range(400):
        trace = complex((LAM / (kappa + LAM)).sum())
        kappa = 0.5 * kappa + 0.5 * operator / ((1 - trace / samples) * (1 - trace / n))
    return kappa


def sums_at(kappa: complex, kappa_: complex) -> dict[str, complex]:
    pair = LAM / ((kappa + LAM) * (kappa_ + LAM))
    found = {"s1": pair.sum(), "s2": (pair * LAM).sum(), "sw": (pair * W2).sum(), "tw": (pair * LAM * W2).sum()}
    found |= {"kappa": kappa, "kappa_": kappa_, "dof": (LAM / (kappa + LAM)).sum()}
    return found


@pytest.mark.parametrize("beta", [0.0, 0.4])
def test_equations_of_steps(bundle: Bundle, beta: float) -> None:
    point = {"N": N, "P": P, "eta": ETA, "beta": beta, "sigma2": SIGMA2, "z": Z, "z_": Z_}
    kappa, kappa_ = (find_kappa((x - 1) * (x - beta) / (ETA * x), N, P) for x in (Z, Z_))
    values = point | sums_at(kappa, kappa_)
    grid = {
        kind: correlate_steps(LAM, W2, N, P, SIGMA2, STEPS, ETA, beta, *shared)
        for kind, shared in (("", (1.0, 1.0)), ("x", (0.0, 1.0)), ("y", (1.0, 0.0)))
    }
    for kind, found in grid.items():
        values |= {f"C{i}{kind}": transform(found[f"C{i}"], Z, Z_) for i in (0, 3)}
    names = ["balance", "system-1", "system-3", "pair", "sets-1", "sets-3"]
    # What lies beyond 48 steps is 2.3^-48 = 4e-18 of a loss that does not grow.
    for name in names:
        assert residual(bundle, f"descent-{name}", values) < 1e-11, name
        wrong = values | {k: v * 1.01 for k, v in values.items() if k.startswith(("C", "kappa"))}
        assert residual(bundle, f"descent-{name}", wrong) > 1e-4, name
    if beta == 0.0:
        for name in names[:3]:
            assert residual(bundle, f"plain-{name}", values) < 1e-11, name


def test_equations_of_one_pass_sgd(bundle: Bundle) -> None:
    batch, beta, infinite = 4.0, 0.4, np.inf
    one, stream, _ = correlate_batches(LAM, W2, N, batch, SIGMA2, STEPS, ETA, beta)
    kappa, kappa_ = (find_kappa((x - 1) * (x - beta) / (ETA * x), N, infinite) for x in (Z, Z_))
    lag = np.arange(STEPS + 1)
    values = {"eta": ETA, "beta": beta, "B": batch, "z": Z, "z_": Z_}
    values |= {"C0": transform(one, Z, Z_), "C0x": transform(stream, Z, Z_)}
    for name, grid in (("Q", one), ("Qx", stream)):
        values[name] = complex((np.diag(grid) + SIGMA2) @ (Z * Z_) ** -lag)
    values |= sums_at(kappa, kappa_)
    for end, x, k in (("", Z, kappa), ("_", Z_, kappa_)):
        operator = (x - 1) * (x - beta) / (ETA * x)
        response = 1 / (operator + LAM * operator / k)
        values |= {f"R3{end}": operator / k, f"T1{end}": (LAM * response).sum(), f"S{end}": (LAM * W2 * response).sum()}
    for name in ("online-renewal", "online-stream"):
        assert residual(bundle, name, values) < 1e-11, name
        assert residual(bundle, name, values | {"Q": 1.01 * values["Q"], "Qx": 1.01 * values["Qx"]}) > 1e-5, name


def test_narrow_band(bundle: Bundle) -> None:
    """M = 12 equal modes: C0 summed from descent (D = (z - 1)/eta), and the losses of flow at N = inf by the derived law."""
    modes, power = 12, 12.0
    lam, w2 = np.ones(modes), np.ones(modes)
    # descent steps, so that C0 here is eta^2/(z z_) of what is summed, and the noise is sigma2/(D D_)
    eta, steps = 0.1, 60
    grid = correlate_steps(lam, w2, N * 4, P * 4, SIGMA2, steps, eta)["C0"]
    D, D_ = (Z - 1) / eta, (Z_ - 1) / eta
    values = {"N": N * 4, "P": P * 4, "M": modes, "W": power, "D": D, "D_": D_, "noise": SIGMA2 / (D * D_)}
    values["C0"] = transform(grid, Z, Z_) * eta**2 / (Z * Z_)
    for end, x in (("", D), ("_", D_)):
        f, g = 1 - modes / (P * 4), 1 - modes / (N * 4)
        roots = np.roots([1.0, f + g - x, f * g - 2 * x, -x])
        values[f"kappa{end}"] = roots[np.argmin(abs(roots - x))]
    for name in ("band-balance", "band-loss"):
        assert residual(bundle, name, values) < 1e-10, name
    # the law of Marchenko and Pastur with M/P = 12/28: what band-law says at equal times
    ratio = modes / (P * 4)
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2
    theta = np.pi * (np.arange(400) + 0.5) / 400
    u = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(theta)
    density = (0.5 * (high - low) * np.sin(theta)) ** 2 / (2 * np.pi * ratio * u) * np.pi / 400
    times = np.array([0.0, 0.5, 5.0, 40.0])
    decay = np.exp(-np.outer(times, u))
    exact = power * decay**2 @ density + SIGMA2 * (1 + ratio * ((1 - decay) ** 2 / u) @ density)
    curve = loss_curve(DmftModel.from_spectrum(lam, w2, np.inf, P * 4, np.sqrt(SIGMA2)), times, Clock())
    np.testing.assert_allclose(curve.test, exact, rtol=1e-12)  # the midpoint rule on a circle converges geometrically
