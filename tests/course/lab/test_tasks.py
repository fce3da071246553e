"""Tasks: the prompts are what the docstrings say, and the model can do them."""

import subprocess
import sys

import pytest
import torch

from mi_tutor.lab import models, tasks
from mi_tutor.lab.activations import logits_at
from mi_tutor.lab.metrics import KL
from mi_tutor.lab.tasks import cities, indirect_object, repeats, years

MAKERS = {
    "IOI abc": lambda model, **more: tasks.ioi(model, 16, **more),
    "IOI s2_flip": lambda model, **more: tasks.ioi(model, 16, corruption="s2_flip", **more),
    "IOI random_names": lambda model, **more: tasks.ioi(model, 16, corruption="random_names", **more),
    "IOI fresh": lambda model, **more: tasks.ioi(model, 16, templates=indirect_object.FRESH_TEMPLATES, **more),
    "greater than": lambda model, **more: tasks.greater_than(model, 14, **more),
    "country": lambda model, **more: tasks.country(model, **more),
    "country, two tokens": lambda model, **more: tasks.country(model, tokens_per_city=2, **more),
    "continent": lambda model, **more: tasks.continent(model, 12, **more),
    "induction": lambda model, **more: tasks.induction(model, 3, 8, **more),
    "induction, answer": lambda model, **more: tasks.induction(model, 3, 8, corruption="answer", **more),
}


@pytest.fixture(scope="module")
def made(model):
    return {name: make(model) for name, make in MAKERS.items()}


@pytest.mark.parametrize("name", MAKERS)
def test_prompts_have_one_length_and_partners(model, made, name):
    task = made[name]
    n, length = task.clean.ids.shape
    assert len(task) == n == len(task.answer) == len(task.wrong) == len(task.template) == len(task.words)
    assert task.corrupted.ids.shape == (n, length)
    assert task.clean.mask.all() and task.corrupted.mask.all()
    assert (task.clean.ids[:, 0] == model.tokenizer.bos_token_id).all()
    assert (task.answer != task.wrong).all()
    assert (task.positions["END"] == length - 1).all()
    for where in task.positions.values():
        assert where.shape == (n,) and (where >= 1).all() and (where < length).all()
    for text, ids in zip(task.texts, task.clean.ids, strict=bool(task.texts)):
        assert models.text(model, ids[1:]) == text
    assert len({tuple(row) for row in task.clean.ids.tolist()}) == n  # no prompt twice
    assert len(task.labels) == length
    for metric in task.metrics.values():
        assert len(metric) == n


@pytest.mark.parametrize("name", MAKERS)
def test_a_seed_fixes_everything(model, made, name):
    again, other = MAKERS[name](model), MAKERS[name](model, seed=1)
    for field in ("clean", "corrupted"):
        assert torch.equal(getattr(again, field).ids, getattr(made[name], field).ids)
        assert not torch.equal(getattr(other, field).ids, getattr(made[name], field).ids)
    assert torch.equal(again.answer, made[name].answer)


def changed(task) -> list[list[int]]:
    """The positions where clean and corrupted differ, for each prompt."""
    return [row.nonzero()[:, 0].tolist() for row in task.clean.ids != task.corrupted.ids]


def standing(task, *names) -> list[list[int]]:
    return [sorted(int(task.positions[name][row]) for name in names) for row in range(len(task))]


def at(task, ids, name) -> torch.Tensor:
    return ids[torch.arange(len(task)), task.positions[name]]


@pytest.mark.parametrize("corruption", indirect_object.CORRUPTIONS)
def test_ioi_positions_hold_the_right_names(made, corruption):
    task = made[f"IOI {corruption}"]
    clean = task.clean.ids
    assert (at(task, clean, "IO") == task.answer).all()
    assert (at(task, clean, "S1") == task.wrong).all() and (at(task, clean, "S2") == task.wrong).all()
    assert (task.positions["S1"] < task.positions["S2"]).all() and (task.positions["IO"] < task.positions["S2"]).all()
    assert (task.positions["S1+1"] == task.positions["S1"] + 1).all()
    assert ((clean == task.answer[:, None]).sum(dim=1) == 1).all()
    assert ((clean == task.wrong[:, None]).sum(dim=1) == 2).all()
    is_abba = task.positions["IO"] < task.positions["S1"]
    assert is_abba.sum() == len(task) // 2
    for template in range(4):
        assert is_abba[task.template == template].sum() == (task.template == template).sum() // 2


def test_ioi_corruptions_change_what_they_say(made):
    abc, flip, new = (made[f"IOI {corruption}"] for corruption in ("abc", "s2_flip", "random_names"))
    assert torch.equal(abc.clean.ids, flip.clean.ids) and torch.equal(abc.clean.ids, new.clean.ids)
    assert changed(flip) == standing(flip, "S2")
    assert (at(flip, flip.corrupted.ids, "S2") == flip.answer).all()
    for task in (abc, new):
        assert changed(task) == standing(task, "S1", "IO", "S2")
        partner = torch.stack([at(task, task.corrupted.ids, name) for name in ("S1", "IO", "S2")], dim=1)
        for names, io, s in zip(partner.tolist(), task.answer.tolist(), task.wrong.tolist(), strict=True):
            assert not {io, s} & set(names)
            assert len(set(names)) == (3 if task is abc else 2)
    assert (at(new, new.corrupted.ids, "S1") == at(new, new.corrupted.ids, "S2")).all()


def test_ioi_smaller_n_is_the_beginning(model, made):
    assert torch.equal(tasks.ioi(model, 5).clean.ids, made["IOI abc"].clean.ids[:5])


@pytest.mark.parametrize("templates", [1, 2, 3, 4, 5, 6])
def test_ioi_orders_are_balanced(templates):
    """Half of every even number, and each template in both orders as often."""
    first = [indirect_object.io_comes_first(prompt, templates) for prompt in range(4 * templates)]
    for even in range(0, len(first) + 1, 2):
        assert sum(first[:even]) == even // 2
    for template in range(templates):
        assert sum(first[template::templates]) == 2


def test_ioi_prompts_have_the_orders_by_turns(made):
    task = made["IOI abc"]
    assert (task.positions["IO"] < task.positions["S1"]).tolist() == [
        True,
        False,
        True,
        False,
        False,
        True,
        False,
        True,
    ] * 2


def test_ioi_words_are_single_tokens_and_not_shared(model):
    words = [indirect_object.NAMES, indirect_object.PLACES, indirect_object.OBJECTS]
    for one in words:
        assert len(set(one)) == len(one)
        for word in one:
            models.single_token(model, f" {word}")
    assert len(set().union(*words)) == sum(map(len, words))


def test_ioi_labels(made):
    labels = made["IOI abc"].labels
    assert labels[2] == labels[4] == "S1|IO" and labels[3] == "·and" and labels[5] == "S1+1|…"
    assert labels[10] == "S2" and labels[14] == "·to"
    assert made["IOI abc"][0].labels[2] == made["IOI abc"].words[0][2]  # one prompt: its own words


def test_greater_than_is_true_arithmetic(model, made):
    task = made["greater than"]
    assert changed(task) == standing(task, "TENS")
    difference = task.metrics["probability difference"]
    for row, text in enumerate(task.texts):
        words = text.split()
        start, century = int(words[6]), words[-1]
        assert task.words[row][task.positions["TENS"][row]] == words[6][2]
        assert task.words[row][task.positions["UNITS"][row]] == words[6][3]
        corrupted = int(task.corrupted_texts[row].split()[6])
        assert corrupted == start // 100 * 100 + start % 10
        right = set()
        for digit in range(10):  # a digit is right when some units digit makes a later year
            if any(int(f"{century}{digit}{units}") > start for units in range(10)):
                right.add(models.single_token(model, str(digit)))
            assert any(int(f"{century}{digit}{units}") > corrupted for units in range(10))
        assert set(difference.ids[row][difference.is_more[row]].tolist()) == right
        assert len(right) + difference.is_less[row].sum() == 10
        assert int(task.answer[row]) in right and int(task.wrong[row]) not in right


@pytest.mark.parametrize("length", [1, 2])
def test_cities(model, length):
    country, continent = (make(model, tokens_per_city=length) for make in (tasks.country, tasks.continent))
    facts = {city: (where, part) for city, where, part in cities.CITIES}
    for texts, other in ((country.texts, continent.texts), (country.corrupted_texts, continent.corrupted_texts)):
        assert [text[12 : text.index(" is ")] for text in texts] == [text[12 : text.index(" is ")] for text in other]
    for row in range(len(country)):
        city, partner = (text[row][12 : text[row].index(" is ")] for text in (country.texts, country.corrupted_texts))
        assert facts[city][1] != facts[partner][1]
        for column, task in enumerate((country, continent)):
            answer, wrong = (models.text(model, one[row]) for one in (task.answer, task.wrong))
            assert f" {facts[city][column]}".startswith(answer) and f" {facts[partner][column]}".startswith(wrong)
        assert f" {city}".endswith(models.text(model, country.clean.ids[row, country.positions["CITY"][row]]))
    places = set(range(4, 4 + length))
    assert all(set(row) <= places for row in changed(country))
    assert len(cities.CITIES) == len({city for city, *_ in cities.CITIES})


def test_induction_repeats(made):
    first, answer = made["induction"], made["induction, answer"]
    for task in (first, answer):
        ids = task.clean.ids
        assert torch.equal(ids[:, 1:8], ids[:, 9:])  # seven of the eight tokens come again
        assert torch.equal(ids[:, 8], task.answer)
        assert torch.equal(at(task, ids, "A1"), at(task, ids, "END"))
        assert torch.equal(at(task, ids, "B1"), task.answer)
        assert torch.equal(at(task, task.corrupted.ids, "B1"), task.wrong)
    assert changed(answer) == standing(answer, "B1")
    assert changed(first) == [list(range(1, 9))] * 3
    for row in first.corrupted.ids[:, 1:].tolist():
        assert len(set(row)) == len(row)  # nothing to copy
    assert int(first.clean.ids[:, 1:].min()) >= repeats.LOW


def test_some_of_the_prompts(model, made):
    task = made["IOI abc"]
    right = torch.arange(len(task)) % 3 == 0
    for which, rows in (
        (slice(2, 5), [2, 3, 4]),
        (3, [3]),
        (-1, [15]),
        ([7, 1], [7, 1]),
        (right, [0, 3, 6, 9, 12, 15]),
    ):
        part = task[which]
        assert len(part) == len(rows) and part.texts == [task.texts[row] for row in rows]
        assert torch.equal(part.corrupted.ids, task.corrupted.ids[rows])
        assert torch.equal(part.positions["S1"], task.positions["S1"][rows])
    part = task[2:5]
    logits = torch.randn(3, 49152, generator=torch.Generator().manual_seed(0))
    expected = logits[range(3), task.answer[2:5]] - logits[range(3), task.wrong[2:5]]
    torch.testing.assert_close(part.metrics["logit difference"](logits), expected)
    assert made["induction"][:1].texts == []
    assert repr(made["induction"][:1]) == "<induction (first_half): 1 prompts of 16 tokens; positions A1, B1, END>"
    with pytest.raises(IndexError, match="None of the 16 prompts"):
        task[torch.zeros(16, dtype=torch.bool)]
    with pytest.raises(IndexError):
        task[16]


def test_score_is_the_mean_of_the_metrics(model, made):
    task = made["IOI s2_flip"][:3]
    clean, corrupted = logits_at(model, task.clean), logits_at(model, task.corrupted)
    score, measured = task.score(model), task.measure(model)
    by_hand = (corrupted[range(3), task.answer] - corrupted[range(3), task.wrong]).mean()
    assert score["corrupted"]["logit difference"] == pytest.approx(float(by_hand), abs=1e-4)
    assert score["corrupted"]["KL"] == pytest.approx(float(KL(clean)(corrupted).mean()), abs=1e-4)
    assert score["clean"]["KL"] == 0
    assert float(measured["probability"].mean()) == pytest.approx(score["clean"]["probability"], abs=1e-5)
    torch.testing.assert_close(task.kl(model)(corrupted), KL(clean)(corrupted))
    with pytest.raises(ValueError, match="has 3 prompts and you gave 1"):
        task.measure(model, task[0].clean)


# Floors, well below what was measured with many prompts.
def test_the_model_can_do_ioi(model):
    score = tasks.ioi(model, 24).score(model)
    assert score["clean"]["logit difference"] > 3 and score["clean"]["accuracy"] >= 0.95
    assert abs(score["corrupted"]["logit difference"]) < 1
    flipped = tasks.ioi(model, 8, corruption="s2_flip")
    assert flipped.measure(model, flipped.corrupted)["logit difference"].mean() < -3


def test_the_model_can_do_greater_than(model, made):
    score = made["greater than"].score(model)
    assert score["clean"]["probability difference"] > 0.9 and score["corrupted"]["probability difference"] < 0


def test_the_model_knows_cities(model):
    for make in (tasks.country, tasks.continent):
        score = make(model, 12).score(model)
        assert score["clean"]["accuracy"] > 0.9 and score["corrupted"]["logit difference"] < -2


def test_the_model_repeats(model):
    score = tasks.induction(model, 2).score(model)
    assert score["clean"]["NLL, second half"] < 4 < 10 < score["clean"]["NLL, first half"]
    assert score["corrupted"]["NLL, second half"] > 10


def test_table(model, made, monkeypatch):
    task = made["greater than"][:2]
    monkeypatch.setattr(type(task), "score", lambda self, model: {"clean": CLEAN, "corrupted": CORRUPTED})
    table = tasks.table(model, task)
    head, line = repr(table).splitlines()
    assert head.split("  ")[0] == "task" and "KL" in head
    assert "greater than" in line and "2 × 18" in line and "1.00 → 0.00" in line and "4.40 → 0.00" in line
    assert "probability difference 0.97 → −0.51" in line
    assert table._repr_html_().count("<tr>") == 2
    assert table.rows[0]["clean"]["accuracy"] == 1
    with pytest.raises(ValueError, match="at least one task"):
        tasks.table(model, [])


CLEAN = {"probability difference": 0.9702, "accuracy": 1, "top-1 accuracy": 1, "logit difference": 4.4, "KL": 0}
CORRUPTED = {"probability difference": -0.5069, "accuracy": 0, "top-1 accuracy": 0, "logit difference": -0.001, "KL": 2}


@pytest.mark.parametrize(
    "mistake, words",
    [
        (lambda m: tasks.ioi(m, names=["Mary", "John", "Stella", "Paul", "Ruth"]), '" Stella" is 2 tokens'),
        (lambda m: tasks.ioi(m, names=["Mary", "John", "Mary", "Paul", "Ruth"]), "at least five different names"),
        (lambda m: tasks.ioi(m, corruption="noise"), 'no corruption "noise"; choose abc, s2_flip, random_names'),
        (
            lambda m: tasks.ioi(
                m, templates=[indirect_object.TEMPLATES[0], "When {A} met {B}, {S} gave a {object} to"]
            ),
            "Prompts must have one length.*15 tokens with BOS.*has 11",
        ),
        (lambda m: tasks.ioi(m, 0), "at least one prompt"),
        (lambda m: tasks.greater_than(m, 0), "at least one prompt"),
        (lambda m: tasks.induction(m, corruption="abc"), 'no corruption "abc"; choose first_half, answer'),
        (lambda m: tasks.induction(m, length=2), "three tokens to repeat"),
        (lambda m: tasks.country(m, 1000), "and you ask for 1000"),
        (lambda m: tasks.continent(m, tokens_per_city=9), "0 cities of 9 tokens"),
    ],
)
def test_mistakes_are_answered_in_words(model, mistake, words):
    with pytest.raises(ValueError, match=words):
        mistake(model)


def test_units_leave_room_for_a_later_year():
    assert years.TENS[0] >= 1 and years.TENS[-1] <= 8


def test_importing_costs_torch_only():
    program = (
        "import sys; from mi_tutor.lab import metrics, tasks; "
        "print([name for name in ('transformer_lens', 'transformers', 'sklearn', 'matplotlib', 'pandas') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
