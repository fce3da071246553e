"""All of a learner's work in one file, to carry to another machine (or keep between two sessions in Colab).

The file is a zip archive: `parcel.json`; for each chapter that was worked in the learner's module beside the stub it
started from; the notebooks that were worked in; the kept versions of each exercise. Saving never drops work that an
older file holds, and loading never replaces work that is here: what differs becomes a version that `undo` reaches.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from mi_tutor.tutor import (
    answers,
    catalogue,
    exercise_file,
    history,
    mending,
    pristine,
    progress,
    salvage,
    syntax,
    transplant,
    workbench,
)
from mi_tutor.tutor import workspace as place
from mi_tutor.tutor.problems import CellProblem, HoldsOtherWork, NothingToSave, TutorProblem

DEFAULT_NAME = "mi_tutor_work.zip"
FORMAT = 1
MOST_BYTES = 200 * 2**20  # of all parts together; a whole course of answers is a few megabytes


@dataclass
class Parcel:
    """What a file of saved work holds."""

    modules: dict[str, str] = field(default_factory=dict)  # chapter -> the learner's module
    bases: dict[str, str] = field(default_factory=dict)  # chapter -> the stub module that it started from
    notebooks: dict[str, bytes] = field(default_factory=dict)  # file name -> the learner's notebook
    handed_out: dict[str, str] = field(default_factory=dict)  # file name -> digest of the course's own notebook
    versions: dict[str, list[str]] = field(default_factory=dict)  # exercise -> its kept versions, oldest first
    exercises: dict[str, dict] = field(default_factory=dict)  # exercise -> its entry in the progress
    guesses: dict[str, str] = field(default_factory=dict)


def save(path: Path) -> list[str]:
    """Write all work of this workspace to `path`; what was done, line by line.

    Raises:
        TutorProblem: there is no work, the file is something else or holds work that is not here, or it cannot be
            written. Nothing was changed.
    """
    parcel = _gather()
    if not (parcel.modules or parcel.notebooks or parcel.versions):
        raise NothingToSave("There is no work to save yet: no exercise was attempted and no notebook was changed.")
    if path.is_dir():
        path = path / DEFAULT_NAME
    if path.exists():
        _refuse_to_drop(path, parcel)
    _write(path, _packed(parcel))
    names = [e.name for e in catalogue.all_exercises() if answers.attempted(e.name)]
    lines = [f"Saved {_counted(len(names), 'exercise')} to {path}."]
    if parcel.notebooks:
        lines.append(f"With {_counted(len(parcel.notebooks), 'notebook')}: {', '.join(sorted(parcel.notebooks))}.")
    return [*lines, f"`python3 -m mi_tutor load {path.name}` brings it into another copy of the course."]


def load(path: Path) -> list[str]:
    """Bring saved work into this workspace; what was done, line by line.

    Raises:
        TutorProblem: the file cannot be read, or a module here cannot. Nothing was changed.
    """
    parcel = _read(path)
    _refuse_unreadable(parcel)
    lines, taken = [], []
    with exercise_file.alone():
        workbench.keep([e.name for e in catalogue.all_exercises() if answers.attempted(e.name)])
        for name, versions in parcel.versions.items():
            known = set(history.texts(name))
            for text in versions:
                if text not in known:
                    history.add(name, text)
        for chapter in parcel.modules:
            told, names = _load_module(chapter, parcel)
            lines += told
            taken += names
        lines += [line for name in sorted(parcel.notebooks) for line in _load_notebook(name, parcel)]
        _merge_progress(parcel, taken)
    answers.forget()
    if not lines:
        return [f"All work in {path.name} is here already; nothing was changed."]
    return [*lines, "`python3 -m mi_tutor check` checks your answers here."]


def _gather() -> Parcel:
    parcel, record = Parcel(), progress.load()
    workbench.keep([e.name for e in catalogue.all_exercises() if answers.attempted(e.name)])
    for chapter in catalogue.written_chapters():
        module, stub = place.exercises_file(chapter.name), exercise_file.stub_module(chapter.name)
        if module.exists() and (problem := answers.unreadable(chapter.name)):
            raise TutorProblem(f"{problem} Nothing was saved.")
        text = answers.source(chapter.name) if module.exists() else stub
        if text != stub:
            parcel.modules[chapter.name], parcel.bases[chapter.name] = text, stub
        for exercise in chapter.exercises:
            if versions := history.texts(exercise.name):
                parcel.versions[exercise.name] = versions
    for path in pristine.changed():
        if path.suffix == ".ipynb":
            parcel.notebooks[path.name] = path.read_bytes()
            parcel.handed_out[path.name] = _digest(pristine.committed(path) or b"")
    parcel.exercises, parcel.guesses = record["exercises"], record["guesses"]
    return parcel


def _packed(parcel: Parcel) -> bytes:
    about = {
        "format": FORMAT,
        "exercises": parcel.exercises,
        "guesses": parcel.guesses,
        "versions": parcel.versions,
        "handed_out": parcel.handed_out,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("parcel.json", json.dumps(about, ensure_ascii=False, indent=1))
        for chapter, text in parcel.modules.items():
            archive.writestr(f"exercises/{chapter}.py", text)
            archive.writestr(f"stubs/{chapter}.py", parcel.bases[chapter])
        for name, data in parcel.notebooks.items():
            archive.writestr(f"chapters/{name}", data)
    return buffer.getvalue()


def _read(path: Path) -> Parcel:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TutorProblem(f"{path} cannot be read ({error.strerror or error}). Nothing was changed.") from None
    try:
        return _unpacked(data)
    except _NewerFormat:
        raise TutorProblem(
            f"{path} was saved by a newer version of the course. Nothing was changed. "
            f"`python3 -m mi_tutor update` brings that version in; then load the file."
        ) from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError, NotImplementedError):
        raise TutorProblem(
            f"{path} is not a whole file of saved work (`python3 -m mi_tutor save` makes one). Nothing was changed. "
            f"If it was copied or downloaded, do that once more."
        ) from None


class _NewerFormat(Exception):
    pass


def _unpacked(data: bytes) -> Parcel:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            raise ValueError("too large to be a learner's work")
        about = json.loads(archive.read("parcel.json"))
        if about["format"] > FORMAT:
            raise _NewerFormat
        parcel = Parcel(
            versions={str(name): [str(text) for text in texts] for name, texts in about["versions"].items()},
            exercises={str(name): dict(entry) for name, entry in about["exercises"].items()},
            guesses={str(key): str(choice) for key, choice in about["guesses"].items()},
            handed_out=dict(about["handed_out"]),
        )
        # Only files of this course are taken out, by the names it gives them: an archive may hold any path.
        for chapter in catalogue.written_chapters():
            module, name = f"exercises/{chapter.name}.py", f"{chapter.number}_{chapter.name}.ipynb"
            if module in archive.namelist():
                parcel.modules[chapter.name] = archive.read(module).decode("utf-8")
                parcel.bases[chapter.name] = archive.read(f"stubs/{chapter.name}.py").decode("utf-8")
            if f"chapters/{name}" in archive.namelist():
                parcel.notebooks[name] = archive.read(f"chapters/{name}")
        here = {exercise.name for exercise in catalogue.all_exercises()}
        parcel.versions = {name: texts for name, texts in parcel.versions.items() if name in here}
        parcel.exercises = {name: entry for name, entry in parcel.exercises.items() if name in here}
        return parcel


def _refuse_unreadable(parcel: Parcel) -> None:
    for chapter in parcel.modules:
        if not place.exercises_file(chapter).exists():
            mending.mend_chapter(chapter)
        if problem := answers.unreadable(chapter):
            raise TutorProblem(f"{problem} Nothing was loaded.")
        try:
            for text in (parcel.modules[chapter], parcel.bases[chapter]):
                syntax.parse(text, f"exercises/{chapter}.py in the saved work")
        except CellProblem as problem:
            raise TutorProblem(f"{problem} Nothing was loaded.") from None


def _refuse_to_drop(path: Path, parcel: Parcel) -> None:
    """A fresh workspace must not be saved over the file that holds the work."""
    try:
        older = _read(path)
    except TutorProblem:
        raise TutorProblem(
            f"{path} exists and is not a whole file of saved work. Nothing was saved; choose another name."
        ) from None
    only_there = [name for name, texts in older.versions.items() if set(texts) - set(parcel.versions.get(name, ()))]
    only_there += [name for name in older.notebooks if name not in parcel.notebooks]
    for chapter, text in older.modules.items():  # helpers and constants have no versions of their own
        here = parcel.modules.get(chapter) or exercise_file.stub_module(chapter)
        own = transplant.names_in(text) - transplant.names_in(older.bases[chapter]) - transplant.names_in(here)
        only_there += [f"{name} of {chapter}.py" for name in sorted(own)]
    if only_there:
        raise HoldsOtherWork(
            f"{path} holds work that is not here ({', '.join(only_there)}). Nothing was saved. "
            f"`python3 -m mi_tutor load {path}` brings it in first; or save under another name."
        )


def _write(path: Path, data: bytes) -> None:
    try:
        progress.write_atomically(path, data)
    except OSError as error:
        raise TutorProblem(
            f"{path} could not be written ({error.strerror or error}). Your work is where it was; choose another place."
        ) from error


def _load_module(chapter: str, parcel: Parcel) -> tuple[list[str], list[str]]:
    """Put a chapter's saved answers into the module here; lines to tell, and the exercises that went in."""
    saved, base = parcel.modules[chapter], parcel.bases[chapter]
    stub = exercise_file.stub_module(chapter)
    here = answers.source(chapter)
    in_here, in_stub, in_saved, in_base = (syntax.fingerprints(text) for text in (here, stub, saved, base))
    where, lines, both = f"mi_tutor/exercises/{chapter}.py", [], []
    for exercise in catalogue.chapter(chapter).exercises:
        name = exercise.function
        if in_here.get(name) in (None, in_stub.get(name), in_saved.get(name)):
            continue
        if in_saved.get(name) in (None, in_base.get(name)):
            continue
        both.append(exercise.name)
        saved = syntax.splice(saved, syntax.Cell(exercise_file.text_in(base, name), [], [], ""), name)
    outcome = transplant.transplant(saved, base, here)
    if outcome.text != here:
        exercise_file.write_module(chapter, outcome.text, over=here)
    if outcome.kept:
        lines.append(f"{where}: {', '.join(outcome.kept)} went into the file.")
    lines += [
        f"{name}: there is work here too, and it stays in the file. `python3 -m mi_tutor undo {name}` changes to the "
        f"saved version."
        for name in both
    ]
    lines += [
        f"{where}: the course calls {name} with other parameters now; `python3 -m mi_tutor undo {chapter}.{name}` "
        f"shows the saved version."
        for name in outcome.other_signature
    ]
    if outcome.set_aside or outcome.gone:
        kept = history.keep_bytes(chapter, parcel.modules[chapter].encode(), ".py").relative_to(place.root())
        lines.append(f"{where}: not put in, but kept in {kept}: {', '.join(outcome.set_aside + outcome.gone)}.")
    return lines, [f"{chapter}.{name}" for name in outcome.kept]


def _load_notebook(name: str, parcel: Parcel) -> list[str]:
    path, saved = place.root() / "chapters" / name, parcel.notebooks[name]
    here = path.read_bytes() if path.exists() else b""
    if salvage.cells_of(saved) == salvage.cells_of(here):
        return []
    if not here or _digest(here) == parcel.handed_out.get(name):
        progress.write_atomically(path, saved)
        return [f"chapters/{name}: your notebook is in place. Reload it if it is open."]
    if any(salvage.cells_of(other.read_bytes()) == salvage.cells_of(saved) for other in path.parent.glob("*.ipynb")):
        return []
    beside = salvage.beside(path)
    progress.write_atomically(beside, saved)
    return [f"chapters/{name} is another version here; the saved one is beside it as {beside.name}."]


def _merge_progress(parcel: Parcel, taken: list[str]) -> None:
    with progress.change() as record:
        for name, entry in parcel.exercises.items():
            item = progress.entry(record, name)
            if name in taken:
                item.update({key: value for key, value in entry.items() if key != "version"})
                item["version"] = None
            elif item["status"] == "not_attempted" and not item.get("skipped"):
                item["skipped"] = bool(entry.get("skipped")) and answers.has_reference(name.split(".")[0])
            item["hints"] = max(item.get("hints", 0), entry.get("hints", 0))
            item["revealed"] = bool(item.get("revealed") or entry.get("revealed"))
        for key, choice in parcel.guesses.items():
            record["guesses"].setdefault(key, choice)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
