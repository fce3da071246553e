"""Country and continent of a city: two questions about one vector, and pairs of cities to interchange it between.

Both questions begin with "The city of Lyon", so up to there the model computes the same. What stands at the city's
token when layer 10 is entered serves both, and an interchange there can be scored on both.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mi_tutor.lab.judging.site import Site
from mi_tutor.lab.tasks.cities import CITIES, TEMPLATES
from mi_tutor.lab.tokens import tokens

QUESTIONS = ("country", "continent")
POSITION = 4  # BOS, The, city, of, and then the city


@dataclass
class Pairs:
    """base, source: Int[pair], numbers of cities. An interchange moves something of the source into the base's run."""

    base: Int[Tensor, "pair"]
    source: Int[Tensor, "pair"]

    def __len__(self) -> int:
        return len(self.base)


@dataclass
class CityTask:
    """Cities whose country and continent the model knows.

    names: the cities. countries, continents: all answers that are offered. right: question → Int[city], the number of
    the right answer. test: Bool[city], the cities that no search may see; every third of the list.
    site: its prompts are all cities with the first question, then all with the second.
    """

    names: list[str]
    countries: list[str]
    continents: list[str]
    right: dict[str, Int[Tensor, "city"]]
    test: Bool[Tensor, "city"]
    site: Site

    @property
    def x(self) -> Float[Tensor, "city d_model"]:
        """The activation at each city's token."""
        return self.site.x[: len(self.names)]

    def offered(self, question: str) -> list[str]:
        return self.countries if question == "country" else self.continents

    def logits(
        self, x: Float[Tensor, "run d_model"], base: Int[Tensor, "run"], question: str
    ) -> Float[Tensor, "run answer"]:
        """Logits of the question's answers when x stands at the token of the base city."""
        here = self.site.answers(x, base + len(self.names) * QUESTIONS.index(question))
        edge = len(self.countries)
        return here[:, :edge] if question == "country" else here[:, edge:]

    def at_layer(self, model, layer: int) -> "CityTask":
        """The same cities, questions and split, at the same token when another layer is entered."""
        return replace(self, site=_site(model, self.names, self.site.answer_ids, layer))

    def pairs(self, count: int, *, test: bool, seed: int = 0) -> Pairs:
        """Pairs of cities in different countries, every second of two continents; all held out (test), or none."""
        draw = torch.Generator().manual_seed(seed)
        allowed = (self.test == test).nonzero()[:, 0]
        base, source = [], []
        while len(base) < count:
            one, other = allowed[torch.randint(len(allowed), (2,), generator=draw)].tolist()
            differ = [bool(self.right[q][one] != self.right[q][other]) for q in QUESTIONS]
            if differ[0] and differ[1] == (len(base) % 2 == 1):
                base.append(one)
                source.append(other)
        return Pairs(torch.tensor(base), torch.tensor(source))


def load(model, layer: int = 10) -> CityTask:
    """Cities of one token that the model gives the right country and continent for.

    South Africa is left out: its first token is that of South America.
    """
    rows = [row for row in CITIES if row[1] != "South Africa"]
    lengths = tokens(model, [f" {city}" for city, *_ in rows], bos=False).lengths.tolist()
    countries, continents = (sorted({row[column] for row in rows}) for column in (1, 2))
    answers = torch.tensor([tokens(model, f" {a}", bos=False).ids[0, 0] for a in countries + continents])
    rows = [row for row, length in zip(rows, lengths, strict=True) if length == 1]
    task = _task(model, rows, countries, continents, answers, layer)
    everyone = torch.arange(len(rows))
    known = torch.stack([task.logits(task.x, everyone, q).argmax(1) == task.right[q] for q in QUESTIONS]).all(0)
    rows = [row for row, right in zip(rows, known.tolist(), strict=True) if right]
    return _task(model, rows, countries, continents, answers, layer)


def _site(model, names: list[str], answers: Int[Tensor, "answer"], layer: int) -> Site:
    texts = [TEMPLATES[question].format(city=city) for question in QUESTIONS for city in names]
    return Site(model, tokens(model, texts), layer=layer, position=POSITION, answers=answers)


def _task(model, rows, countries, continents, answers, layer: int) -> CityTask:
    names = [city for city, *_ in rows]
    return CityTask(
        names=names,
        countries=countries,
        continents=continents,
        right={
            "country": torch.tensor([countries.index(row[1]) for row in rows]),
            "continent": torch.tensor([continents.index(row[2]) for row in rows]),
        },
        test=torch.arange(len(rows)) % 3 == 1,
        site=_site(model, names, answers, layer),
    )
