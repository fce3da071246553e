"""The glossary: its page, and a link from the first use of each term in a chapter."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache

from mi_tutor.tutor import workspace
from mi_tutor.tutor.site.prose import pieces


@dataclass(frozen=True)
class Term:
    """One term with the ways to write it; `text` says in a sentence or two what it means."""

    name: str
    forms: tuple[str, ...]
    text: str


@lru_cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the alphabet."""
    entries = tomllib.loads(workspace.glossary_file().read_text("utf-8"))["term"]
    found = [Term(entry["name"], (entry["name"], *entry.get("forms", ())), entry["text"]) for entry in entries]
    return tuple(sorted(found, key=lambda term: term.name.lower()))


@lru_cache
def pattern() -> tuple[re.Pattern, dict[str, Term]]:
    """A pattern that finds every form, longer ones first, and the term that belongs to each group of the pattern."""
    forms = [(form, term) for term in terms() for form in term.forms]
    forms.sort(key=lambda pair: -len(pair[0]))
    groups = {f"form{number}": term for number, (_, term) in enumerate(forms)}
    parts = [f"(?P<form{number}>{_form(form)})" for number, (form, _) in enumerate(forms)]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])"), groups


def _form(form: str) -> str:
    """A form as a pattern: any white space between words, a plural s, capitals as they come unless it has its own."""
    words = r"\s+".join(map(re.escape, form.split()))
    own_capitals = any(letter.isupper() for letter in form[1:]) or len(form) == 2
    return f"{words}s?" if own_capitals else f"(?i:{words}s?)"


def link(text: str, seen: set[str], leave_out: str = "") -> str:
    """`text` with the first use of each term, not yet in `seen`, made a link to the glossary; `seen` grows."""
    found, groups = pattern()

    def linked(match: re.Match) -> str:
        term = groups[match.lastgroup]
        if term.name in seen or term.name == leave_out:
            return match.group()
        seen.add(term.name)
        return f"{{term}}`{' '.join(match.group().split())} <{term.name}>`"

    return "".join(found.sub(linked, piece) if free else piece for free, piece in pieces(text))


def page(used: dict[str, list[str]]) -> str:
    """The list of terms. `used`: for each term the links to the chapters that use it."""
    lines = ["````{glossary}"]
    for term in terms():
        lines += [term.name, f"  {link(term.text, set(), leave_out=term.name)}", ""]
        if used.get(term.name):
            lines += [f"  Used in {', '.join(used[term.name])}.", ""]
    return "\n".join([*lines, "````"])
