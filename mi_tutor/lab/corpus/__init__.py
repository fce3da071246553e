"""Labelled text for the chapters: seven languages, Python code, and four kinds of generated strings.

The sentences were written for this course. Each language has its own list (now and then a motif returns in two of
them), but all cover the same broad topics: news, weather, kitchen, sport, science, history, diary, dialogue,
instructions, money, travel, health, art, nature, law, school. So the topic does not give the language away.
English comes twice, in an everyday and in a technical register, for experiments that compare two data sets.

Nothing here depends on the Python version or on a random-number generator of a library: the same call gives
the same texts in the same order everywhere.

    >>> from mi_tutor.lab import corpus
    >>> data = corpus.load(["french", "english"], split="train", per_label=50)
    >>> len(data), data.label_names
    (100, ['french', 'english'])
"""

from mi_tutor.lab.corpus.collection import Corpus, load
from mi_tutor.lab.corpus.library import GENERATED, LANGUAGES, labels, sources, texts

__all__ = ["GENERATED", "LANGUAGES", "Corpus", "labels", "load", "sources", "texts"]
