"""Errors that a learner may see. Each carries one clear sentence that says what to do."""


class TutorProblem(Exception):
    """Something the learner can put right. `str(problem)` is the whole message; no traceback is shown for it."""


class UnknownExercise(TutorProblem):
    """A name that is not in the catalogue."""


class NoReference(TutorProblem):
    """This copy of the course has no solutions/ folder."""


class CellProblem(TutorProblem):
    """An exercise cell that cannot be saved as it stands."""


class NothingToSave(TutorProblem):
    """No exercise was attempted and no notebook was changed."""


class HoldsOtherWork(TutorProblem):
    """A file of saved work holds some that is not in this workspace, so it is not written over."""


class NotAttempted(NotImplementedError):
    """A call reached an exercise that has no answer yet."""

    def __init__(self, name: str, title: str = "", kind: str = "build", skippable: bool = True):
        self.name, self.kind = name, kind
        what = f"`{name}`" + (f" ({title})" if title else "")
        todo = (
            "is handed to you with a fault and is not mended yet. Mend"
            if kind == "mend"
            else "is not written yet. Write"
        )
        where = f"its %%exercise cell or in mi_tutor/exercises/{name.split('.')[0]}.py"
        skip = f" To go on without it, `%skip {name}`: then the reference answers." if skippable else ""
        super().__init__(f"{what} {todo} it in {where}.{skip}")
