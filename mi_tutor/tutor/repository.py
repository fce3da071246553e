"""Where the course is published: the one setting, `repository.toml`, and the addresses that follow from it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mi_tutor.tutor.problems import TutorProblem

SETTING = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub. `github` is "OWNER/NAME", or empty while the course has no public address."""

    github: str
    branch: str

    @property
    def address(self) -> str:
        """What git clones; empty without a public address."""
        return f"https://github.com/{self.github}" if self.github else ""

    def colab(self, path: str) -> str:
        """The address that opens a notebook (a path in the project) in Colab."""
        return f"https://colab.research.google.com/github/{self.github}/blob/{quote(self.branch)}/{quote(path)}"

    def binder(self, path: str) -> str:
        """The address that opens a notebook in JupyterLab on Binder."""
        branch = quote(self.branch, safe="")
        return f"https://mybinder.org/v2/gh/{self.github}/{branch}?urlpath={quote(f'lab/tree/{path}', safe='')}"


def setting(file: Path = SETTING) -> Repository:
    """Read the setting.

    Raises:
        TutorProblem: it is not "OWNER/NAME".
    """
    try:
        read = tomllib.loads(file.read_text("utf-8"))
        github, branch = read["github"], read["branch"]
        sound = re.fullmatch(r"([\w.-]+/[\w.-]+)?", github) and re.fullmatch(r"[\w./-]+", branch)
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        sound = False
    if not sound:
        raise TutorProblem(f'{file.name} needs two lines: github = "OWNER/NAME" (or "") and branch = "main".')
    return Repository(github, branch)
