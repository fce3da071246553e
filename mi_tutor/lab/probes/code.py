"""Python code whose tokens are labelled by Python itself: the standard library's `tokenize` says what each one is."""

import io
import keyword
import tokenize
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from mi_tutor.lab import corpus
from mi_tutor.lab.tokens import Tokens, _bos_id, _pad_id, pad

CLASSES = ("keyword", "name", "string", "operator", "number")
_KINDS = {tokenize.NAME: 1, tokenize.STRING: 2, tokenize.OP: 3, tokenize.NUMBER: 4}
# Since Python 3.12 an f-string comes in parts. Earlier versions take it for one string, and so do we.
_OPENS = {getattr(tokenize, name) for name in ("FSTRING_START", "TSTRING_START") if hasattr(tokenize, name)}
_CLOSES = {getattr(tokenize, name) for name in ("FSTRING_END", "TSTRING_END") if hasattr(tokenize, name)}


@dataclass(frozen=True)
class PythonTokens:
    """Pieces of code, their tokens in the model, and what each token is; all of the last four go together.

    prompts: Tokens with BOS, one row for each piece of code.
    row, position: where a labelled token stands in `prompts.ids`.
    label: its class, an index into `CLASSES`.
    type: its token id in the model (Hewitt and Liang 2019 speak of word types).
    """

    prompts: Tokens
    row: Int[Tensor, "token"]
    position: Int[Tensor, "token"]
    label: Int[Tensor, "token"]
    type: Int[Tensor, "token"]

    def __len__(self) -> int:
        return len(self.label)


def python_tokens(model, texts: list[str] | None = None) -> PythonTokens:
    """Label the model's tokens of Python code. Groups for a split are the pieces of code: `.row`.

    A token gets a class when all of its visible characters belong to Python tokens of one class. Blanks, line ends,
    comments (the corpus has next to none), and tokens that cover two classes (such as `("`) are left out.

    Args:
        texts: Python source; the course's corpus (162 pieces of 3 to 12 lines) by default.

    Raises:
        ValueError: a text that is not Python.
    """
    texts = corpus.texts("python") if texts is None else texts
    rows, found = [], []
    for row, text in enumerate(texts):
        classes = characters(text)
        coded = model.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        rows.append([_bos_id(model), *coded["input_ids"]])
        for index, (start, end) in enumerate(coded["offset_mapping"]):
            here = {classes[at] for at in range(start, end) if not text[at].isspace()}
            if len(here) == 1 and None not in here:
                found.append((row, index + 1, here.pop(), coded["input_ids"][index]))
    columns = torch.tensor(found, dtype=torch.long).reshape(-1, 4).T
    return PythonTokens(pad(rows, _pad_id(model)), *columns)


def characters(text: str) -> list[int | None]:
    """The class of every character of a piece of Python, None where no class fits.

    Raises:
        ValueError: `tokenize` does not understand the text.
    """
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    classes: list[int | None] = [None] * len(text)
    inside, opened = 0, 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            first, last = (starts[line - 1] + column for line, column in (token.start, token.end))
            if token.type in _OPENS:
                opened = first if not inside else opened
                inside += 1
            elif token.type in _CLOSES:
                inside -= 1
                if not inside:
                    classes[opened:last] = [CLASSES.index("string")] * (last - opened)
            elif not inside and token.type in _KINDS:
                kind = CLASSES.index("keyword") if keyword.iskeyword(token.string) else _KINDS[token.type]
                classes[first:last] = [kind] * (last - first)
    except (tokenize.TokenError, SyntaxError) as problem:
        raise ValueError(f"This text is not Python: {problem}.") from problem
    return classes
