"""Labelled text for the chapters: seven languages, Python code, and four kinds of generated strings.

The sentences were written for this course. They are not translations of one list, but every language covers the
same broad topics (news, weather, kitchen, sport, science, history, diary, dialogue, instructions, money, travel, health,
art, nature, law, school), so a neuron cannot tell the language from the topic. English comes twice, in an
everyday and in a technical register, for experiments that compare two data sets.

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
