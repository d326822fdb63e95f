"""A tiny random checkpoint of each architecture, with a tokenizer of its kind, in a folder."""

from pathlib import Path
from typing import Any

import torch
from families import FAMILIES
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    AlbertConfig,
    AutoModel,
    BartConfig,
    DebertaV2Config,
    GPT2Config,
    PreTrainedTokenizerFast,
    T5Config,
    XLMRobertaConfig,
)

WORDS = ("row", "red", "blue", "cat", "dog", "some", "text", "another", "a", "longer", "one")
SPECIAL = ("<pad>", "</s>", "<unk>", "<s>")
SMALL: dict[str, Any] = {
    "vocab_size": 100,
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 140,
    "pad_token_id": 0,
}
ARCHITECTURES = {
    **FAMILIES,
    "xlm-roberta": XLMRobertaConfig(**SMALL),
    "deberta-v2": DebertaV2Config(
        **SMALL, relative_attention=True, position_buckets=8, conv_kernel_size=3, conv_act="gelu"
    ),
    "albert": AlbertConfig(**SMALL, embedding_size=16, num_hidden_groups=2),
    "t5": T5Config(
        vocab_size=100, d_model=32, d_kv=8, d_ff=64, num_layers=4, num_heads=4, pad_token_id=0
    ),
    "bart": BartConfig(
        vocab_size=100,
        d_model=32,
        encoder_layers=4,
        decoder_layers=1,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=140,
        pad_token_id=0,
        bos_token_id=3,
        eos_token_id=1,
        decoder_start_token_id=1,
    ),
    "gpt2": GPT2Config(
        vocab_size=100,
        n_embd=32,
        n_layer=4,
        n_head=4,
        n_positions=140,
        bos_token_id=1,
        eos_token_id=1,
    ),
}
"""Four layers of width 32 each, weights large enough that layers count."""


def write(name: str, folder: Path) -> str:
    """Write the checkpoint; the folder's name, as `resolve` takes it."""
    tokenizer_of(name).save_pretrained(folder)
    config = ARCHITECTURES[name]
    for spread in ("initializer_range", "init_std"):
        if hasattr(config, spread):
            setattr(config, spread, 0.2)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = AutoModel.from_config(config)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.dim() == 1:
                    parameter.add_(torch.randn_like(parameter) * 0.05)
        model.save_pretrained(folder)
    return str(folder)


def tokenizer_of(name: str) -> PreTrainedTokenizerFast:
    """Words; T5 closes a text, GPT-2 adds nothing and knows no padding, others frame it."""
    vocabulary = {word: i for i, word in enumerate((*SPECIAL, *WORDS, *map(str, range(80))))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    named = {"eos_token": "</s>", "unk_token": "<unk>"}
    if name != "gpt2":
        opening = "" if name == "t5" else "<s> "
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{opening}$A </s>", special_tokens=[("<s>", 3), ("</s>", 1)]
        )
        named |= {"pad_token": "<pad>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)
