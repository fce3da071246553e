"""Two questions about a city: the model knows both answers, and held-out cities stay out of training pairs."""

import pytest
import torch

from mi_tutor.lab.judging import cities


@pytest.fixture(scope="module")
def task(model):
    return cities.load(model)


def test_the_model_knows_every_city(task):
    everyone = torch.arange(len(task.names))
    assert len(task.names) >= 60
    for question in cities.QUESTIONS:
        assert (task.logits(task.x, everyone, question).argmax(1) == task.right[question]).all()


def test_both_questions_have_one_vector(task):
    count = len(task.names)
    assert (task.site.x[:count] - task.site.x[count:]).abs().max() < 1e-4


@pytest.mark.parametrize("test", [False, True])
def test_pairs_keep_to_their_half_and_every_second_is_of_two_continents(task, test):
    pairs = task.pairs(20, test=test)
    assert len(pairs) == 20
    assert (task.test[pairs.base] == test).all() and (task.test[pairs.source] == test).all()
    country, continent = (task.right[q][pairs.base] != task.right[q][pairs.source] for q in cities.QUESTIONS)
    assert country.all() and continent.tolist() == [False, True] * 10


def test_the_whole_vector_brings_the_sources_answers(task):
    pairs = task.pairs(6, test=True)
    for question in cities.QUESTIONS:
        got = task.logits(task.x[pairs.source], pairs.base, question).argmax(1)
        assert (got == task.right[question][pairs.source]).all()


def test_another_layer_has_another_vector_and_the_same_answers(model, task):
    later = task.at_layer(model, 14)
    one = torch.tensor([3])
    assert not torch.allclose(later.x[3], task.x[3])
    assert torch.allclose(
        later.logits(later.x[one], one, "country"), task.logits(task.x[one], one, "country"), atol=1e-2
    )
