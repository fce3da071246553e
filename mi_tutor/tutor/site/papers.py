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


def link(text: str, folder: str = "", seen: set[str] | None = None) -> str:
    """`text` with the names of papers made links to their pages in `folder`.

    Args:
        seen: link only papers whose key is not in it, and add theirs; None links every name.
    """
    found, by_name = _names()

    def linked(match: re.Match) -> str:
        paper = by_name[" ".join(re.sub(r"[,()]", "", match.group()).split())]
        if seen is not None:
            if paper.key in seen:
                return match.group()
            seen.add(paper.key)
        return f"[{match.group()}]({folder}{paper.file}.md)"

    return found.sub(linked, text)


@lru_cache
def _names() -> tuple[re.Pattern, dict[str, Paper]]:
    """A pattern that finds every name of a paper, longer ones first, and the paper of each name."""
    by_name = {name: paper for paper in known() for name in paper.names}
    names = sorted(by_name, key=len, reverse=True)
    return re.compile(rf"(?<![\w\[])(?:{'|'.join(map(_pattern, names))})(?!\w)"), by_name


def _found(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){_pattern(name)}(?!\w)", text) is not None


def _pattern(name: str) -> str:
    """A name as it may stand in prose: with any white space, and the year plain, after a comma or in brackets."""
    *words, year = (re.escape(word) for word in name.split())
    return r"\s+".join(words) + rf"(?:,?\s+{year}|\s+\({year}\))"
