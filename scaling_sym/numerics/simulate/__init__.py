"""The judge: finite random models, drawn and trained, averaged, with standard errors.

Nothing here knows the theory. Matrices are drawn, the training dynamics of `mathematics.md` is carried out on them,
losses are evaluated exactly in coordinates (there is no test set), and the ensemble is averaged. The parts:

    arguments    what a caller may give, and the sentence he gets otherwise
    ensemble     random streams per member, means and standard errors
    sweep        many tasks on one core, all cores or a Dask cluster; resumes from what it had saved
    sgd          one-pass stochastic gradient descent, drawn literally or in the coordinates of the singular vectors
    plrf         `paquette2024`: simulated risk, and its exact expectation over the data given the weights
    dmft         `bordelon2024`: gradient flow, descent with momentum, one-pass descent; ensembles, bagging, variance
    kernel       `bahri2024`: ridge and kernel regression on random or leading features, solved
    interpolation  the same paper's other regime: nearest-neighbour, piecewise-linear, radial interpolation

Vocabulary: a *member* is one independent draw of everything random, or of the weights where several runs share
them; the standard error is the spread over independent members divided by the square root of their number. It is
honest where a loss has a finite variance over members; one-pass descent close to its stability limit has heavy
tails, so a result also says what share of its mean comes from its largest member.

Not covered: infinitely many modes (a drawn matrix is finite; only `N` and `P` of the second model may be infinite).
"""

from __future__ import annotations

from scaling_sym.numerics.simulate.dmft import (
    DMFTModel,
    DMFTSimulation,
    ModeArrays,
    PowerLawModes,
    Training,
    VarianceParts,
    simulate_dmft,
    sweep_dmft,
)
from scaling_sym.numerics.simulate.ensemble import Estimate
from scaling_sym.numerics.simulate.interpolation import Interpolation, simulate_interpolation
from scaling_sym.numerics.simulate.kernel import KernelExperiment, KernelSimulation, simulate_kernel
from scaling_sym.numerics.simulate.plrf import (
    PLRFModel,
    PLRFSimulation,
    expect_plrf,
    simulate_plrf,
    sweep_plrf,
)
from scaling_sym.numerics.simulate.sweep import Execution, run_tasks

__all__ = [
    "DMFTModel",
    "DMFTSimulation",
    "Estimate",
    "Execution",
    "Interpolation",
    "KernelExperiment",
    "KernelSimulation",
    "ModeArrays",
    "PLRFModel",
    "PLRFSimulation",
    "PowerLawModes",
    "Training",
    "VarianceParts",
    "expect_plrf",
    "run_tasks",
    "simulate_dmft",
    "simulate_interpolation",
    "simulate_kernel",
    "simulate_plrf",
    "sweep_dmft",
    "sweep_plrf",
]
