"""Indirect object identification (IOI): "When Mary and John met at the market, John gave a book to" → " Mary".

The task of Wang et al. 2022 with names, places, objects and sentences of our own. Names, as there: IO is the indirect
object (the answer), S1 and S2 are the two mentions of the subject, S1+1 is the token after S1, END is the last token.
"""

import random
from collections.abc import Sequence

import torch

from mi_tutor.lab.metrics import Accuracy, LogitDifference, LogProbability, Probability
from mi_tutor.lab.tasks.task import Task, printable, same_length
from mi_tutor.lab.tokens import single_token

# {A} and {B} are IO and S in one order or the other, {S} is the subject again. Each gives 15 tokens with BOS. The
# eight were chosen from fourteen for the model's high accuracy on twelve prompts each (seed 5), so on others it is a
# little lower.
TEMPLATES = (
    "When {A} and {B} met at the {place}, {S} gave a {object} to",
    "After {A} and {B} walked to the {place}, {S} offered a {object} to",
    "Once {A} and {B} arrived at the {place}, {S} handed a {object} to",
    "As {A} and {B} stood in the {place}, {S} passed a {object} to",
)
# For testing an explanation on sentences that it was not found on.
FRESH_TEMPLATES = (
    "While {A} and {B} waited at the {place}, {S} offered a {object} to",
    "Because {A} and {B} walked to the {place}, {S} gave a {object} to",
    "When {A} and {B} stood in the {place}, {S} handed a {object} to",
    "Since {A} and {B} worked in the {place}, {S} sent a {object} to",
)
_NAMES = """
    Adam Alan Alice Amy Andrew Anna Anne Anthony Arthur Barbara Ben Brian Carl Caroline Catherine Charles Charlotte
    Claire Daniel David Diana Edward Ellen Emily Emma Eric Eva Frank Fred George Hannah Harry Helen Henry Jack James
    Jane Jason Jessica John Joseph Julia Kate Kevin Laura Linda Lisa Louis Lucy Maria Martha Martin Mary Matthew
    Michael Nancy Oliver Oscar Patrick Paul Peter Philip Rachel Ralph Richard Robert Roger Ruth Sam Samuel Sandra
    Sarah Simon Sophie Stephen Steven Susan Thomas Tom Tony Victor Walter William
"""
_PLACES = "castle church factory garden hospital hotel library market museum office park school station theater zoo"
_OBJECTS = "book bottle box camera cup drum flower gift key lamp letter map pen photo ring ticket"
NAMES, PLACES, OBJECTS = (tuple(words.split()) for words in (_NAMES, _PLACES, _OBJECTS))

CORRUPTIONS = ("abc", "s2_flip", "random_names")


def io_comes_first(prompt: int, templates: int) -> bool:
    """The order of the names: by turns, and turned round with each round of an even number of templates.

    Without that a template of an even number would always meet the same order.
    """
    rounds = prompt // templates if templates % 2 == 0 else 0
    return (prompt + rounds) % 2 == 0


def ioi(
    model,
    n: int = 100,
    seed: int = 0,
    corruption: str = "abc",
    *,
    names: Sequence[str] = NAMES,
    templates: Sequence[str] = TEMPLATES,
) -> Task:
    """IOI prompts, ABBA (IO first) and BABA (S first) by turns, templates in turn.

    With an even number of templates every even number of prompts holds as many of each order, and every
    2 x len(templates) prompts hold each template in both. Heads treat the orders differently, so take an even number.

    The first m prompts of n are the prompts that m gives; all corruptions of one seed share their clean prompts. No
    name stands in both a clean prompt and its corrupted partner, except by "s2_flip".

    Args:
        corruption: what the partner of "Mary and John …, John gave" is (Wang et al. 2022; Zhang & Nanda 2024).
            "abc": "Ruth and Paul …, Emma gave". Three new names, none twice: there is no indirect object to find.
            "s2_flip": "Mary and John …, Mary gave". S2 becomes IO, one token differs, the answer becomes S.
            "random_names": "Ruth and Paul …, Paul gave". IO and S get new names, each everywhere: still IOI, in the
                same order, with another answer.
        names: at least five, one token each with a leading space.
        templates: with {A}, {B}, {S}, {place} and {object}; equally long.

    Returns:
        Task with positions S1, S1+1, IO, S2, END; answer IO, wrong S. Metrics: logit difference, probability and log
        probability of IO, accuracy (IO above S), top-1 accuracy. SmolLM2's mean logit difference is above 3, its
        accuracy at least .95; on s2_flip's partners the difference is below -3.

    Raises:
        ValueError: a name of several tokens, templates of different lengths, an unknown corruption, too few names.
    """
    if corruption not in CORRUPTIONS:
        raise ValueError(f'There is no corruption "{corruption}"; choose {", ".join(CORRUPTIONS)}.')
    if n < 1:
        raise ValueError("Ask for at least one prompt.")
    pool = list(dict.fromkeys(names))
    if len(pool) < 5:
        raise ValueError(f"IOI needs at least five different names, you gave {len(pool)}.")
    for word in (*pool, *PLACES, *OBJECTS):
        single_token(model, f" {word}")

    draw = random.Random(seed)
    clean_texts, corrupted_texts, answers, subjects = [], [], [], []
    for prompt in range(n):
        io, s, *new = draw.sample(pool, 5)
        scene = {"place": draw.choice(PLACES), "object": draw.choice(OBJECTS)}
        template, io_first = templates[prompt % len(templates)], io_comes_first(prompt, len(templates))

        def fill(io: str, s: str, s2: str, template=template, io_first=io_first, scene=scene) -> str:
            a, b = (io, s) if io_first else (s, io)
            return template.format(A=a, B=b, S=s2, **scene)

        clean_texts.append(fill(io, s, s))
        partner = {"abc": new, "s2_flip": (io, s, io), "random_names": (new[0], new[1], new[1])}[corruption]
        corrupted_texts.append(fill(*partner))
        answers.append(single_token(model, f" {io}"))
        subjects.append(single_token(model, f" {s}"))

    clean, corrupted = same_length(model, clean_texts), same_length(model, corrupted_texts)
    answer, wrong = torch.tensor(answers), torch.tensor(subjects)
    is_subject = (clean.ids == wrong[:, None]).int()
    s1 = is_subject.argmax(dim=1)  # the first mention; the last one is the first from the end
    last = clean.ids.shape[1] - 1
    return Task(
        name=f"IOI ({corruption})",
        clean=clean,
        corrupted=corrupted,
        positions={
            "S1": s1,
            "S1+1": s1 + 1,
            "IO": (clean.ids == answer[:, None]).int().argmax(dim=1),
            "S2": last - is_subject.flip(1).argmax(dim=1),
            "END": torch.full_like(answer, last),
        },
        answer=answer,
        wrong=wrong,
        texts=clean_texts,
        corrupted_texts=corrupted_texts,
        template=torch.arange(n) % len(templates),
        metrics={
            "logit difference": LogitDifference(answer, wrong),
            "probability": Probability(answer),
            "log probability": LogProbability(answer),
            "accuracy": Accuracy(answer, wrong),
            "top-1 accuracy": Accuracy(answer),
        },
        words=printable(model, clean),
    )
