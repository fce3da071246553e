"""Text becomes ids and comes back; BOS and padding stand where the docstrings say."""

import pytest
import torch

from mi_tutor.lab import models


def test_rows_start_with_bos_and_are_padded_on_the_right(model):
    ids, mask = batch = models.tokens(model, ["Paris", "a b c"])
    assert ids[:, 0].tolist() == [1, 1]
    assert mask.tolist() == [[True, True, False, False], [True, True, True, True]]
    assert batch.lengths.tolist() == [2, 4]


def test_bos_can_be_left_out(model):
    assert models.tokens(model, "Paris", bos=False).ids.tolist() == [models.tokens(model, "Paris").ids[0, 1:].tolist()]


def test_no_text_is_refused_in_words(model):
    with pytest.raises(ValueError, match="no text"):
        models.tokens(model, [])
    with pytest.raises(ValueError, match=r"Text 1 has no tokens"):
        models.tokens(model, ["a", ""], bos=False)


def test_padding_does_not_change_real_positions(model, full_logits):
    alone = model(models.tokens(model, "The capital of France is").ids)
    torch.testing.assert_close(full_logits[0, : alone.shape[1]], alone[0], atol=1e-3, rtol=1e-4)


def test_the_text_comes_back(model):
    written = "One line,\n\ttwo: שלום, مرحبا и мир 🙂."
    ids = models.tokens(model, written, bos=False).ids[0]
    assert models.text(model, ids) == written


def test_token_strings_show_spaces_newlines_and_bytes(model):
    ids = models.tokens(model, "Hello world\n ש", bos=False).ids[0]
    shown = models.token_strings(model, ids)
    assert shown[:3] == ["Hello", "·world", "⏎"]
    assert "".join(shown[3:]) == "⟨20 d7⟩⟨a9⟩"  # a space and a Hebrew letter: three bytes in two tokens


def test_a_character_split_over_tokens_can_be_shown_once(model):
    written = "a שם 🙂 b"
    ids = models.tokens(model, written, bos=False).ids[0]
    shown = models.token_strings(model, ids, whole=True)
    assert len(shown) == len(ids)
    assert "".join(shown) == written.replace(" ", "·")


def test_half_a_character_at_the_end_stays_bytes(model):
    ids = models.tokens(model, " ש", bos=False).ids[0][:1]
    assert models.token_strings(model, ids, whole=True) == ["⟨20 d7⟩"]


def test_single_token_wants_one_token(model):
    assert models.text(model, [models.single_token(model, " Paris")]) == " Paris"
    with pytest.raises(ValueError, match=r"is \d tokens"):
        models.single_token(model, " Nebuchadnezzar")
