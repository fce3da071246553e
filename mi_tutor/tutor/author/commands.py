"""`mi-tutor author ...`: what people who write the course say on the command line."""

from pathlib import Path
from typing import Annotated

import typer

author = typer.Typer(help="For people who write the course.", no_args_is_help=True)


@author.command()
def build(
    chapter: Annotated[str | None, typer.Argument()] = None,
    execute: Annotated[bool, typer.Option(help="Execute the notebook with the reference")] = True,
    text: Annotated[
        bool, typer.Option("--text", help="Only prose and exercises changed: keep all other outputs")
    ] = False,
) -> None:
    """Make stubs and notebooks from solutions/ and chapters/source/."""
    from mi_tutor.tutor import catalogue
    from mi_tutor.tutor.author import notebooks, stubs

    for entry in [catalogue.chapter(chapter)] if chapter else catalogue.written_chapters():
        stubs.build(entry.name)
        print(f"stubs of {entry.name}")
        if _has_source(entry):
            print(notebooks.build(entry.name, execute=execute, text_only=text))


def _has_source(chapter) -> bool:
    from mi_tutor.tutor import workspace

    return workspace.notebook_source(chapter.number, chapter.name).exists()


@author.command("check")
def author_check(
    name: Annotated[str | None, typer.Argument(help="A chapter; for mutants an exercise too")] = None,
    table: Annotated[bool, typer.Option("--table", help="Print which mistake is named when which is made")] = False,
    confusion: Annotated[bool, typer.Option("--confusion", help="Only those tables, and how many are named")] = False,
    mutants: Annotated[bool, typer.Option("--mutants", help="Count how many changed references go unnoticed")] = False,
    sample: Annotated[int | None, typer.Option(help="With --mutants: only so many of each chapter")] = None,
    seed: Annotated[int | None, typer.Option(help="With --sample: of the draw")] = None,
) -> int:
    """Hold every exercise to the promises of the course."""
    if mutants:
        from mi_tutor.tutor.author.mutants import score

        return score.main(name, sample=sample, seed=seed)
    if confusion:
        from mi_tutor.tutor.author import confusion as tables

        return tables.main(name)
    from mi_tutor.tutor.author import promises

    return promises.main(name, table=table)


@author.command("new")
def new_exercise(name: Annotated[str, typer.Argument(help="chapter.function")]) -> None:
    """Start an exercise: entries in the solution, the catalogue, the checks and the misconceptions."""
    from mi_tutor.tutor.author import new as starter

    for line in starter.start(name):
        print(line)


@author.command()
def site(
    out: Annotated[
        Path | None, typer.Argument(help="The folder to write; without it build/site", show_default=False)
    ] = None,
) -> None:
    """Make the course's web site from the committed notebooks, without running them."""
    from mi_tutor.tutor.site import build as pages

    print(f"The site's first page is {pages.build(out)}")
