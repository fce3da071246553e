"""The papers: which exercises and which rows of the claims tables name each, and a page for every one."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from mi_tutor.tutor import workspace


@dataclass(frozen=True)
class Paper:
    """A paper as the catalogue names it; without a title while it is not in `papers.toml`."""

    key: str
    also: tuple[str, ...] = ()
    authors: str = ""
    title: str = ""
    where: str = ""
    url: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.key, *self.also)

    @property
    def file(self) -> str:
        plain = unicodedata.normalize("NFKD", self.key.lower()).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

    @property
    def reference(self) -> str:
        if not self.title:
            return f"{self.key}. (The full reference is not in `chapters/site/papers.toml` yet.)"
        title = f"[{self.title}]({self.url})" if self.url else f"*{self.title}*"
        end = "" if self.title.endswith("?") else "."
        return f"{self.authors}. {title}{end}" + (f" {self.where}." if self.where else "")


@lru_cache
def known() -> tuple[Paper, ...]:
    """The papers of `papers.toml`, in the order of the alphabet."""
    entries = tomllib.loads((workspace.site_folder() / "papers.toml").read_text("utf-8"))["paper"]
    found = [Paper(**{**entry, "also": tuple(entry.get("also", ()))}) for entry in entries]
    return tuple(sorted(found, key=lambda paper: paper.file))


def of(key: str) -> Paper:
    """The paper that the catalogue calls `key`."""
    return next((paper for paper in known() if key in paper.names), Paper(key))


def named_in(text: str) -> list[Paper]:
    """The papers that a text names, in the order of the alphabet."""
    return [paper for paper in known() if any(_found(name, text) for name in paper.names)]


def link(text: str, folder: str = "") -> str:
    """`text` with each name of a paper made a link to its page in `folder`."""
    names = sorted(((name, paper) for paper in known() for name in paper.names), key=lambda pair: -len(pair[0]))
    by_name = dict(names)
    pattern = "|".join(_pattern(name) for name, _ in names)
    return re.sub(rf"(?<![\w\[])(?:{pattern})", lambda match: _link(match.group(), by_name, folder), text)


def _link(written: str, by_name: dict[str, Paper], folder: str) -> str:
    plain = " ".join(written.replace(",", "").split())
    return f"[{written}]({folder}{by_name[plain].file}.md)"


def _found(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){_pattern(name)}(?!\w)", text) is not None


def _pattern(name: str) -> str:
    """A name as it may stand in prose: with any white space, and with or without a comma before the year."""
    words = [re.escape(word) for word in name.split()]
    return r"\s+".join(words[:-1]) + rf",?\s+{words[-1]}"
