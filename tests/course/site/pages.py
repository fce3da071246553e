"""Read pages of the site as a browser would: links, targets, running text."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, NavigableString, Tag

APART = ["a", "code", "pre", "math", "script", "style", "svg", "h1", "h2", "h3", "h4", "h5", "h6"]


@lru_cache
def soup(file: Path) -> BeautifulSoup:
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def every(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def references(file: Path) -> list[str]:
    """All that a page links to or loads."""
    found = []
    for tag in soup(file).find_all(True):
        for attribute in ("href", "src"):
            if value := tag.get(attribute):
                found.append(value)
    return found


def loaded(file: Path) -> list[str]:
    """What a browser fetches by itself to show the page."""
    page = soup(file)
    sources = [tag["src"] for tag in page.find_all(["script", "img", "iframe", "source"]) if tag.get("src")]
    return sources + [tag["href"] for tag in page.find_all("link") if "stylesheet" in tag.get("rel", ())]


def broken(site: Path, file: Path) -> list[str]:
    """The links of a page that lead nowhere within the site."""
    found = []
    for value in references(file):
        parts = urlsplit(value)
        if parts.scheme or parts.netloc:
            continue
        goal = (file.parent / unquote(parts.path)).resolve() if parts.path else file
        on_page = goal.is_file() and (not parts.fragment or goal.suffix != ".html")
        if not (on_page or (goal.is_file() and unquote(parts.fragment) in targets(goal))):
            found.append(value)
    return found


@lru_cache
def targets(file: Path) -> frozenset[str]:
    return frozenset(tag["id"] for tag in soup(file).find_all(id=True))


def running_text(file: Path):
    """The prose of a chapter in order, as (text, term that it links to or None): no code, headings or outputs."""
    yield from _walk(soup(file).find("article"))


def _walk(tag: Tag):
    for child in tag.children:
        if isinstance(child, NavigableString):
            if type(child) is NavigableString:
                yield str(child), None
        elif child.name == "a" and "glossary.html#term-" in (child.get("href") or ""):
            yield child.get_text(), child["href"].partition("#")[2]
        elif child.name == "tr" and "You are here" in child.get_text():
            continue
        elif child.name in APART or "cell_output" in child.get("class", ()) or "page-note" in child.get("class", ()):
            yield " ¦ ", None  # no term may reach across what is left out
        else:
            yield from _walk(child)
            if child.name in ("p", "li", "td", "th", "div", "section"):
                yield " ¦ ", None
