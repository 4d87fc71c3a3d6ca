"""The verbs that write mathematics out: `table`, `latex`, `explain`, `cite`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from scaling_sym.cli.completion import complete_claim, complete_table

app = typer.Typer()

Identifier = Annotated[str, typer.Argument(
    metavar="ID", help="A label such as plrf/II/loss, or digits of an id.", autocompletion=complete_claim,
)]
File = Annotated[Path | None, typer.Option("--bundle", metavar="FILE", help="Read this bundle, not the committed one.")]


@app.command(rich_help_panel="Exports")
def table(
    name: Annotated[str, typer.Argument(
        metavar="NAME", help="phases, walls, bottlenecks, regimes, dictionary, ...", autocompletion=complete_table,
    )],
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="tex, md, csv or json.")] = "md",
    bundle: File = None,
) -> None:
    """A table computed from the derived claims, beside what the paper prints and the verdict on it."""
    from scaling_sym.cli.bundles import PAPERS, open_bundle
    from scaling_sym.cli.judging import judge_unchecked
    from scaling_sym.cli.speech import say
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError
    from scaling_sym.export.every_table import TABLES_OF, build
    from scaling_sym.export.tables import FORMATS, write_table

    for word, allowed, what in ((name, list(TABLES_OF), "table"), (form, list(FORMATS), "format")):
        if word not in allowed:
            raise BadInputError(f"there is no {what} {word!r}{nearest(word, allowed)}")
    papers = TABLES_OF[name] or PAPERS
    opened = {p: open_bundle(bundle if len(papers) == 1 else None, p) for p in papers}
    verdicts = {j.claim.label: j.verdict for b in opened.values() for j in judge_unchecked(b)}
    say(write_table(build(name, opened, verdicts), form))


@app.command(rich_help_panel="Exports")
def latex(identifier: Identifier, bundle: File = None) -> None:
    """The formula of a claim in LaTeX."""
    from scaling_sym.cli.claims import find_claim
    from scaling_sym.cli.speech import say
    from scaling_sym.export.statements import formula

    claim, found = find_claim(identifier, bundle)
    say(formula(claim, found).latex)


@app.command(rich_help_panel="Exports")
def explain(
    identifier: Identifier,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="tex or md.")] = "tex",
    bundle: File = None,
) -> None:
    """The whole derivation of a claim, as numbered steps in prose and display mathematics."""
    from scaling_sym.cli.claims import find_claim
    from scaling_sym.cli.pace import usual, watch
    from scaling_sym.cli.speech import progress, say
    from scaling_sym.export.explain import explain as write_out

    claim, found = find_claim(identifier, bundle)
    seconds = usual("explain", found.paper) if bundle is None else 0.0
    with progress() if seconds > 1 else nullcontext() as shown, watch(shown, "explain", seconds) if shown else nullcontext():
        text = write_out(claim, found, form)
    say(text)


@app.command(rich_help_panel="People")
def cite(identifier: Annotated[str, typer.Argument(
    metavar="ID", help="A claim, or the key of a paper.", autocompletion=complete_claim,
)]) -> None:
    """BibTeX of the paper that a claim comes from, with the place in it."""
    import importlib

    from scaling_sym.cli.bundles import PAPERS
    from scaling_sym.cli.claims import find_claim
    from scaling_sym.cli.speech import say
    from scaling_sym.cli.usage import nearest
    from scaling_sym.errors import BadInputError

    paper, comment = identifier, ""
    if identifier not in PAPERS:
        hint = nearest(identifier, PAPERS) if "/" not in identifier else ""
        if "did you mean" in hint:
            raise BadInputError(f"there is no paper {identifier!r}{hint}")
        claim, _ = find_claim(identifier)
        paper, comment = claim.source.paper, f"% {claim.label}: {claim.source.place}\n"
    say(comment + str(importlib.import_module(f"derivations.{paper}.literature").BIBTEX))
