"""Updates over three made-up versions of the course, with work in every exercise: nothing is ever lost."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from made_up_course import ENTRY, RIGHT
from small_course import Course, environment

HELPED = '''def mean(values: list[float]) -> float:
    """The arithmetic mean of the values.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values")
    return own_sum(values) / len(values)
'''


def commit(folder, message: str) -> None:
    course = Course(folder)
    done = course.tutor("author", "build", "--no-execute")
    assert done.returncode == 0, done.stderr
    course.git("add", "-A")
    course.git("commit", "-qm", message)
    course.git("tag", message)


def change(folder, name: str, *replacements: tuple[str, str]) -> None:
    text = (folder / name).read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text)


@pytest.fixture(scope="session")
def origin(template, tmp_path_factory):
    """A bare repository with three versions of the course, tagged v1, v2, v3."""
    folder = tmp_path_factory.mktemp("origin") / "course"
    shutil.copytree(template, folder, ignore=shutil.ignore_patterns(".mi_tutor", "__pycache__"))
    Course(folder).git("init", "-q", "-b", "main")
    commit(folder, "v1")

    # v2: a better docstring, another constant, another signature, a new exercise, another text in the notebook.
    change(
        folder, "solutions/small.py",
        ("The arithmetic mean of the values.", "The arithmetic mean: the sum divided by the count."),
        ("SCALE = 10", "SCALE = 100"),
        ("low: float = 0.0, high: float = 1.0", "lowest: float = 0.0, highest: float = 1.0"),
        ("max(low, min(high, value))", "max(lowest, min(highest, value))"),
        ("@exercise\ndef which", '@exercise\ndef largest(values: list[float]) -> float:\n    """The largest value."""\n'
         "    # solution\n    return max(values)\n\n\n@exercise\ndef which"),
    )  # fmt: skip
    entry = ENTRY.format(name="largest", title="The largest", kind="build", minutes=2, more="")
    at = '\n[[exercise]]\nname = "which"'
    change(folder, "mi_tutor/tutor/catalogue/small.toml", (at, entry + at))
    change(
        folder, "chapters/source/01_small.py",
        ('# %% exercise="small.which"', '# %% exercise="small.largest"\n\n# %% exercise="small.which"'),
        ("small numbers", "small numbers, second edition"),
    )  # fmt: skip
    commit(folder, "v2")

    # v3: an exercise is gone, a new file arrives, the packages change.
    text = (folder / "solutions/small.py").read_text()
    a, b = text.index("@exercise\ndef centred"), text.index("@exercise\ndef largest")
    (folder / "solutions/small.py").write_text(text[:a] + text[b:])
    text = (folder / "mi_tutor/tutor/catalogue/small.toml").read_text()
    a, b = text.index('[[exercise]]\nname = "centred"'), text.index('[[exercise]]\nname = "largest"')
    (folder / "mi_tutor/tutor/catalogue/small.toml").write_text(text[:a] + text[b:])
    change(folder, "chapters/source/01_small.py", ('# %% exercise="small.centred"\n\n', ""), ("second", "third"))
    (folder / "binder").mkdir()
    (folder / "binder/requirements.txt").write_text("pytest\n")
    (folder / "chapters/notes.txt").write_text("the course's notes\n")
    commit(folder, "v3")
    Course(folder).git("clone", "-q", "--bare", ".", str(folder.parent / "origin.git"))
    return folder.parent / "origin.git"


class Clone(Course):
    """A learner's clone, and the power to publish another version."""

    def publish(self, version: str) -> None:
        self.git("--git-dir", str(self.folder.parent / "origin.git"), "update-ref", "refs/heads/main", version)

    def update(self) -> str:
        done = self.tutor("update")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def notebook(self):
        return self.folder / "chapters/01_small.ipynb"

    def write_in_notebook(self, text: str) -> None:
        content = json.loads(self.notebook.read_text())
        content["cells"][-1]["source"] = text
        self.notebook.write_text(json.dumps(content))

    def state(self) -> dict[str, bytes]:
        """Every file outside git's and the tutor's folders, and the commit."""
        files = [p for p in self.folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
        files = [p for p in files if not {".git", ".mi_tutor"} & set(p.relative_to(self.folder).parts)]
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in files} | {"": self.git("rev-parse", "HEAD")}


@pytest.fixture
def clone(origin, tmp_path) -> Clone:
    """A clone at v1; publish("v2") makes the newer course available."""
    shutil.copytree(origin, tmp_path / "origin.git")
    Course(tmp_path).git("--git-dir", str(tmp_path / "origin.git"), "update-ref", "refs/heads/main", "v1")
    Course(tmp_path).git("clone", "-q", str(tmp_path / "origin.git"), str(tmp_path / "course"))
    return Clone(tmp_path / "course")


def with_work_everywhere(clone: Clone) -> None:
    clone.write_all()
    text = clone.module.read_text()
    helper = "import fractions\n\n\ndef own_sum(values):\n    # exact\n"
    helper += "    return float(sum(map(fractions.Fraction, values)))\n\n\n"
    clone.module.write_text(text.replace("@exercise\ndef mean", helper + "@exercise\ndef mean"))
    clone.write("mean", HELPED)
    clone.write_in_notebook("my own notes")
    done = clone.tutor("check")
    assert done.returncode == 0, done.stdout


def test_three_versions_with_work_in_every_exercise_lose_nothing(clone):
    with_work_everywhere(clone)
    before = clone.module.read_text()

    clone.publish("v2")
    said = clone.update()
    assert "The course was updated (1 change)." in said
    assert "your mean, spread, centred and which (with own_sum) went into the new file" in said
    assert "calls clip with other parameters now" in said and "mi_tutor undo small.clip" in said
    assert "chapters/01_small.mine.ipynb" in said
    module = clone.module.read_text()
    assert "import fractions" in module and "    # exact" in module and "SCALE = 100" in module
    assert "the sum divided by the count" in module and 'raise ValueError("no values")' in module
    assert "def largest" in module and "lowest: float = 0.0" in module
    assert "my own notes" in (clone.folder / "chapters/01_small.mine.ipynb").read_text()
    assert "second edition" in clone.notebook.read_text()
    assert clone.git("rev-parse", "HEAD") == clone.git("rev-parse", "v2^{commit}")
    results = {item["name"]: item["status"] for item in clone.json("small")}
    assert results == {
        "small.mean": "passed", "small.clip": "not_attempted", "small.spread": "passed", "small.centred": "passed",
        "small.largest": "not_attempted", "small.which": "passed",
    }  # fmt: skip
    assert "return high if value > high else value" in clone.tutor("undo", "small.clip").stdout
    clone.tutor("reset", "small.clip")
    backups = [p.read_text() for p in (clone.folder / ".mi_tutor/backup").rglob("small.py")]
    assert before in backups

    clone.write("largest", "def largest(values):\n    return sorted(values)[-1]\n")
    clone.write_in_notebook("my second notes")
    (clone.folder / "chapters/notes.txt").write_text("my notes")
    clone.publish("v3")
    said = clone.update()
    assert "no longer has centred" in said and "packages changed too" in said
    assert "01_small.mine-2.ipynb" in said and "chapters/notes.txt" in said
    assert "my own notes" in (clone.folder / "chapters/01_small.mine.ipynb").read_text()
    assert "my second notes" in (clone.folder / "chapters/01_small.mine-2.ipynb").read_text()
    assert "sorted(values)[-1]" in clone.module.read_text() and "def centred" not in clone.module.read_text()
    kept = "".join(p.read_text() for p in (clone.folder / ".mi_tutor/backup").rglob("*") if p.is_file())
    assert "def centred" in kept and "my notes" in kept
    assert (clone.folder / "chapters/notes.txt").read_text() == "the course's notes\n"
    assert {i["name"]: i["status"] for i in clone.json("small")}["small.mean"] == "passed"

    assert "newest course already" in clone.update()


def test_a_file_the_course_did_not_change_stays_byte_for_byte(clone):
    other = clone.folder / "mi_tutor/exercises/tensors.py"
    other.write_text(other.read_text().replace("raise NotImplementedError", "return x.T @ x  # mine"))
    before = other.read_bytes()
    clone.publish("v2")
    said = clone.update()
    assert other.read_bytes() == before and "tensors" not in said


def test_a_notebook_that_was_only_run_is_replaced_and_its_outputs_are_backed_up(clone):
    content = json.loads(clone.notebook.read_text())
    content["cells"][1]["execution_count"] = 7
    clone.notebook.write_text(json.dumps(content))
    clone.publish("v2")
    assert "only outputs of your own" in clone.update()
    assert not list((clone.folder / "chapters").glob("*.mine*"))
    (kept,) = (clone.folder / ".mi_tutor/backup").rglob("01_small.ipynb")
    assert json.loads(kept.read_text())["cells"][1]["execution_count"] == 7


def refuses(clone: Clone, *words: str) -> None:
    before = clone.state()
    done = clone.tutor("update")
    assert done.returncode == 2, done.stdout
    for word in (*words, "othing was changed"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
    assert clone.state() == before


def test_not_a_git_clone(clone):
    shutil.rmtree(clone.folder / ".git")
    clone.git("init", "-q", "-b", "main")
    clone.git("commit", "-q", "--allow-empty", "-m", "empty")
    refuses(clone, "no git remote")
    shutil.rmtree(clone.folder / ".git")
    done = clone.tutor("update")
    assert done.returncode == 2 and "not a git clone" in done.stderr


def test_no_remote(clone):
    clone.git("remote", "remove", "origin")
    refuses(clone, "no git remote", "git remote add")


def test_no_upstream(clone):
    clone.git("switch", "-qc", "mine")
    refuses(clone, "mine follows no branch")


def test_detached(clone):
    clone.git("switch", "-q", "--detach")
    refuses(clone, "git switch main")


def test_no_network(clone):
    clone.write("mean", HELPED)
    shutil.rmtree(clone.folder.parent / "origin.git")
    refuses(clone, "could not be fetched", "network connection")


def test_diverged_history(clone):
    clone.write("mean", HELPED)
    clone.git("commit", "-qam", "my work")
    clone.publish("v2")
    refuses(clone, "commits of its own", "mi_tutor mend")


def test_own_commits_on_the_newest_course_are_fine(clone):
    clone.write("mean", HELPED)
    clone.git("commit", "-qam", "my work")
    assert "newest course already" in clone.update()


def test_a_merge_in_progress(clone):
    clone.write("clip", RIGHT["clip"])
    clone.git("commit", "-qam", "my work")
    clone.publish("v2")
    clone.git("pull", "-q", "--no-rebase", check=False)
    refuses(clone, "in the middle of a merge", "mi_tutor mend")


def test_a_syntax_error_in_my_file(clone):
    clone.module.write_text(clone.module.read_text() + "\ndef broken(:\n")
    clone.publish("v2")
    refuses(clone, "small.py has a syntax error on line", "update` again")


def test_git_fails_midway_and_everything_is_put_back(clone):
    with_work_everywhere(clone)
    before = clone.state()
    clone.publish("v3")
    # A hook that fails stands for whatever may fail when git moves files: nothing is left half done.
    hook = clone.folder / ".git/hooks/reference-transaction"
    hook.write_text('#!/bin/sh\n[ "$1" = prepared ] && grep -q refs/heads/main && exit 1\nexit 0\n')
    hook.chmod(0o755)
    done = clone.tutor("update")
    assert done.returncode == 2 and "Everything was put back as it was" in done.stderr, done.stderr
    assert clone.state() == before and not (clone.folder / ".mi_tutor/update.json").exists()
    hook.unlink()
    assert "The course was updated" in clone.update()


def test_the_disk_is_full_after_the_fast_forward(clone):
    with_work_everywhere(clone)
    before = clone.state()
    clone.publish("v2")
    # The write of the merged exercise file is what fails, as on a disk that has just become full.
    code = (
        "import errno\nfrom mi_tutor.tutor import update\nfrom mi_tutor.tutor.cli import main\n"
        "write = update.write_atomically\n"
        "def full(path, text):\n"
        "    if path.name == 'small.py': raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "    write(path, text)\n"
        "update.write_atomically = full\nraise SystemExit(main(['update']))\n"
    )
    done = clone.python(code)
    assert done.returncode == 2 and "No space left" in done.stderr and "Everything was put back" in done.stderr
    assert clone.state() == before


KILLED_AFTER = {
    "the journal": "fastforward.move = die_before",
    "the course's files are back": "git_said = git.said\n"
    "def said(*a):\n    if a[0] == 'merge': die()\n    return git_said(*a)\ngit.said = said",
    "half of the files are moved": "git_said = git.said\n"
    "def said(*a):\n"
    "    if a[0] == 'merge':\n"
    "        git_said('checkout', '-q', a[-1], '--', 'solutions', 'mi_tutor')\n"
    "        (workspace.root() / '.git/index.lock').touch()\n"
    "        die()\n"
    "    return git_said(*a)\ngit.said = said",
    "the fast-forward": "update._finish = die_before",
    "one file is written": "write = update.write_atomically\n"
    "def once(path, text):\n    write(path, text)\n    if path.name == 'small.py': die()\n"
    "update.write_atomically = once",
}


@pytest.mark.parametrize("moment", KILLED_AFTER)
def test_killed_midway_and_the_next_command_finishes_or_restores(clone, moment):
    with_work_everywhere(clone)
    before = clone.state()
    clone.publish("v2")
    code = (
        "import os, signal\nfrom mi_tutor.tutor import fastforward, git, update, workspace\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "def die_before(*_): die()\n" + KILLED_AFTER[moment] + "\nupdate.update()\n"
    )
    assert clone.python(code).returncode == -signal.SIGKILL
    done = clone.tutor("progress")
    assert "An update was interrupted" in done.stderr, done.stderr
    assert not (clone.folder / ".mi_tutor/update.json").exists()
    if clone.git("rev-parse", "HEAD") == clone.git("rev-parse", "v1^{commit}"):
        assert clone.state() == before
        clone.update()
    assert {i["name"]: i["status"] for i in clone.json("small")}["small.mean"] == "passed"
    assert "my own notes" in (clone.folder / "chapters/01_small.mine.ipynb").read_text()
    assert clone.git("status", "--porcelain", "--untracked-files=no").split() == ["M", "mi_tutor/exercises/small.py"]


@pytest.mark.slow
def test_killed_at_random_moments(clone):
    with_work_everywhere(clone)
    saved = clone.folder.parent / "saved"
    shutil.copytree(clone.folder, saved, symlinks=True)
    clone.publish("v2")
    for number in range(5):
        process = clone.start("-m", "mi_tutor", "update")
        time.sleep(0.5 + 0.25 * number)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        clone.tutor("progress")
        clone.update()
        assert {i["name"]: i["status"] for i in clone.json("small")}["small.mean"] == "passed"
        assert "def own_sum" in clone.module.read_text()
        assert "my own notes" in (clone.folder / "chapters/01_small.mine.ipynb").read_text()
        shutil.rmtree(clone.folder)
        shutil.copytree(saved, clone.folder, symlinks=True)


# `git pull` by hand, over changed stubs, with work in place.


def test_plain_git_pull_is_refused_by_git_and_update_does_it(clone):
    with_work_everywhere(clone)
    before = clone.state()
    clone.publish("v2")
    done = subprocess.run(["git", "pull"], cwd=clone.folder, env=environment(clone.folder), capture_output=True)
    assert done.returncode and clone.state() == before
    assert "went into the new file" in clone.update()


def conflict_by_merge(clone: Clone) -> None:
    clone.write_all()
    clone.write_in_notebook("my own notes")
    clone.git("commit", "-qam", "my work")
    clone.publish("v2")
    clone.git("pull", "-q", "--no-rebase", check=False)


def conflict_by_stash(clone: Clone) -> None:
    clone.write_all()
    clone.write_in_notebook("my own notes")
    clone.git("stash", "-q")
    clone.publish("v2")
    clone.git("pull", "-q")
    clone.git("stash", "pop", check=False)


def conflict_by_rebase(clone: Clone) -> None:
    clone.write_all()
    clone.write_in_notebook("my own notes")
    clone.git("commit", "-qam", "my work")
    clone.publish("v2")
    clone.git("pull", "-q", "--rebase", check=False)


@pytest.mark.parametrize("conflict", [conflict_by_merge, conflict_by_stash, conflict_by_rebase])
def test_conflict_marks_are_told_at_every_entrance_and_mended(clone, start_kernel, conflict):
    conflict(clone)
    assert "<<<<<<<" in clone.module.read_text()
    damaged = clone.module.read_bytes()
    for command in (["check", "small.mean"], ["progress"], ["check"]):
        done = clone.tutor(*command)
        assert "python3 -m mi_tutor mend" in done.stdout + done.stderr and "conflict marks" in done.stdout + done.stderr
    if conflict is conflict_by_merge:
        kernel = start_kernel(clone)
        assert "python3 -m mi_tutor mend" in kernel.load().text
        shown = kernel.run("from mi_tutor.exercises import small")
        assert "conflict marks" in shown.text and shown.error == ""
        shown = kernel.exercise("mean", HELPED)
        assert "conflict marks" in shown.text and clone.module.read_bytes() == damaged

    done = clone.tutor("mend")
    assert done.returncode == 0, done.stderr
    for name in ("mean", "spread", "centred", "which"):
        assert f"small.{name}: your version was put back from the damaged file." in done.stdout
    assert "small.clip: the course calls it with other parameters now" in done.stdout
    assert any(p.read_bytes() == damaged for p in (clone.folder / ".mi_tutor/history/small").iterdir())
    assert "SCALE = 100" in clone.module.read_text() and "total += value" in clone.module.read_text()
    results = {item["name"]: item["status"] for item in clone.json("small")}
    assert results["small.mean"] == results["small.spread"] == "passed"
    assert results["small.largest"] == results["small.clip"] == "not_attempted"
    assert "my own notes" in (clone.folder / "chapters/01_small.mine.ipynb").read_text()
    assert "second edition" in clone.notebook.read_text() and json.loads(clone.notebook.read_text())
    assert clone.git("diff", "--name-only", "--diff-filter=U") == ""
    if conflict is conflict_by_merge:
        assert "`git commit --no-edit` finishes it" in done.stdout
        clone.git("commit", "--no-edit", "-q")
    assert "Nothing to mend" in clone.tutor("mend").stdout
