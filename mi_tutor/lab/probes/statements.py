"""Statements that are true or false, in the form of Marks and Tegmark (2024), written from templates.

A probe of truth must not be able to live on words. So both labels use the same words equally often: each city and each
country, each number, each Spanish and each English word stands as often in true as in false statements.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mi_tutor.lab.corpus.stream import Stream
from mi_tutor.lab.probes.cities import City, cities

SETS = ("cities", "neg_cities", "larger", "smaller", "sp_en")
_WORDS = Path(__file__).parent / "data" / "spanish_english.tsv"
_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


@dataclass(frozen=True)
class Statements:
    """texts, labels and groups go together.

    labels: True for a true statement.
    groups: statements of one group tell of the same thing (one city, one pair of numbers, one Spanish word). A split
        must not tear them apart.
    """

    name: str
    texts: list[str]
    labels: list[bool]
    groups: list[int]

    def __len__(self) -> int:
        return len(self.texts)


def statements(name: str, n: int | None = None) -> Statements:
    """One set of statements; half of them are true, and statement 2i and 2i + 1 are a group of one true and one false.

        cities      "The city of Lyon is in France."      false with another city's country
        neg_cities  "The city of Lyon is not in France."  the same pairs as in cities, so the labels are turned round
        larger      "Sixty-one is larger than twenty."    20 to 99, false with the two numbers exchanged
        smaller     "Twenty is smaller than sixty-one."   the same pairs as in larger
        sp_en       "The Spanish word 'gato' means 'cat'."

    Args:
        name: one of `SETS`.
        n: groups, from the front; None for all. Each set is in one fixed order. With fewer groups the false statements
            are made anew, so that words stay even.

    Raises:
        ValueError: an unknown set, or more groups than it has; the message says how many.
    """
    makers = {"cities": _cities, "neg_cities": _cities, "larger": _numbers, "smaller": _numbers, "sp_en": _translations}
    if name not in makers:
        raise ValueError(f'There is no set of statements "{name}"; choose one of {", ".join(SETS)}.')
    return makers[name](name, n)


def uneven_words(given: Statements) -> dict[str, tuple[int, int]]:
    """Words that stand in true and in false statements unequally often: word → (in true ones, in false ones).

    Lower and upper case count as the same word.
    """
    counts = {label: Counter() for label in (True, False)}
    for text, label in zip(given.texts, given.labels, strict=True):
        counts[label].update(re.findall(r"\w+(?:['’-]\w+)*", text.lower()))
    words = sorted(counts[True] | counts[False])
    return {
        word: (counts[True][word], counts[False][word]) for word in words if counts[True][word] != counts[False][word]
    }


def _cities(name: str, n: int | None) -> Statements:
    chosen = _cut(_told_cities(), n, name)
    places = [city.country_in_a_sentence for city in chosen]
    link = "is in" if name == "cities" else "is not in"
    pairs = [
        (f"The city of {city.name} {link} {own}.", f"The city of {city.name} {link} {other}.")
        for city, own, other in zip(chosen, places, _others(places, "countries"), strict=True)
    ]
    return _made(name, pairs, first_is_true=name == "cities")


def _told_cities(most: int = 12) -> list[City]:
    """The 300 largest cities, at most 12 of a country, whose name does not hold the country's name."""
    taken: Counter[str] = Counter()
    chosen = []
    for city in cities():
        if city.country in city.name or city.name in city.country or taken[city.country] >= most:
            continue
        taken[city.country] += 1
        chosen.append(city)
    return Stream("order of the cities").shuffled(chosen[:300])


def _numbers(name: str, n: int | None) -> Statements:
    stream = Stream("pairs of numbers")
    every = [(large, small) for large in range(20, 100) for small in range(20, large)]
    pairs = _cut(stream.shuffled(every)[:200], n, name)
    made = []
    for large, small in pairs:
        first, second = (large, small) if name == "larger" else (small, large)
        made.append(
            tuple(
                f"{_spelled(a).capitalize()} is {name} than {_spelled(b)}."
                for a, b in [(first, second), (second, first)]
            )
        )
    return _made(name, made, first_is_true=True)


def _translations(name: str, n: int | None) -> Statements:
    lines = [line for line in _WORDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    words = Stream("order of the words").shuffled([tuple(line.split("\t")) for line in lines[1:]])
    chosen = _cut(words, n, name)
    english = [word for _, word in chosen]
    pairs = [
        (f"The Spanish word '{spanish}' means '{own}'.", f"The Spanish word '{spanish}' means '{other}'.")
        for (spanish, own), other in zip(chosen, _others(english, "meanings"), strict=True)
    ]
    return _made(name, pairs, first_is_true=True)


def _spelled(number: int) -> str:
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones - 1]}" if ones else "")


def _others(own: list[str], seed: str) -> list[str]:
    """The same words in another order, in which none stands where it was.

    Raises:
        ValueError: one word fills more than half of the places.
    """
    if len(own) < 2 or Counter(own).most_common(1)[0][1] * 2 > len(own):
        raise ValueError("One answer is right for more than half of the statements: take more groups.")
    stream = Stream(seed)
    given = stream.shuffled(own)
    for place in range(len(own)):
        while given[place] == own[place]:
            other = stream.integer(len(own))
            if given[other] != own[place] and given[place] != own[other]:
                given[place], given[other] = given[other], given[place]
    return given


def _cut(items: list, n: int | None, name: str) -> list:
    if n is not None and not 2 <= n <= len(items):
        raise ValueError(f"The set {name} has {len(items)} groups and you ask for {n}: ask for 2 to {len(items)}.")
    return items[:n]


def _made(name: str, pairs: list[tuple[str, str]], first_is_true: bool) -> Statements:
    return Statements(
        name=name,
        texts=[text for pair in pairs for text in pair],
        labels=[first_is_true, not first_is_true] * len(pairs),
        groups=[group for group in range(len(pairs)) for _ in range(2)],
    )
