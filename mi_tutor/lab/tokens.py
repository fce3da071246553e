"""Text to token ids and back.

One convention for the course: rows start at the left, padding is on the right, and a BOS token stands in front unless
you say otherwise. A causal model never looks to the right, so the real positions of a right-padded row are exact
without an attention mask; the mask only says which positions are real.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

_VISIBLE = {" ": "·", "\n": "⏎", "\t": "⇥", "\r": "␍"}


class Tokens(NamedTuple):
    """A batch of token ids; `ids, mask = tokens(...)` unpacks it.

    ids: Int[Tensor, "batch pos"], padded on the right.
    mask: Bool[Tensor, "batch pos"], True at the real positions (BOS included).
    """

    ids: Int[Tensor, "batch pos"]
    mask: Bool[Tensor, "batch pos"]

    @property
    def lengths(self) -> Int[Tensor, "batch"]:
        """Real positions of each row, BOS included."""
        return self.mask.sum(dim=1)


def tokens(model, text: str | list[str], *, bos: bool = True) -> Tokens:
    """Token ids of one text or of several.

    Args:
        text: a string gives a batch of one row.
        bos: put the BOS token in front. SmolLM2 was trained with it, its first position takes up attention that has
            nowhere else to go, and our measurements are made with it.

    Returns:
        Tokens with ids and mask of shape [batch pos]; pos is the longest row.

    Raises:
        ValueError: no text, or a text without any token while bos is False.
    """
    texts = [text] if isinstance(text, str) else list(text)
    if not texts:
        raise ValueError("There is no text to tokenize: give a string, or a list with at least one string.")
    front = [_bos_id(model)] if bos else []
    rows = [front + model.tokenizer(one, add_special_tokens=False)["input_ids"] for one in texts]
    if not all(rows):
        raise ValueError(f"Text {rows.index([])} has no tokens: it is empty, and bos=False.")
    return pad(rows, _pad_id(model))


def pad(rows: list[list[int]], fill: int) -> Tokens:
    """Rows of different lengths as one rectangle, padded on the right with `fill`."""
    ids = torch.full((len(rows), max(map(len, rows))), fill, dtype=torch.long)
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for row, values in enumerate(rows):
        ids[row, : len(values)] = torch.tensor(values)
        mask[row, : len(values)] = True
    return Tokens(ids, mask)


def as_tokens(model, given: "Tokens | Tensor | str | list[str]") -> Tokens:
    """What every instrument accepts as input: Tokens, ids [batch pos] or [pos] without padding, or text."""
    if isinstance(given, Tokens):
        return given
    if isinstance(given, str) or (isinstance(given, (list, tuple)) and given and isinstance(given[0], str)):
        return tokens(model, given)
    if not isinstance(given, Tensor) or given.is_floating_point() or given.ndim not in (1, 2):
        raise ValueError(
            "Give text, a list of texts, Tokens from models.tokens(...), or an integer tensor of token ids [batch pos]."
        )
    ids = given if given.ndim == 2 else given[None]
    return Tokens(ids, torch.ones_like(ids, dtype=torch.bool))


def single_token(model, word: str) -> int:
    """The id of a word that is exactly one token. Most words need their leading space: " Paris", not "Paris".

    Raises:
        ValueError: the word is several tokens; the message shows them.
    """
    ids = model.tokenizer(word, add_special_tokens=False)["input_ids"]
    if len(ids) != 1:
        raise ValueError(f'"{word}" is {len(ids)} tokens: {token_strings(model, ids)}. Choose a word of one token.')
    return ids[0]


def text(model, ids: Int[Tensor, "pos"] | list[int]) -> str:
    """The text of a row of ids, special tokens included."""
    return model.tokenizer.decode(_row(ids), clean_up_tokenization_spaces=False)


def token_strings(model, ids: Int[Tensor, "pos"] | list[int], *, whole: bool = False) -> list[str]:
    """One printable string for each token: "·the" for " the", "⏎" for a newline, "⟨d7⟩" for part of a character.

    A token is a run of bytes. In scripts the tokenizer saw little of (Hebrew, Arabic), one character can be split over
    two or three tokens, and none of them is text by itself.

    Args:
        whole: show such a character at its first token and "" at the others, for contexts meant to be read.

    Returns:
        a list as long as ids.
    """
    pieces = [_token_bytes(model, one) for one in _row(ids)]
    if whole:
        pieces = _join_split_characters(pieces)
    return [_printable(piece) for piece in pieces]


def _row(ids) -> list[int]:
    values = ids.tolist() if isinstance(ids, Tensor) else list(ids)
    if isinstance(values, int):
        return [values]
    if values and isinstance(values[0], list):
        raise ValueError("Give one row of token ids [pos], not a batch: pick a row first.")
    return values


def _printable(piece: bytes) -> str:
    try:
        shown = piece.decode()
    except UnicodeDecodeError:
        return "⟨" + piece.hex(" ") + "⟩"
    return "".join(_VISIBLE.get(character, character) for character in shown)


def _join_split_characters(pieces: list[bytes]) -> list[bytes]:
    joined, start = list(pieces), 0
    while start < len(pieces):
        end, gathered = start + 1, pieces[start]
        while not _is_text(gathered) and end < min(start + 4, len(pieces)):  # a character has at most four bytes
            gathered, end = gathered + pieces[end], end + 1
        if end > start + 1 and _is_text(gathered):
            joined[start:end] = [gathered] + [b""] * (end - start - 1)
            start = end
        else:
            start += 1
    return joined


def _is_text(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True


def _token_bytes(model, token: int) -> bytes:
    name = model.tokenizer.convert_ids_to_tokens(token)
    if name is None:
        return f"⟨{token}⟩".encode()
    if token in model.tokenizer.all_special_ids or any(character not in _BYTE_OF for character in name):
        return model.tokenizer.decode([token]).encode()
    return bytes(_BYTE_OF[character] for character in name)


def _byte_level_alphabet() -> dict[str, int]:
    """Byte-level BPE writes each byte as one printable character (Radford et al. 2019); this is the way back."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + rank): byte for rank, byte in enumerate(others)}


_BYTE_OF = _byte_level_alphabet()


def _bos_id(model) -> int:
    bos = getattr(model.tokenizer, "bos_token_id", None)
    if bos is None:
        raise ValueError("This model's tokenizer has no BOS token: pass bos=False.")
    return bos


def _pad_id(model) -> int:
    fill = getattr(model.tokenizer, "pad_token_id", None)
    return 0 if fill is None else fill
