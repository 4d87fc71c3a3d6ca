"""Independent references for the mean-field model, plain and slow; they share no code with the library.

``invert_twice``: the printed 2 x 2 system at each (p, p'), solved as printed with sums over all modes, and mpmath's
two-variable fixed Talbot inversion.  ``step_correlations``: the equations in the time domain on a T x T grid.
``simulate_residuals``: dense random matrices and their exact exponentials.
"""

from __future__ import annotations

from collections.abc import Sequence

import mpmath as mp
import numpy as np
from numpy.typing import NDArray


def solve_responses(lam: Sequence[mp.mpf], inverse_n: mp.mpf, inverse_p: mp.mpf, p: mp.mpc) -> tuple[mp.mpc, mp.mpc]:
    """Return (R1, R3) by damped fixed-point iteration from large |p|, then Newton on the product r = R1 R3."""

    def product(r: mp.mpc, at: mp.mpc) -> mp.mpc:
        s = mp.fsum(x * r / (at + x * r) for x in lam)
        return (1 - inverse_p * s) * (1 - inverse_n * s)

    r = mp.mpc(1)
    size = mp.mpf(60) * (1 + sum(lam) * (inverse_n + inverse_p))
    start = abs(p)
    scale = max(size / start, mp.mpf(1))
    while True:
        at = p * scale
        for _ in range(60):
            g = product(r, at) - r
            h = mp.mpf(10) ** (-mp.mp.dps // 3) * r
            slope = (product(r + h, at) - r - h - g) / h
            step = -g / slope
            r += step
            if abs(step) < mp.mpf(10) ** (-mp.mp.dps * 2 // 3 - 3) * abs(r):
                break
        if scale == 1:
            break
        scale = max(scale / mp.mpf("1.6"), mp.mpf(1))
    s = mp.fsum(x * r / (p + x * r) for x in lam)
    return 1 - inverse_p * s, 1 - inverse_n * s


def talbot_nodes(time: mp.mpf, count: int) -> tuple[list[mp.mpc], list[mp.mpc]]:
    """Return nodes and weights of the fixed Talbot rule, both half planes: f(t) = sum w F(p)."""
    nodes, weights = [], []
    r = mp.mpf(2 * count) / (5 * time)
    for k in range(-count + 1, count):
        if k == 0:
            nodes.append(mp.mpc(r))
            weights.append(mp.exp(r * time) * r / count / 2)
            continue
        theta = mp.pi * k / count
        cot = mp.cot(theta)
        nodes.append(r * theta * (cot + 1j))
        sigma = theta + (theta * cot - 1) * cot
        weights.append(mp.exp(time * nodes[-1]) * (1 + 1j * sigma) * r / count / 2)
    return nodes, weights


def invert_twice(
    lam: Sequence[float],
    w2: Sequence[float],
    n: float,
    samples: float,
    sigma2: float,
    time: float,
    count: int = 20,
    beta: float = 0.0,
) -> tuple[mp.mpf, mp.mpf]:
    """Return (test, train) at one time from the printed equations, sums over all modes, dps = current context.

    ``beta`` is the momentum of beta d^2/dt^2 + d/dt.
    """
    eig = [mp.mpf(x) for x in lam]
    tasks = [mp.mpf(x) for x in w2]
    inv_n, inv_p, noise = 1 / mp.mpf(n), 1 / mp.mpf(samples), mp.mpf(sigma2)
    nodes, weights = talbot_nodes(mp.mpf(time), count)
    weights = [x * (1 + beta * s) for x, s in zip(weights, nodes, strict=True)]
    nodes = [s * (1 + beta * s) for s in nodes]
    responses = [solve_responses(eig, inv_n, inv_p, p) for p in nodes]
    h = [[1 / (p + x * r1 * r3) for x in eig] for p, (r1, r3) in zip(nodes, responses, strict=True)]
    test = train = mp.mpf(0)
    for i, p in enumerate(nodes):
        if p.imag < 0:  # the conjugate of a pair that is summed already
            continue
        fold = 1 if p.imag == 0 else 2
        for j, q in enumerate(nodes):
            r1, r3 = responses[i][0] * responses[j][0], responses[i][1] * responses[j][1]
            hh = [x * y for x, y in zip(h[i], h[j], strict=True)]
            s1 = mp.fsum(x * y for x, y in zip(eig, hh, strict=True))
            s2 = mp.fsum(x * x * y for x, y in zip(eig, hh, strict=True))
            sw = mp.fsum(x * w * y for x, w, y in zip(eig, tasks, hh, strict=True))
            tw = mp.fsum(x * x * w * y for x, w, y in zip(eig, tasks, hh, strict=True))
            # unknowns C0, C2 with C1 = r1 (C0 + noise/pq), C3 = r3 C2
            a11, a12 = 1 - r3 * s2 * inv_p * r1, -s1 * inv_n * r3
            b1 = sw + r3 * s2 * inv_p * r1 * noise / (p * q)
            a21, a22 = -p * q * s1 * inv_p * r1, 1 - r1 * s2 * inv_n * r3
            b2 = p * q * s1 * inv_p * r1 * noise / (p * q) + r1 * tw
            c0 = (b1 * a22 - a12 * b2) / (a11 * a22 - a12 * a21)
            weight = fold * weights[i] * weights[j]
            test += (weight * c0).real
            train += (weight * r1 * (c0 + noise / (p * q))).real
    return test + noise, train


def step_correlations(
    lam: NDArray[np.float64],
    w2: NDArray[np.float64],
    n: float,
    samples: float,
    sigma2: float,
    steps: int,
    eta: float,
    beta: float = 0.0,
    features: float = 1.0,
    data: float = 1.0,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return test and train loss after 0..steps steps, from the equations in the time domain on a T x T grid.

    See ``correlate_steps``.
    """
    found = correlate_steps(lam, w2, n, samples, sigma2, steps, eta, beta, features, data)
    return np.diag(found["C0"]) + sigma2, np.diag(found["C1"])


def correlate_steps(
    lam: NDArray[np.float64],
    w2: NDArray[np.float64],
    n: float,
    samples: float,
    sigma2: float,
    steps: int,
    eta: float,
    beta: float = 0.0,
    features: float = 1.0,
    data: float = 1.0,
) -> dict[str, NDArray[np.float64]]:
    """Return the two-time correlations C0, C1, C3 at steps 0..steps, each (steps + 1) x (steps + 1).

    ``features=0`` (``data=0``): of the mean over infinitely many networks on the same data (data sets for the same network),
    the correlation of two of them, which have no source in common there.

    Exact for gradient descent (with momentum): causality makes both fixed-point iterations end after T rounds.
    """
    size = steps + 1
    lag = np.subtract.outer(np.arange(size), np.arange(size))
    powers = lag if beta == 0.0 else (1.0 - beta ** np.maximum(lag, 0)) / (1.0 - beta)
    kernel = eta * np.where(lag > 0, powers, 0.0)
    if beta == 0.0:
        kernel = eta * (lag > 0)
    unit, one, three = np.eye(size), np.eye(size), np.eye(size)
    for _ in range(size + 1):
        response = np.linalg.inv(unit + lam[:, None, None] * (kernel @ three @ one))
        total = np.einsum("k,kij->ij", lam, response)
        data_response, model_response = -total @ kernel @ three, -one @ total @ kernel
        one, three = np.linalg.inv(unit - data_response / samples), np.linalg.inv(unit - model_response / n)
    flat = np.ones((size, size))
    test, feature = np.zeros((size, size)), np.zeros((size, size))
    for _ in range(2 * size + 2):
        seen = data * one @ (test + sigma2 * flat) @ one.T
        model = features * three @ feature @ three.T
        push = kernel @ three
        test, new = np.zeros_like(test), np.zeros_like(test)
        for x, w, h in zip(lam, w2, response, strict=True):
            v = h @ (w * flat + push @ seen @ push.T * x / samples + kernel @ model @ kernel.T / n) @ h.T
            test = test + x * v
            back = unit - x * one @ h @ push
            kick = x * one @ h
            new = new + back @ seen @ back.T * x / samples
            new = new + kick @ (w * flat + kernel @ model @ kernel.T / n) @ kick.T
        feature = new
    return {"C0": test, "C1": one @ (test + sigma2 * flat) @ one.T, "C3": three @ feature @ three.T}


def step_batches(
    lam: NDArray[np.float64], w2: NDArray[np.float64], n: float, batch: float, sigma2: float, steps: int, eta: float, beta: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return, after 0..steps steps of one-pass SGD, the test loss of one network, that of infinitely many on one stream, and
    that of infinitely many streams.
    """
    one, stream, free = correlate_batches(lam, w2, n, batch, sigma2, steps, eta, beta)
    return np.diag(one) + sigma2, np.diag(stream) + sigma2, np.diag(free) + sigma2


def correlate_batches(
    lam: NDArray[np.float64], w2: NDArray[np.float64], n: float, batch: float, sigma2: float, steps: int, eta: float, beta: float
) -> list[NDArray[np.float64]]:
    """Return C0 of the same three: the two-time equations on a T x T grid, where the noise of a batch is white in time."""
    size = steps + 1
    lag = np.subtract.outer(np.arange(size), np.arange(size))
    kernel = eta * np.where(lag > 0, sum(beta**j * (lag > j) for j in range(size)), 0.0)
    unit, three = np.eye(size), np.eye(size)
    for _ in range(size + 1):
        response = np.linalg.inv(unit + lam[:, None, None] * (kernel @ three))
        three = np.linalg.inv(unit + np.einsum("k,kij->ij", lam, response) @ kernel / n)
    flat, push = np.ones((size, size)), kernel @ three
    losses = []
    for noisy, shared in ((1.0, False), (1.0, True), (0.0, False)):
        test, feature = np.zeros((size, size)), np.zeros((size, size))
        for _ in range(2 * size + 2):
            data = noisy * np.diag(np.diag(test) + sigma2) / batch
            model = np.zeros_like(test) if shared else kernel @ (three @ feature @ three.T) @ kernel.T / n
            test, feature = np.zeros_like(test), np.zeros_like(feature)
            for x, w, h in zip(lam, w2, response, strict=True):
                test = test + x * h @ (w * flat + x * push @ data @ push.T + model) @ h.T
                back = unit - x * h @ push
                feature = feature + x * back @ data @ back.T + x * x * h @ (w * flat + model) @ h.T
        losses.append(test)
    return losses


def gaussian(rng: np.random.Generator, rows: int, columns: int, real: bool) -> NDArray[np.complex128]:
    """Return a matrix with independent entries of unit variance."""
    if real:
        return rng.standard_normal((rows, columns)) + 0j
    return (rng.standard_normal((rows, columns)) + 1j * rng.standard_normal((rows, columns))) / np.sqrt(2.0)


def simulate_residuals(
    lam: NDArray[np.float64],
    w: NDArray[np.float64],
    n: int,
    samples: int,
    sigma: float,
    times: NDArray[np.float64],
    rng: np.random.Generator,
    real: bool = False,
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Draw two features and two data sets; return v^0 (features x data x times x modes) and train losses."""
    modes = lam.size
    features = [gaussian(rng, n, modes, real) / np.sqrt(n) for _ in range(2)]
    residual = np.empty((2, 2, times.size, modes), dtype=complex)
    train = np.empty((2, 2, times.size))
    for d in range(2):
        data = gaussian(rng, samples, modes, real) * np.sqrt(lam)
        labels = (data @ w + sigma * gaussian(rng, samples, 1, real)[:, 0]) / np.sqrt(samples)
        for f in range(2):
            design = data @ features[f].conj().T / np.sqrt(samples)
            u, s, vt = np.linalg.svd(design, full_matrices=False)
            gain = -np.expm1(-np.outer(times, s * s)) / s * (u.conj().T @ labels)
            weights = gain @ vt.conj()
            residual[f, d] = w - weights @ features[f].conj()
            train[f, d] = np.sum(np.abs(labels - weights @ design.T) ** 2, axis=1)
    return residual, train
