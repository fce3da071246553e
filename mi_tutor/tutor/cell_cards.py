"""Cards and sentences that only an exercise cell needs: what was saved, which version to keep, what was interrupted."""

from mi_tutor.tutor import answers, cards, workbench


def saved_note(outcome: str, entry) -> str:
    """What happened to the file, in a sentence; empty when there is nothing to say."""
    where = f"mi_tutor/exercises/{entry.chapter}.py"
    if outcome == "saved":
        return f"Saved to {where}."
    if outcome == "stub" and answers.attempted(entry.name):
        return (
            f"This cell is the untouched stub, so nothing was saved. Checked is your version in {where}; "
            f"add `--use file` to the first line of this cell to bring it here."
        )
    return ""


def two_versions(entry) -> cards.Card:
    """Cell and file both hold work: nothing was changed, and the learner chooses."""
    card = cards.code(
        f"Two versions · {entry.title}",
        workbench.current(entry.name),
        before=(
            f"mi_tutor/exercises/{entry.chapter}.py holds work on `{entry.function}` that this cell has not seen. "
            f"Nothing was changed. The file's version:"
        ),
        next_step=(
            f"Change the first line of this cell. To keep the cell's version: %%exercise {entry.name} --use cell. "
            f"To bring the file's version here: %%exercise {entry.name} --use file"
        ),
    )
    card.status = "skipped"
    return card


def interrupted(entry) -> cards.Card:
    """The learner stopped a check, often an endless loop."""
    return cards.note(
        f"Interrupted · {entry.title}",
        "The checks were stopped while your code was running. Your code is saved, and it counts as not checked.",
        status="skipped",
        next_step="An endless loop? Look at what changes in each round of your loop.",
    )


def after_the_last_hint(entry) -> str:
    """What helps when all hints were given."""
    if answers.has_reference(entry.chapter):
        return f"That was the last; %reveal {entry.name} shows the reference."
    return "That was the last. This copy of the course has no solutions; ask your teacher or a fellow learner."
