"""Your workbench: one module a chapter. Complete the functions here or in the chapter's notebook; both are the same code."""


def __getattr__(chapter: str):
    # `from mi_tutor.exercises import features` comes by here: a file that Python cannot read is told in one sentence.
    from mi_tutor.tutor import answers, workspace

    if chapter.startswith("_") or not workspace.stub_file(chapter).exists():
        raise AttributeError(f"module 'mi_tutor.exercises' has no attribute {chapter!r}")
    return answers.load_learner(chapter)
