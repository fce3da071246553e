"""Which labels exist, where their texts come from, and which split a text belongs to."""

import hashlib
from functools import cache
from pathlib import Path

from mi_tutor.lab.corpus import generated
from mi_tutor.lab.corpus.stream import Stream

LANGUAGES = ("english", "french", "german", "spanish", "arabic", "hebrew", "russian")
GENERATED = ("dna", "base64", "hex", "digits")
SPLITS = ("train", "test")
DATA = Path(__file__).parent / "data"
SNIPPET_BREAK = "\n----\n"
TRAIN_SHARE = 0.6
GENERATED_COUNT = 160


def labels() -> list[str]:
    """All labels: the languages, Python code, then the generated kinds."""
    return [*LANGUAGES, "python", *GENERATED]


def sources(label: str) -> list[str]:
    """The collections that hold texts of this label; the first one is the default."""
    _require("label", label, labels())
    return ["everyday", "technical"] if label == "english" else ["everyday"]


def texts(label: str, split: str | None = None, source: str | None = None) -> list[str]:
    """All texts of one label, in a fixed order that mixes the topics.

    Args:
        label: one of `labels()`.
        split: "train" (about 60 %), "test" (about 40 %) or None for both.
        source: one of `sources(label)`; None means the first.

    Raises:
        ValueError: for an unknown label, split or source.
    """
    chosen = source or sources(label)[0]
    _require(f"source of {label}", chosen, sources(label))
    if split is not None:
        _require("split", split, SPLITS)
    return [text for text in _all(label, chosen) if split in (None, split_of(text))]


def split_of(text: str) -> str:
    """The split of a text depends on nothing but the text, so a longer corpus never moves an old sentence."""
    share = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
    return "train" if share < TRAIN_SHARE else "test"


@cache
def _all(label: str, source: str) -> tuple[str, ...]:
    if label in GENERATED:
        return tuple(generated.strings(label, GENERATED_COUNT))
    name = label if source == "everyday" else f"{label}_{source}"
    content = (DATA / f"{name}.txt").read_text(encoding="utf-8")
    if label == "python":
        # The first block of the file is the licence note.
        items = [block.strip("\n") for block in content.split(SNIPPET_BREAK)[1:]]
    else:
        items = [line.strip() for line in content.splitlines() if line.strip() and not line.startswith("#")]
    # Files are written topic by topic; taking the first n must not mean taking one topic.
    return tuple(Stream(f"file order of {name}").shuffled(items))


def _require(kind: str, given: str, allowed: tuple[str, ...] | list[str]) -> None:
    if given not in allowed:
        raise ValueError(f"There is no {kind} {given!r}; choose one of {', '.join(allowed)}.")
