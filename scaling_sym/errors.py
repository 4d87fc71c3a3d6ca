"""The errors that the library raises on purpose.

Every one carries a single sentence that says what is wrong and what is allowed. The command line prints that
sentence and exits with status 2; nothing else in the project catches them.
"""

from __future__ import annotations


class ScalingSymError(Exception):
    """Base of all errors raised on purpose; its text is one sentence for the user."""


class BadInputError(ScalingSymError):
    """A value, name, file or combination that the caller gave is outside what is allowed."""


class OutsideDomainError(BadInputError):
    """A parameter point lies outside the admissible region of the model."""


class PrecisionError(ScalingSymError):
    """The digits asked for cannot be had, because too many cancel at this point; says what would be needed."""


class NoConvergenceError(ScalingSymError):
    """An iteration stopped before its residual was small enough; the residual reached is in the text."""


class UndecidedError(ScalingSymError):
    """A question has no certified answer here; the text names the polynomial or the case that stands open."""
