"""Make the site: lay its source out in a folder of its own, let Sphinx write the pages, and put them in place."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mi_tutor.tutor import workspace
from mi_tutor.tutor.problems import TutorProblem
from mi_tutor.tutor.site import source

NEEDED = ("sphinx", "myst_nb", "furo")
MARK = ".buildinfo"  # Sphinx leaves it in every folder of pages that it wrote


def build(out: Path | None = None) -> Path:
    """Write the site into `out` (`build/site` when None) and return the path of its first page.

    Raises:
        TutorProblem: Sphinx is missing, `out` holds something else, or Sphinx warned about anything.
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise TutorProblem(
            f"The site needs {', '.join(missing)}. Install what is missing with: "
            f"{sys.executable} -m pip install -e '.[site]'"
        )
    if not workspace.site_folder().is_dir():
        raise TutorProblem("chapters/site/ is not in this copy of the course, so there are no pages to start from.")
    out = Path(os.path.abspath(out or workspace.root() / "build" / "site"))
    if out.exists() and not (out.is_dir() and ((out / MARK).exists() or not any(out.iterdir()))):
        raise TutorProblem(f"{out} holds something that is no site. Nothing was changed; name another folder.")
    with tempfile.TemporaryDirectory(prefix="mi_tutor_site_") as folder:
        pages = Path(folder) / "pages"
        source.lay_out(Path(folder) / "source")
        _sphinx(Path(folder) / "source", pages, Path(folder) / "doctrees")
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(pages, out)
    return out / "index.html"


def _sphinx(folder: Path, pages: Path, doctrees: Path) -> None:
    """Run Sphinx with every warning counted as an error."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "--no-color"]
    command += ["-d", str(doctrees)]
    path = os.pathsep.join(filter(None, [str(workspace.PACKAGE.parent), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [*command, str(folder), str(pages)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"},
    )
    said = done.stderr.strip().replace(f"{folder}{os.sep}", "")
    if done.returncode or said:
        raise TutorProblem(f"The site was not written. Sphinx says:\n{said or done.stdout.strip()}")
