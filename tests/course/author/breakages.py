"""Edits that break one promise each. Run in a built copy of the small chapter; prints, as JSON, what each promise says.

python breakages.py FOLDER
"""

import contextlib
import importlib
import io
import json
import sys
from pathlib import Path

S, T = "solutions/start_here.py", "mi_tutor/tutor/catalogue/start_here.toml"
C = "tests/exercises/start_here/test_spread.py"
M, MM = (f"tests/exercises/start_here/misconceptions/{function}.py" for function in ("spread", "centre"))
P, N = "chapters/source/00_start_here.py", "chapters/00_start_here.ipynb"
X, Y = "mi_tutor/exercises/start_here.py", "mi_tutor/tutor/stubs/start_here.py"
AWAY, NEW = "", None  # NEW: the file is made

# promise -> (file, old text, new text, a word that must stand in the violation)
EDITS = {
    "nothing_stray": (C, '"start_here.spread")\ndef test_floor', '"start_here.spraed")\ndef test_floor', "spraed"),
    "nothing_stray: in another's file": (
        C,
        '"start_here.spread")\ndef test_fl',
        '"start_here.centre")\ndef test_fl',
        "belongs in",
    ),
    "solutions_import_only_the_fields_libraries": (S, "import torch\n", "import torch\nimport pandas\n", "pandas"),
    "checks_know_only_the_judge": (
        C,
        "import pytest\n",
        "import pytest\nfrom solutions import start_here as key\n",
        "solutions",
    ),
    "titles_are_written": (T, "How far apart?", "TODO", "no title"),
    "kinds_are_known": (T, '"build"', '"guess"', "guess"),
    "mend_hands_out_a_recorded_mistake": (T, '"centres_rows"', '"centres_nothing"', "centres_nothing"),
    "enough_to_mend": (T, 'kind = "mend"\nfaulty = "centres_rows"', 'kind = "build"', "mend"),
    "numbers_are_in_range": (T, "difficulty = 1", "difficulty = 9", "difficulty 9"),
    "survey_and_papers_are_given": (T, "Nobody et al. 2022", "Nobody", "no year"),
    "at_least_two_hints": (T, '"Which two values matter?", ', AWAY, "1 hints"),
    "solution_is_written": (S, "return values - values.mean(dim=0)", "raise NotImplementedError", "not written yet"),
    "everything_is_annotated": (S, "floor: float", "floor", "`floor`"),
    "tensors_have_shapes": (S, 'values: Float[Tensor, " batch"], floor', "values: Tensor, floor", "without a shape"),
    "shape_names_are_the_courses": (
        S,
        'values: Float[Tensor, " batch"], floor',
        'values: Float[Tensor, " n_things"], floor',
        "n_things",
    ),
    "docstring_tells_the_contract": (S, "        ValueError: there are no values.\n", AWAY, "ValueError"),
    "at_least_three_checks": (
        C,
        '@pytest.mark.exercise("start_here.spread")\ndef test_floor',
        "def test_floor",
        "2 checks",
    ),
    "claims_are_one_line": (C, "From 1 to 4 it is 3.", "The answer is never below the floor.", "same claim"),
    "at_least_two_misconceptions": (
        M,
        '@misconception("start_here.spread", says="You start',
        '@misconception("start_here.centre", says="You start',
        "1 misconceptions",
    ),
    "misconceptions_say_something": (
        M,
        "You forget the floor: an answer may not be below it.",
        "floor",
        "no full sentence",
    ),
    "probe_is_recorded": (M, '@probe("start_here.spread")\n', AWAY, "no probe"),
    "stub_is_what_build_makes": (S, "at least `floor`.", "and at least `floor`.", "author build start_here"),
    "exercise_module_is_the_stub": (X, "at least `floor`.", "and at least `floor`.", "is not the stub"),
    "stub_is_not_attempted": (Y, "    raise NotImplementedError", "    return 3.0", "does not end in"),
    "signatures_are_equal": (S, "floor: float) -> float", "floor: float = 0.0) -> float", "signature"),
    "notebook_is_what_build_makes": (P, "# # A small chapter", "# # A smaller chapter", "cell 0"),
    "outputs_are_stored": (N, '"execution_count": 3', '"execution_count": null', "not executed"),
    "counts_are_sequential": (N, '"execution_count": 3', '"execution_count": 9', "counts"),
    "nobody_has_passed_yet": (C, "From 1 to 4 it is 3.", "From 1 to 4 there are 3 steps.", "claims"),
    "reference_passes": (C, "0.5), 3.0, given", "0.5), 3.5, given", "test_spread_by_hand"),
    "reference_is_no_mistake": (M, "values.max() - values[0]", "values.max() - values.min()", "starts_at_the_first"),
    "each_misconception_fails_a_check": (MM, "values.mean()\n", "values.mean(dim=0)\n", "centres_everything"),
    "each_misconception_is_named_alone": (MM, "values.mean()\n", "values.mean(dim=1, keepdim=True)\n", "looks like"),
    "names_are_unique": (MM, "def centres_everything", "def centres_rows", "2 times"),
    "no_file_without_a_chapter": ("solutions/forgotten.py", NEW, "x = 1\n", "forgotten"),
    "lab_knows_no_tutor": ("mi_tutor/lab/stray.py", NEW, "def f():\n    from mi_tutor.tutor import answers\n", "stray"),
    "tutor_knows_no_lab": ("mi_tutor/tutor/stray.py", NEW, "from mi_tutor.lab import models\n", "stray"),
    "exercises_import_nothing_heavy": (Y, "import torch\n", "import torch\nimport pandas\n", "pandas"),
    "files_stand": (M, None, None, "misconceptions"),
    "text_stands": (P, None, None, "source"),
}


def main(folder: Path) -> dict[str, list[str]]:
    """What each promise says after its edit, and under `untouched` what all say before any."""
    from mi_tutor.tutor import catalogue
    from mi_tutor.tutor.author import promises

    said = {"untouched": [*promises.of_chapter(catalogue.chapter("start_here")), *promises.of_course()]}
    for name, edit in EDITS.items():
        with broken(folder, *edit[:3]):
            forget()
            of_chapter = [p for p in promises.OF_EACH_CHAPTER if p.__name__ == name.split(":")[0]]
            subject = [catalogue.chapter("start_here")] if of_chapter else []
            promise = (of_chapter or [p for p in promises.OF_THE_COURSE if p.__name__ == name.split(":")[0]])[0]
            said[name] = list(promises._held(promise, *subject))
        forget()
    return said


@contextlib.contextmanager
def broken(folder: Path, path: str, old: str | None, new: str | None):
    file = folder / path
    before = file.read_text("utf-8") if file.exists() else None
    if new is None:
        file.unlink()
    elif old is None:
        file.write_text(new, "utf-8")
    else:
        assert old in before, f"{path} has no {old!r}"
        file.write_text(before.replace(old, new, 1), "utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True) if before is None else file.write_text(before, "utf-8")


def forget() -> None:
    """Let everything be read from disk again."""
    from mi_tutor.tutor import answers, catalogue, misconceptions
    from mi_tutor.tutor.author.promised import behaviour

    catalogue.chapters.cache_clear()
    answers.forget()
    answers._stubs.cache_clear()
    behaviour.forget("start_here")
    for kept in (misconceptions._MISCONCEPTIONS, misconceptions._PROBES, misconceptions._observations, answers._LOADED):
        kept.clear()
    for name in [n for n in sys.modules if "start_here" in n or n.split(".")[0] == "exercises"]:
        del sys.modules[name]
    importlib.invalidate_caches()


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    with contextlib.redirect_stdout(io.StringIO()):
        result = main(Path(sys.argv[1]))
    print(json.dumps(result))
