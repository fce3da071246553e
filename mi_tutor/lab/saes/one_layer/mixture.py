"""The mixed text that the one-layer model is trained on: thirteen sources, each a long stream of tokens.

The corpus of the lab gives its training split. Because that is little text, the natural languages also get the names of
places, languages, currencies and time zones from Babel's copy of the CLDR (needed for training only), English and code
get the standard library, and the generated kinds get strings that are not among those of the corpus.
"""

import random
from functools import cache

import torch
from jaxtyping import Int
from torch import Tensor

from mi_tutor.lab import corpus
from mi_tutor.lab.corpus import generated
from mi_tutor.lab.saes.texts import standard_library

# How often a sequence is taken from each source, in percent.
SHARES = {
    "english": 36,
    "python": 16,
    "french": 5,
    "german": 5,
    "spanish": 5,
    "arabic": 6,
    "hebrew": 6,
    "russian": 5,
    "dna": 5,
    "base64": 5,
    "hex": 3,
    "digits": 3,
}
CODES = {"french": "fr", "german": "de", "spanish": "es", "arabic": "ar", "hebrew": "he", "russian": "ru"}
IN_CORPUS, STRINGS = 160, 1500  # generated strings of the corpus; up to which number new ones are made


@cache
def text(source: str) -> str:
    """All training text of a source."""
    sentences = corpus.texts(source, "train")
    if source == "english":
        sentences = sentences + corpus.texts(source, "train", "technical")
        return "\n".join([*sentences, standard_library("manual"), standard_library("docstrings")])
    if source == "python":
        return "\n".join([*sentences, standard_library("source")])
    if source in CODES:
        return "\n".join([*sentences, *_names(CODES[source])])
    return "\n".join([*sentences, *generated.strings(source, STRINGS)[IN_CORPUS:]])


def _names(code: str) -> list[str]:
    """Names in one language, in random order, several on a line."""
    from babel import Locale

    locale = Locale(code)
    found = [str(name) for kind in ("territories", "languages", "scripts") for name in getattr(locale, kind).values()]
    found += [str(name) for name in locale.currencies.values()]
    found += [str(zone["city"]) for zone in locale.time_zones.values() if "city" in zone]
    random.Random(0).shuffle(found)
    comma = "، " if code == "ar" else ", "
    return [comma.join(found[start : start + 6]) for start in range(0, len(found), 6)]


def draw(
    streams: dict[str, Int[Tensor, "token"]], seed: int, size: int, length: int
) -> tuple[Int[Tensor, "batch pos"], Int[Tensor, "batch"]]:
    """Random stretches of `length` tokens of the streams, and the number of the source of each; one seed, one draw."""
    generator = torch.Generator().manual_seed(seed)
    shares = torch.tensor([float(SHARES[name]) for name in streams])
    chosen = torch.multinomial(shares, size, replacement=True, generator=generator)
    every = list(streams.values())
    rows = []
    for source in chosen.tolist():
        start = int(torch.randint(len(every[source]) - length + 1, (1,), generator=generator))
        rows.append(every[source][start : start + length])
    return torch.stack(rows), chosen


def batch(
    streams: dict[str, Int[Tensor, "token"]], step: int, size: int, length: int, bos: int
) -> Int[Tensor, "batch pos"]:
    """A batch for training, BOS in front: a function of the step, so that training can be resumed."""
    rows, _ = draw(streams, step, size, length - 1)
    return torch.cat([torch.full((size, 1), bos), rows], dim=1)
