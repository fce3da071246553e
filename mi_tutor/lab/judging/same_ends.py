"""Rows of two models that stand for the same place of a text, where the models cut text into different tokens."""

import torch
from jaxtyping import Int
from torch import Tensor


def same_ends(a, b, texts: list[str]) -> tuple[Int[Tensor, "row"], Int[Tensor, "row"], Int[Tensor, "row"]]:
    """Where tokens of both tokenizers end at the same character.

    A causal model's activation at a token can know the text up to the end of that token, so these rows have read the
    same.

    Args:
        a, b: fast tokenizers (of transformers), without BOS.
        texts: shorter than the context of either model, so that a harvest keeps one document for each.

    Returns:
        (rows of a, rows of b, text): row numbers as a `harvest` of these texts counts them, and the text of each pair.

    Raises:
        ValueError: a tokenizer that does not say where its tokens end.
    """
    found, starts = [], [0, 0]
    for number, text in enumerate(texts):
        ends = [_ends(tokenizer, text) for tokenizer in (a, b)]
        # The last token that ends at a character: a character cut into several byte tokens ends with the last of them.
        last = [{end: place for place, end in enumerate(one)} for one in ends]
        both = sorted(last[0].keys() & last[1].keys())
        found += [(starts[0] + last[0][end], starts[1] + last[1][end], number) for end in both]
        starts = [start + len(one) for start, one in zip(starts, ends, strict=True)]
    rows_a, rows_b, which = torch.tensor(found).T
    return rows_a, rows_b, which


def _ends(tokenizer, text: str) -> list[int]:
    if not tokenizer.is_fast:
        raise ValueError("This tokenizer does not say where its tokens end: take a fast one.")
    return [end for _, end in tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)["offset_mapping"]]
