"""A WordPiece tokenizer trained on the spot: a real one, without a download."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers


def trained(texts: Iterable[str]) -> Tokenizer:
    """A small vocabulary, so that words are cut into pieces, between [CLS] and [SEP]."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)  # pyright: ignore
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # pyright: ignore
    special = ["[UNK]", "[CLS]", "[SEP]"]
    trainer = trainers.WordPieceTrainer(vocab_size=90, special_tokens=special)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))  # pyright: ignore
    return tokenizer


def saved(texts: Iterable[str], folder: Path) -> Path:
    """The tokenizer as a folder that AutoTokenizer loads."""
    from transformers import PreTrainedTokenizerFast

    made = PreTrainedTokenizerFast(tokenizer_object=trained(texts), unk_token="[UNK]")
    made.save_pretrained(folder)
    return folder
