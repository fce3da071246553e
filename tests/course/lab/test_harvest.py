"""A harvest holds the same numbers as single runs, each in the row of its token."""

import pytest
import torch

from mi_tutor.lab import activations as lab
from mi_tutor.lab import models

TEXTS = ["A short one.", "The dog barks at the cat, and the cat looks away.", "Le chien aboie.", "x = [1, 2, 3]"]
NAME = lab.neuron_name(2)


@pytest.fixture(scope="module")
def whole(model):
    return lab.harvest(model, TEXTS, [NAME, lab.residual_name(1)], batch_size=3)


def test_rows_are_tokens_in_reading_order(model, whole):
    rows = [models.tokens(model, text, bos=False).ids[0].tolist() for text in TEXTS]
    assert whole.ids.tolist() == [token for row in rows for token in row]
    assert whole.document.tolist() == [index for index, row in enumerate(rows) for _ in row]
    assert whole.position.tolist() == [index for row in rows for index in range(len(row))]
    assert whole[NAME].shape == (len(whole), 1536)
    assert whole[lab.residual_name(1)].shape == (len(whole), 576)


def test_activations_equal_those_of_single_runs(model, whole):
    for index, text in enumerate(TEXTS):
        alone = lab.run_with(model, text, NAME)[NAME][0, 1:]  # without BOS
        torch.testing.assert_close(whole[NAME][whole.document == index], alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    "reduce, by_hand", [("mean", lambda x: x.mean(0)), ("max", lambda x: x.amax(0)), ("last", lambda x: x[-1])]
)
@pytest.mark.parametrize("max_pos", [6, 128])
def test_reductions_equal_those_of_the_whole(model, reduce, by_hand, max_pos):
    tokens = lab.harvest(model, TEXTS, NAME, max_pos=max_pos)
    documents = lab.harvest(model, TEXTS, NAME, max_pos=max_pos, reduce=reduce)
    assert documents.document.tolist() == [0, 1, 2, 3]
    for index in range(len(TEXTS)):
        expected = by_hand(tokens[NAME][tokens.document == index])
        torch.testing.assert_close(documents[NAME][index], expected, atol=1e-4, rtol=1e-4)


def test_a_long_document_is_read_in_pieces_with_bos_in_front_of_each(model):
    ids = models.tokens(model, TEXTS[1], bos=False).ids[0].tolist()
    cut = lab.harvest(model, TEXTS[1], NAME, max_pos=6)  # BOS and five tokens
    second = models.tokens(model, "x").ids[0, :1].tolist() + ids[5:10]
    alone = lab.run_with(model, torch.tensor([second]), NAME)[NAME][0, 1:]
    torch.testing.assert_close(cut[NAME][5:10], alone, atol=1e-4, rtol=1e-4)
    assert cut.position.tolist() == list(range(len(ids)))


def test_tokens_and_texts_give_the_same_harvest(model, whole):
    again = lab.harvest(model, models.tokens(model, TEXTS), NAME)
    assert again.ids.tolist() == whole.ids.tolist()
    torch.testing.assert_close(again[NAME], whole[NAME], atol=1e-4, rtol=1e-4)


def test_half_precision_is_stored_as_asked(model):
    assert lab.harvest(model, TEXTS[:1], NAME, dtype=torch.float16)[NAME].dtype == torch.float16


def test_a_window_stays_in_its_document(model, whole):
    row = int((whole.document == 1).nonzero()[0])  # the first token of document 1
    ids, at = whole.window(row, before=5, after=2)
    assert at == 0 and ids == whole.ids[row : row + 3].tolist()
    ids, at = whole.window(row + 4, before=2, after=1)
    assert at == 2 and ids == whole.ids[row + 2 : row + 6].tolist()


def test_save_and_load(whole, tmp_path):
    whole.save(tmp_path / "harvest.pt")
    again = lab.Harvest.load(tmp_path / "harvest.pt")
    assert again.ids.tolist() == whole.ids.tolist() and torch.equal(again[NAME], whole[NAME])


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"batch_size": 26}, "1 to 25"),
        ({"reduce": "median"}, "choose None"),
        ({"limit_mb": 0.01}, r"more than limit_mb.*float16"),
        ({"max_pos": 1}, "no room"),
        ({"texts": ["a", ""]}, "Document 1 is empty"),
        ({"texts": []}, "no text"),
        ({"names": "blocks.1.attn.hook_pattern"}, "cannot be harvested"),
    ],
)
def test_bad_input_is_answered_in_words(model, arguments, sentence):
    given = {"texts": TEXTS, "names": NAME, **arguments}
    with pytest.raises(ValueError, match=sentence):
        lab.harvest(model, **given)


def test_the_progress_bar_is_silent_in_reference_mode_and_passes_everything_on(monkeypatch, capsys):
    from mi_tutor.lab import progress

    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.setenv("MI_TUTOR_ANSWERS", "reference")
    assert list(lab.progress_bar(range(3), "Reading")) == [0, 1, 2]
    assert capsys.readouterr().out == ""


def test_the_progress_bar_erases_itself(monkeypatch, capsys):
    from mi_tutor.lab import progress

    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    monkeypatch.delenv("MI_TUTOR_ANSWERS", raising=False)
    assert list(lab.progress_bar([1, 2], "Reading")) == [1, 2]
    out = capsys.readouterr().out
    assert "Reading" in out and "0/2" in out and out.split("\r")[-1].strip() == ""
