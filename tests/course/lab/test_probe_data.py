"""The data that probes are trained on: nothing in it may give the answer away."""

from collections import Counter

import pytest
import torch

from mi_tutor.lab import corpus, models, probes
from mi_tutor.lab.probes.code import characters
from mi_tutor.lab.probes.statements import _others


def test_the_table_holds_2000_cities_and_at_most_60_of_a_country():
    table = probes.cities()
    assert len(table) == 2000
    assert max(Counter(city.country for city in table).values()) == 60
    assert all(-90 <= c.latitude <= 90 and -180 <= c.longitude <= 180 and c.population > 0 for c in table)
    assert {c.continent for c in table} == {"Africa", "Asia", "Europe", "North America", "Oceania", "South America"}


def test_known_cities_are_where_they_are():
    table = {city.name: city for city in probes.cities()}
    assert (round(table["Paris"].latitude), round(table["Paris"].longitude)) == (49, 2)
    assert (round(table["Lima"].latitude), round(table["Lima"].longitude)) == (-12, -77)
    assert table["Nairobi"].country_in_a_sentence == "Kenya"
    assert table["Rotterdam"].country_in_a_sentence == "the Netherlands"


def test_a_name_is_one_city():
    names = Counter(city.name for city in probes.cities())
    assert names.most_common(1)[0][1] == 1


@pytest.mark.parametrize("name", probes.SETS)
def test_both_labels_use_the_same_words_equally_often(name):
    made = probes.statements(name)
    assert sum(made.labels) * 2 == len(made) == len(set(made.texts))
    assert probes.uneven_words(made) == {}


@pytest.mark.parametrize("name", probes.SETS)
def test_a_group_is_one_true_and_one_false_statement(name):
    made = probes.statements(name, 20)
    assert made.groups == [group for group in range(20) for _ in range(2)]
    assert all(made.labels[i] != made.labels[i + 1] for i in range(0, 40, 2))
    assert probes.uneven_words(made) == {}


def test_a_negated_statement_has_the_other_label():
    plain, negated = probes.statements("cities"), probes.statements("neg_cities")
    assert [text.replace(" is in ", " is not in ") for text in plain.texts] == negated.texts
    assert all(a != b for a, b in zip(plain.labels, negated.labels, strict=True))


def test_statements_are_true_where_they_say_so():
    where = {city.name: city.country_in_a_sentence for city in probes.cities()}
    made = probes.statements("cities")
    for text, label in zip(made.texts, made.labels, strict=True):
        city, country = text.removeprefix("The city of ").removesuffix(".").split(" is in ")
        assert (where[city] == country) == label


def test_an_uneven_word_is_named_with_its_counts():
    told = probes.Statements("x", ["Rome is in Italy.", "Rome is in Peru."], [True, False], [0, 0])
    assert probes.uneven_words(told) == {"italy": (1, 0), "peru": (0, 1)}


def test_no_answer_stays_where_it_is_right():
    own = ["a"] * 4 + ["b"] * 3 + ["c"]
    other = _others(own, "seed")
    assert Counter(other) == Counter(own) and all(x != y for x, y in zip(own, other, strict=True))
    with pytest.raises(ValueError, match="more than half"):
        _others(["a", "a", "b"], "seed")


def test_wrong_use_of_statements_is_told_in_a_sentence():
    with pytest.raises(ValueError, match="choose one of cities"):
        probes.statements("citys")
    with pytest.raises(ValueError, match="has 145 groups"):
        probes.statements("sp_en", 146)


def test_characters_get_the_class_of_their_python_token():
    text = 'if x: y = f"a{b}c" + "d"  # e\n'
    classes = characters(text)
    names = [probes.CLASSES[c] if c is not None else "" for c in classes]
    assert names[:2] == ["keyword", "keyword"] and names[3] == "name" and names[4] == "operator"
    assert set(names[text.index('f"') : text.index(" +")]) == {"string"}, "an f-string is one string in every Python"
    assert set(names[text.index("#") :]) == {""} and names[2] == "", "blanks and comments have no class"


def test_text_that_is_not_python_is_refused():
    with pytest.raises(ValueError, match="not Python"):
        characters("if x:\n        y\n  z(")


def test_python_tokens_agree_with_the_text(model):
    text = "for item in range(10):\n    total += 1  # sum\n"
    found = probes.python_tokens(model, [text])
    shown = models.token_strings(model, found.type)
    named = dict(zip([word.strip("·⏎") for word in shown], found.label.tolist(), strict=True))
    assert named["for"] == named["in"] == probes.CLASSES.index("keyword")
    assert named["item"] == named["total"] == probes.CLASSES.index("name")
    assert named["1"] == probes.CLASSES.index("number") and "sum" not in named, "comments are left out"
    assert torch.equal(found.prompts.ids[found.row, found.position], found.type)


def test_the_corpus_has_every_class(model):
    found = probes.python_tokens(model)
    assert len(found) > 6000 and int(found.row.max()) == len(corpus.texts("python")) - 1
    assert found.label.bincount().min() > 50 and len(found.label.bincount()) == len(probes.CLASSES)
