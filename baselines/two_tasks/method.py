"""One network for the label of a text and the tags of its words: fitted, asked and stored."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from math import ceil
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.text_vae.sequences import IntArray, cut_batches, epoch_batches
from baselines.two_tasks.crf import LinearChainCrf
from baselines.two_tasks.words import Word, spans_of, tags_of
from data.tagging import Span, TaggedRows, TaggingTask
from harness.contract.choices import check_choices
from harness.contract.seeds import seed_from
from harness.contract.stored import StoredLearner
from harness.encoders.device import seeded
from harness.evaluation.text.tagger import Found, Tagger
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint
from harness.training.settings import StoppingSettings
from harness.training.steps import backpropagated, run_steps

ASKED_TEXTS = 64
"""Texts a batch where nothing is trained."""

CLIP = 5.0
"""Largest norm of the gradient."""


class Item(NamedTuple):
    """A text made ready: the words that are read of it, and what the reader needs of them."""

    words: Sequence[Word]
    parts: tuple[Tensor, ...]


class Reader(nn.Module, ABC):
    """From texts to vectors of words, `width`, and of whole texts, `text_width`.

    `tagger`, `pooler`: the last layer before each, left out where its task is not learned.
    """

    width: int
    text_width: int
    # Without values: those of a class hide the modules of an object.
    tagger: nn.Module | None
    pooler: nn.Module | None

    @abstractmethod
    def items(self, texts: Sequence[str]) -> list[Item]:
        """The texts made ready, each with a word at least."""

    @abstractmethod
    def forward(self, items: Sequence[Item]) -> tuple[Tensor, Tensor, Tensor]:
        """Of b texts the words' vectors [b, t, width], a bool mask [b, t] and [b, text_width]."""


@dataclass(frozen=True)
class TwoTaskSettings:
    """What both methods can be told.

    Attributes
    ----------
    learns : `both` tasks, the `label` alone, or the `tags` alone.
    epochs : times that a training sees each text, at most.
    patience : epochs in a row that do not lower the loss on validation texts after which the rate
        falls, as it does over the last quarter, and training ends.
    batch_texts : texts of like length a step.
    rate, weight_decay : AdamW's; `harness.training.schedule` shapes the rate.
    dropout : of the vectors that a layer is given.
    """

    learns: Literal["both", "label", "tags"] = "both"
    epochs: int = 12
    patience: int = 3
    batch_texts: int = 32
    rate: float = 1e-3
    weight_decay: float = 0.01
    dropout: float = 0.3

    def __post_init__(self) -> None:
        check_choices(self)


class TwoTaskMethod(StoredLearner, Tagger):
    """Labels and tags by one network whose losses are summed; a subclass says how it reads.

    The variants learn one task alone with the same settings, so that the twins have one budget.
    """

    Settings: ClassVar[type[Any]] = TwoTaskSettings
    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "label-only": {"learns": "label"},
        "tags-only": {"learns": "tags"},
    }
    main_variants = ("default", *variants)

    def known_words(self, texts: Sequence[str]) -> Sequence[str]:
        """The words that have vectors of their own, from the training texts; by default none."""
        return ()

    @abstractmethod
    def build_reader(self, known: Sequence[str]) -> Reader:
        """An untrained reader that has all layers; new weights are drawn by torch."""

    def _build(self, types: Sequence[str], known: Sequence[str]) -> None:
        settings, out = self.settings, 2 * len(types) + 1
        self._types, self._known = tuple(types), tuple(known)
        reader, dropout = self.build_reader(known), nn.Dropout(settings.dropout)
        parts: dict[str, nn.Module] = {"reader": reader}
        if settings.learns == "tags":
            reader.pooler = None
        else:
            parts["label"] = nn.Sequential(dropout, nn.Linear(reader.text_width, 2))
        if settings.learns == "label":
            reader.tagger = None
        else:
            parts["emissions"] = nn.Sequential(dropout, nn.Linear(reader.width, out))
            parts["crf"] = self._crf = LinearChainCrf(len(types))
        self._reader, self._parts = reader, nn.ModuleDict(parts).to(self.backbone.device).eval()

    def learn(self, task: TaggingTask, *, seed: int, progress: Progress) -> None:
        settings: TwoTaskSettings = self.settings
        with seeded(seed):
            self._build(task.types, self.known_words(task.train.texts))
            lengths, loss_of = self._losses(task.train)
            valid_lengths, valid_loss_of = self._losses(task.valid)

            def backward(step: int, index: IntArray) -> Tensor:
                # What is dropped follows from the step, so that a kill changes nothing.
                torch.manual_seed(seed_from("dropout", seed, step))
                return backpropagated(loss_of(index))

            def validate() -> float:
                self._parts.eval()
                batches = cut_batches(np.argsort(valid_lengths), ASKED_TEXTS)
                with torch.no_grad():
                    summed = sum(len(index) * float(valid_loss_of(index)) for index in batches)
                self._parts.train()
                return summed / len(valid_lengths)

            checkpoint = Checkpoint(
                self.checkpoint, self.name, settings, seed, self.backbone.weights_hash, task.train
            )
            weights, decay = self._parts.train().parameters(), settings.weight_decay
            size = settings.batch_texts
            epochs = (epoch_batches(lengths, size, seed=seed, epoch=epoch) for epoch in count())
            run_steps(
                torch.optim.AdamW(weights, lr=settings.rate, weight_decay=decay, fused=True),
                settings.epochs * ceil(len(lengths) / size),
                chain.from_iterable(epochs).__next__,
                backward,
                clip=CLIP,
                progress=progress,
                stopping=StoppingSettings(settings.epochs, settings.patience),
                validate=validate,
                checkpoint=checkpoint,
            )
            checkpoint.remove()
            self._parts.eval()

    def _losses(self, rows: TaggedRows) -> tuple[IntArray, Callable[[IntArray], Tensor]]:
        """Numbers of words, int64 [n], and from positions of some texts to their loss.

        Cross-entropy of the label and likelihood of the tags, summed; means over texts, nats.
        """
        parts, device = self._parts, self.backbone.device
        items = self._reader.items(rows.texts)
        tags = [
            torch.tensor(tags_of(item.words, spans, self._types))
            for item, spans in zip(items, rows.spans, strict=True)
        ]

        def loss(index: IntArray) -> Tensor:
            words, mask, texts = self._reader([items[i] for i in index])
            total: Tensor = words.new_zeros(())
            if "label" in parts:
                labels = torch.from_numpy(rows.labels[index]).to(device)
                total = total + F.cross_entropy(parts["label"](texts), labels)
            if "crf" in parts:
                gold = padded([tags[i] for i in index]).to(device)
                total = total + self._crf(parts["emissions"](words), gold, mask).mean()
            return total

        return np.array([len(item.words) for item in items]), loss

    def read(self, texts: Sequence[str]) -> Found:
        self.check_ready()
        return self._found(self._reader.items(texts))

    @torch.inference_mode()
    def _found(self, items: Sequence[Item]) -> Found:
        parts = self._parts.eval()
        labels = np.zeros(len(items), dtype=np.int64)
        spans: list[tuple[Span, ...]] = [()] * len(items)
        order = np.argsort([-len(item.words) for item in items], kind="stable")
        for index in cut_batches(order, ASKED_TEXTS):
            words, mask, texts = self._reader([items[i] for i in index])
            if "label" in parts:
                labels[index] = parts["label"](texts).argmax(1).cpu().numpy()
            if "crf" in parts:
                best = self._crf.decode(parts["emissions"](words), mask).tolist()
                for i, tags in zip(index, best, strict=True):
                    spans[i] = spans_of(items[i].words, tags, self._types)
        return Found(labels if "label" in parts else None, tuple(spans) if "crf" in parts else None)

    def learned(self) -> Mapping[str, nn.Module]:
        return {"network": self._parts}

    def extras(self) -> Mapping[str, Tensor]:
        words = {"types": self._types, "known": self._known}
        return {name: torch.tensor(list("\n".join(of).encode())) for name, of in words.items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        types, known = (bytes(tensors[name].tolist()).decode() for name in ("types", "known"))
        with seeded(0):
            self._build(types.split("\n"), known.split("\n") if known else ())


def padded(parts: Sequence[Tensor], value: int = 0) -> Tensor:
    """int64 [b, longest], from b numbered texts."""
    return nn.utils.rnn.pad_sequence([p.long() for p in parts], True, value)


def mask_of(lengths: Tensor) -> Tensor:
    """bool [b, longest], from int64 [b]."""
    return torch.arange(int(lengths.max()), device=lengths.device) < lengths[:, None]
