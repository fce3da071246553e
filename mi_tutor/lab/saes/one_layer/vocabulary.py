"""A byte-level BPE vocabulary of 4096 tokens for the one-layer model, so that its embedding stays small."""

import os
from pathlib import Path

FILE = Path(__file__).parent.parent / "weights" / "one_layer_tokenizer.json"
SIZE = 4096
BOS = "<|bos|>"


def learn(texts: list[str], file: Path = FILE) -> None:
    """Learn the merges from texts and write the tokenizer."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE, special_tokens=[BOS], initial_alphabet=alphabet, max_token_length=16, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    file.write_text(tokenizer.to_str(), encoding="utf-8")


def load(file: Path = FILE):
    """The tokenizer, with the interface of transformers; BOS is token 0."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(tokenizer_file=str(file), bos_token=BOS, pad_token=BOS)
