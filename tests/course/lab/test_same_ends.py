"""Rows of two models are paired where their tokens end at the same character."""

import pytest

from mi_tutor.lab.judging.same_ends import same_ends


class Cutter:
    """A tokenizer that cuts each text into pieces of fixed lengths."""

    is_fast = True

    def __init__(self, *lengths):
        self.lengths = lengths

    def __call__(self, text, **options):
        ends, at = [], 0
        for length in self.lengths:
            ends.append((at, at + length))
            at += length
        return {"offset_mapping": ends}


def test_tokens_that_end_together_are_pairs():
    # abc|d|ef against ab|c|def: both have ends at 3 and at 6.
    rows_a, rows_b, text = same_ends(Cutter(3, 1, 2), Cutter(2, 1, 3), ["abcdef", "ghijkl"])
    assert rows_a.tolist() == [0, 2, 3, 5]
    assert rows_b.tolist() == [1, 2, 4, 5]
    assert text.tolist() == [0, 0, 1, 1]


def test_of_several_tokens_that_end_at_one_character_the_last_counts():
    rows_a, rows_b, _ = same_ends(Cutter(1, 0, 1), Cutter(1, 1), ["ab"])
    assert rows_a.tolist() == [1, 2] and rows_b.tolist() == [0, 1]


def test_a_slow_tokenizer_is_refused():
    slow = Cutter(1)
    slow.is_fast = False
    with pytest.raises(ValueError, match="fast"):
        same_ends(slow, Cutter(1), ["a"])
