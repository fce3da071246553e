"""Several labels at once, aligned and shuffled, as an experiment wants them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mi_tutor.lab.corpus import library
from mi_tutor.lab.corpus.stream import Stream


@dataclass(frozen=True)
class Corpus:
    """Texts and their labels, aligned: `labels[i]` is the label of `texts[i]`."""

    texts: list[str]
    labels: list[str]
    label_names: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(zip(self.texts, self.labels, strict=True))

    @property
    def label_index(self) -> list[int]:
        """For each text, the position of its label in `label_names`."""
        position = {name: index for index, name in enumerate(self.label_names)}
        return [position[label] for label in self.labels]

    def is_label(self, label: str) -> list[bool]:
        """For each text, whether it carries this label."""
        self._require(label)
        return [own == label for own in self.labels]

    def of(self, label: str) -> list[str]:
        """The texts of one label, in the order of this corpus."""
        self._require(label)
        return [text for text, own in self if own == label]

    def _require(self, label: str) -> None:
        if label not in self.label_names:
            raise ValueError(f"This corpus has no label {label!r}; it holds {', '.join(self.label_names)}.")


def load(
    labels: str | Sequence[str] | None = None,
    split: str | None = None,
    per_label: int | None = None,
    source: str | None = None,
) -> Corpus:
    """Texts of several labels in one deterministic shuffle.

    Args:
        labels: one label or several; None means all of `corpus.labels()`.
        split: "train" (about 60 %), "test" (about 40 %) or None for both.
        per_label: keep this many texts of each label; None keeps all.
        source: which collection to read where a label has more than one, such as "technical" for English.

    Raises:
        ValueError: for an unknown label, split or source, a label named twice, or more texts asked for than exist.
    """
    names = library.labels() if labels is None else [labels] if isinstance(labels, str) else list(labels)
    if len(set(names)) != len(names):
        raise ValueError(f"Name each label once; got {', '.join(names)}.")
    pairs = [(text, name) for name in names for text in _first(name, split, per_label, source)]
    mixed = Stream("corpus order").shuffled(pairs)
    return Corpus([text for text, _ in mixed], [name for _, name in mixed], names)


def _first(label: str, split: str | None, count: int | None, source: str | None) -> list[str]:
    available = library.texts(label, split, source)
    if count is None:
        return available
    if not 1 <= count <= len(available):
        where = f" in the {split} split" if split else ""
        raise ValueError(f"{label} has {len(available)} texts{where}; ask for 1 to {len(available)}, not {count}.")
    return available[:count]
