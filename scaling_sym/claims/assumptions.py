"""The named assumptions: what each means, in words, once. A bundle that uses one quotes it from here.

An assumption is what is used without proof: a random-matrix or mean-field closure, a uniformity, a convention on how the
model's quantities grow together. Which rule uses which is for the checker (`proofs_check.statements`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

ASSUMPTIONS: Final[Mapping[str, str]] = {
    "deterministic-equivalent": "The resolvent of the random features may be replaced by its deterministic equivalent.",
    "sgd-follows-volterra": "The loss of one-pass SGD follows the Volterra equation with the deterministic equivalent, "
    "in its small-step (continuous-time) form; for fixed gamma the constants of the recursion differ by O(gamma (B+1)).",
    "uniform-transfer": "The expansion of the transforms in the window d^(-2 alpha) << u << 1 transfers to time "
    "uniformly in d.",
    "learning-rate-fraction": "The learning rate is a fixed fraction of the stability limit; v = rho d with rho > 1, or "
    "v = infinity where 2 alpha > 1.",
    "mean-field-closure": "Averages over the random features and samples are taken by dynamical mean-field theory: each matrix "
    "product is an independent Gaussian source plus a response.",
    "monotone-resources": "Across the crossover t ~ P^b the loss stays of the same order, and away from the peak N = P it "
    "does not fall, but for constants, when a resource is taken away.",
    "smooth-loss": "The loss is the square, or twice differentiable where the ensemble concentrates, so that its mean over the "
    "ensemble is governed by the second moment.",
    "smooth-average": "The loss is a function of averages of x independent, identically distributed values (samples, or units of "
    "a layer as they are drawn) with a finite sixth moment, has six bounded derivatives there, and the training time does not "
    "grow with x.",
    "uniform-points": "The data are independent and uniform on a torus of d dimensions.",
    "stated-terms": "the loss is, up to constants, the sum of the terms as they are stated",
    "rates-terms": "The terms are those that loss_terms derives for gamma ~ d^(-c), under the assumptions named there.",
    "lattice-count": "The kernel is translation-invariant on a torus; the number of lattice points in a ball is its volume.",
}


def quote_assumptions(names: Iterable[str]) -> dict[str, str]:
    """The named assumptions with their words, in the order given."""
    return {name: ASSUMPTIONS[name] for name in names}
