"""A user's own model: the phases of a model file, and the verdicts on the claims in it, within limits of time and memory.

The file is hostile until proved otherwise: text is bounded and never evaluated, but to cut a space of parameters can take
any time. So the work is done in a process of its own, which may not take more memory than `MEMORY`, and is ended after the
time allowed. What did not finish is undecided.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaling_sym.errors import BadInputError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from scaling_sym.asymptotics.optimum import Problem
    from scaling_sym.asymptotics.stated import Law
    from scaling_sym.claims.bundle import Bundle

MEMORY: Final = 4 * 2**30  # bytes of address space; libraries and thread stacks take 1 to 2 GB of it without using it
SECONDS: Final = 120.0
LONGEST_ANSWER: Final = 64 * 2**20  # bytes
ASSUMPTION: Final = "the loss is, up to constants, the sum of the terms as they are stated"
Answer = dict[str, Any]


def judge_within(path: Path, seconds: float = SECONDS) -> Answer:
    """The verdicts on the claims in a model file, as plain data; raises `BadInputError` for a file that cannot be read."""
    laws, found = _run(path, "claims", seconds)
    if isinstance(found, str):
        raise BadInputError(found)
    claims = found or [leave_open(law, _too_long(seconds)) for law in laws]
    return {"model": str(path), "assumption": ASSUMPTION, "claims": claims}


def find_phases_within(path: Path, seconds: float = SECONDS) -> Answer:
    """The phases of a model file, as plain data; raises `BadInputError`, or `UndecidedError` where they are not found."""
    from scaling_sym.errors import UndecidedError

    _, found = _run(path, "phases", seconds)
    if found is None or "undecided" in found:
        raise UndecidedError(_too_long(seconds) if found is None else found["undecided"])
    return {"model": str(path), **found}


def _run(path: Path, task: str, seconds: float) -> tuple[list[Answer], Any]:
    """The claims in a file and the outcome of a task on it, worked out in a process of its own; None if nothing comes."""
    from multiprocessing import get_context

    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(str(path), task, sender), daemon=True)
    worker.start()
    sender.close()
    try:
        laws = _receive(receiver, seconds)
        if laws is None:
            raise BadInputError(f"{path} could not be read within {seconds:g} seconds and {MEMORY >> 30} GB: a shorter model "
                                "with smaller numbers is allowed")
        if isinstance(laws, str):
            raise BadInputError(laws)
        return laws, _receive(receiver, seconds)
    finally:
        worker.kill()
        worker.join()


def _too_long(seconds: float) -> str:
    return f"the analysis did not finish within {seconds:g} seconds and {MEMORY >> 30} GB"


def leave_open(law: Answer, reason: str) -> Answer:
    """The answer to a claim that is undecided."""
    return {**law, "verdict": "undecided", "reason": reason, "witness": None, "parts": []}


def judge_laws(problem: Problem, laws: tuple[Law, ...]) -> list[Answer]:
    """Propose the steps, replay them, and judge each law by what replays."""
    from proofs_check.own_claims import Model, judge_law
    from proofs_check.replay import replay
    from scaling_sym.algebra.grammar import parse_ratio
    from scaling_sym.asymptotics.certify import describe_problem
    from scaling_sym.claims.encoding import encode
    from scaling_sym.errors import UndecidedError
    from scaling_sym.export.grammar_text import symbolic

    try:
        bundle, reasons = build_bundle(problem, laws)
    except UndecidedError as error:
        return [leave_open(_describe(law), str(error)) for law in laws]
    cells = dict.fromkeys(t.cell for t in problem.terms)
    pieces = tuple((encode(c), encode([t for t in problem.terms if t.cell == c])) for c in cells)
    model, outcome = Model(pieces, encode(describe_problem(problem)), encode(problem.domain)), replay(bundle)
    answers = []
    for law, claim in zip(laws, bundle.claims, strict=True):
        if law.name in reasons:
            answers.append(leave_open(_describe(law), reasons[law.name]))
            continue
        said = judge_law(claim, model, bundle, outcome)
        parts = [{"region": cell, "derived": derived and symbolic(parse_ratio(derived)), "agrees": agrees}
                 for cell, derived, agrees in said.parts]
        answers.append({**_describe(law), "verdict": said.verdict, "reason": said.reason, "witness": said.witness,
                        "parts": parts})
    return answers


def build_bundle(problem: Problem, laws: tuple[Law, ...]) -> tuple[Bundle, dict[str, str]]:
    """The steps of a stated model and the claims that rest on them; and why, for each law without a step.

    Raises `UndecidedError` where the model's phases are not found or not proved.
    """
    from scaling_sym.asymptotics.phases import find_phases
    from scaling_sym.asymptotics.stated import record_law, record_optima
    from scaling_sym.claims.bundle import Bundle, Claim, Source
    from scaling_sym.claims.recorder import Recorder
    from scaling_sym.errors import UndecidedError

    recorder = Recorder("u")
    optima = record_optima(find_phases(problem), recorder)
    claims, reasons = [], {}
    for law in laws:
        steps: tuple[str, ...] = ()
        try:
            steps = (record_law(law, optima, recorder),)
        except UndecidedError as error:
            reasons[law.name] = str(error)
        statement = {"quantity": law.quantity, "exponent": str(law.exponent)}
        source = Source("user", law.source, "stated")
        claims.append(Claim(law.name, "printed-own", statement, law.region.texts(), ("stated-terms",), source, steps))
    return Bundle("user", {"stated-terms": ASSUMPTION}, tuple(recorder.steps), tuple(claims)), reasons


def describe_phases(problem: Problem) -> Answer:
    """The phases with their exponents, and the walls between them; `unique` tells whether the sizes are the only optimal ones."""
    from scaling_sym.asymptotics.phases import find_phases
    from scaling_sym.errors import UndecidedError
    from scaling_sym.export.grammar_text import symbolic

    try:
        diagram = find_phases(problem)
    except UndecidedError as error:
        return {"undecided": str(error)}
    phases = []
    for number, phase in enumerate(diagram.phases, 1):
        best, at = phase.vertex, phase.witness
        names = [t.name for t, weight in zip(best.tradeoff, best.multipliers, strict=True) if weight]
        phases.append({
            "name": str(number), "region": phase.cell.texts(), "tradeoff": names, "loss_exponent": symbolic(best.loss, at),
            "sizes": {n: symbolic(x, at) for n, x in best.sizes.items()}, "unique": best.is_unique,
            "witness": {n: str(x) for n, x in sorted(at.items())},
        })
    walls = [{"wall": f"{w.polynomial} = 0", "between": [str(i + 1) for i in w.phases]} for w in diagram.walls]
    return {"parameters": list(problem.names), "domain": problem.domain.texts(), "phases": phases, "walls": walls}


def _describe(law: Law) -> Answer:
    from scaling_sym.export.grammar_text import symbolic

    return {"name": law.name, "region": law.region.texts(), "quantity": law.quantity, "exponent": symbolic(law.exponent),
            "source": law.source or None}


def _receive(receiver: Connection, seconds: float) -> Any:
    """What the worker sends, as JSON, or None where it ends, or takes too long, without a word."""
    import json

    try:
        return json.loads(receiver.recv_bytes(LONGEST_ANSWER)) if receiver.poll(seconds) else None
    except (EOFError, OSError):
        return None


def _send(sender: Connection, value: Any) -> None:
    import json

    sender.send_bytes(json.dumps(value).encode())


def _work(path: str, task: str, sender: Connection) -> None:
    """In its own process: send the claims, then the outcome of the task; a sentence (text) where the file is bad."""
    from scaling_sym.asymptotics.model_file import read_laws

    _limit_memory()
    try:
        problem, laws = read_laws(path)
        if task == "claims" and not laws:
            raise BadInputError(f"{path} contains no [[claim]]: at least one is needed to be judged")
        _send(sender, [_describe(law) for law in laws])
        _send(sender, judge_laws(problem, laws) if task == "claims" else describe_phases(problem))
    except BadInputError as error:
        _send(sender, str(error))
    except (MemoryError, RecursionError):
        pass  # the reader sees that nothing came


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not on Windows: there the limit of time alone holds
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
