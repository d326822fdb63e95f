"""The methods `relation-vae` and `discrete-state-vae`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.drlst.training import descend
from baselines.relations.links import (
    RECURRING,
    Links,
    links_by_number,
    links_by_words,
    recurrence,
)
from baselines.relations.model import BilinearDecoder, ConvolvedDecoder, Encoder
from baselines.relations.reading import Floats, MentionReader, ReadingSettings, scaled
from data.mentions import MentionTask
from data.rows import IntArray
from harness.contract.clusterer import ClusterArray
from harness.contract.scores import Score
from harness.contract.stored import Tensors
from harness.encoders.device import seeded
from harness.system.progress import Progress
from harness.training.settings import StoppingSettings
from harness.training.steps import backpropagated

ENTROPY = 0.01 * 2 / 14
"""What is left of .01 where the entropies are two of the fourteen terms of a mean (5 negatives)."""

Batch = tuple[IntArray, Tensor]
"""Positions of rows, int64 [b], and the negatives of each, int64 [2, b, negatives]."""


@dataclass(frozen=True)
class LatentClassSettings(ReadingSettings, StoppingSettings):
    """Values are those that the released code ends up with; (?) is a reconstruction.

    Attributes
    ----------
    links : `entities`, `words`, or `test`, which takes entities where they recur (?); see
        `baselines.relations.links`.
    entity_size, latent : of an entity's vector, and of z; no z with 0.
    class_in_decoder : whether r is made of c too; c weighs psi in any case.
    rectified : a rectifier behind the decoder's filters.
    negatives : on each side of a link.
    entropy : weight with which the entropy of c is raised; below 0 it is lowered.
    dispersion : weight with which the entropy of the mean of c over a batch is raised.
    kl : weight of the KL of z: one over the number of relations.
    steps : training steps; 30 epochs of 7,500 rows.
    batch_rows : rows a step.
    rate : Adam's; `harness.training.schedule` shapes it.
    clip : largest norm of the gradient (?).
    """

    links: Literal["test", "entities", "words"] = "test"
    entity_size: int = 10
    latent: int = 48
    class_in_decoder: bool = True
    rectified: bool = False
    negatives: int = 5
    entropy: float = ENTROPY
    dispersion: float = 0.0
    kl: float = 0.1
    steps: int = 2250
    batch_rows: int = 100
    rate: float = 1e-3
    clip: float = 5.0


PEERS: Mapping[str, Any] = {"entropy": -ENTROPY, "dispersion": 0.02}
"""The regularisers of Simon et al. 2019: each c sharp, and all relations in use."""


class RelationVae(MentionReader):
    """The class beside a Gaussian latent, link prediction. Source: Yuan and Eldardiry 2021.

    c is a softmax over relations, z is Gaussian given c and the sentence, and the decoder predicts
    the link from both. Reconstructed from the released code without its mistakes. That encoder
    reads two types and no sentence, as the variant `types` does here. In the variant `skewed` the
    regularisers of Simon et al. 2019 take the place of the entropy.
    """

    name = "relation-vae"
    Settings = LatentClassSettings
    main_variants: ClassVar[tuple[str, ...]] = ("default", "types", "other-sentences", "skewed")
    variants = {
        "types": {"reads": "types"},
        "other-sentences": {"other_sentences": True},
        "skewed": PEERS,
        "no-latent": {"latent": 0},
        "no-class": {"class_in_decoder": False},
        "rectified": {"rectified": True},
        "entity-links": {"links": "entities"},
    }
    studies: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "clusters": dict.fromkeys(("no-latent", "no-class", "rectified", "entity-links"), 3)
    }
    profiles = {"smoke": {"steps": 4, "batch_rows": 8, "evaluations": 2}}

    def decoder(self) -> nn.Module:
        """psi of a link, for all relations."""
        settings = self.settings
        given = settings.latent + settings.relations * settings.class_in_decoder
        sizes = given, settings.relations, settings.entity_size
        return ConvolvedDecoder(*sizes, settings.rectified)

    def group(self, vectors: Floats, task: MentionTask, *, seed: int, progress: Progress) -> None:
        settings, random = self.settings, np.random.default_rng([seed, 22])
        valid = scaled(self.vectors(task.valid), self._scaling)
        rows = torch.from_numpy(np.concatenate([vectors, valid])).to(self.backbone.device)
        recurring = recurrence(task.train.ids, task.valid.ids)
        links = self._links(task, by_number=recurring >= RECURRING)
        held = np.arange(len(vectors), len(rows))
        others = links.negatives(len(held), settings.negatives, np.random.default_rng(23))

        def draw() -> Batch:
            index = random.integers(links.trained, size=settings.batch_rows)
            return index, links.negatives(len(index), settings.negatives, random)

        def backward(step: int, batch: Batch) -> Tensor:
            return backpropagated(self._loss(rows, links, batch)[0])

        def held_out_loss() -> float:
            return float(self._loss(rows, links, (held, others))[0].item())

        with seeded(seed):
            self._build(vectors.shape[1], links.module(settings.entity_size))
            found = torch.optim.Adam(self._model.parameters(), lr=settings.rate)
            descend(self._model, found, settings, draw, backward, held_out_loss, progress=progress)
            with torch.no_grad():
                _, measured = self._loss(rows, links, (held, others))
        self._measured = [Score(metric, float(value)) for metric, value in measured.items()]
        self._measured.append(Score("recurring_entities", recurring))

    def _links(self, task: MentionTask, *, by_number: bool) -> Links:
        """By numbers where these tell something, or where they are asked for."""
        if self.settings.links == "entities" or (self.settings.links == "test" and by_number):
            links = links_by_number(task.train.ids, task.valid.ids)
        else:
            words = [self.words(rows.names) for rows in (task.train, task.valid)]
            links = links_by_words(np.concatenate(words), len(task.train))
        device = self.backbone.device
        table = None if links.table is None else links.table.to(device)
        return Links(links.ends.to(device), links.trained, table)

    def _build(self, width: int, entities: nn.Module) -> None:
        self._encoder = Encoder(width, self.settings.relations, self.settings.latent)
        parts = {"encoder": self._encoder, "decoder": self.decoder(), "entities": entities}
        self._model = nn.ModuleDict(parts).to(self.backbone.device).eval()

    def _loss(self, rows: Tensor, links: Links, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """What is minimised, a scalar, and what is measured beside it.

        Links are told from negatives, the mean over both; the entropies of c and the KL of z are
        added. `rows`: float32 [n, width].
        """
        settings, encoder, (index, others) = self.settings, self._encoder, batch
        log_c = F.log_softmax(encoder.logits(rows[index]), dim=1)
        c = log_c.exp()
        given, kl = [c] if settings.class_in_decoder else [], c.new_zeros(())
        if settings.latent:
            posterior = encoder.posterior(rows[index])
            given.append(posterior.sample())
            kl = posterior.kl().sum(1).mean()
        own = links.ends[:, index, None].expand_as(others)
        # The link itself, then those with another head, then those with another tail.
        ends = torch.cat(
            [own[..., :1], torch.stack([others[0], own[1]]), torch.stack([own[0], others[1]])], 2
        )
        heads, tails = links.embedded(self._model["entities"], ends)
        psi = self._model["decoder"](heads[..., :-1], tails[..., :-1], torch.cat(given, dim=1))
        scores = (psi * c[:, None]).sum(2)
        # A true link counts twice, with the bias of either end, a negative with that of its own.
        by_head, by_tail = scores + heads[..., -1], scores + tails[..., -1]
        true, count = torch.stack([by_head[:, 0], by_tail[:, 0]], dim=1), settings.negatives
        false = torch.cat([by_head[:, 1 : 1 + count], by_tail[:, 1 + count :]], dim=1)
        entropy, mean = -(c * log_c).sum(1).mean(), c.mean(0)
        spread = -(mean * mean.clamp(min=1e-9).log()).sum()
        loss: Tensor = (
            torch.cat([F.softplus(-true), F.softplus(false)], dim=1).mean()
            - settings.entropy * entropy
            - settings.dispersion * spread
            + settings.kl * kl
        )
        right = (true.repeat_interleave(count, dim=1) > false).double().mean()
        measured = {"link_accuracy": right, "class_entropy": entropy.detach()}
        return loss, {**measured, **({"latent_kl": kl.detach()} if settings.latent else {})}

    def assigned(self, vectors: Floats) -> ClusterArray:
        with torch.inference_mode():
            rows = torch.from_numpy(vectors).to(self.backbone.device)
            return np.asarray(self._encoder.logits(rows).argmax(1).cpu().numpy())

    def learned(self) -> Mapping[str, nn.Module]:
        return {"model": self._model}

    def restore(self, tensors: Tensors) -> None:
        super().restore(tensors)
        width, shape = (
            tensors[f"model.{part}.weight"].shape for part in ("encoder.sentence", "entities")
        )
        linear = "model.entities.bias" in tensors
        entities = nn.Linear(shape[1], shape[0]) if linear else nn.Embedding(*shape)
        with seeded(0):
            self._build(width[1], entities)
        self._measured = []

    def scores(self) -> list[Score]:
        return self._measured


class DiscreteStateVae(RelationVae):
    """The class of a link as the latent, bilinear decoder. Source: Marcheggiani and Titov 2016.

    The encoder is a softmax over relations, and the decoder predicts links by RESCAL and
    selectional preferences. The entropy of the class is raised, as the evidence bound asks. Frozen
    vectors take the place of the paper's features of a sentence.
    """

    name = "discrete-state-vae"
    kind_settings = {"clusters": {"latent": 0}}
    main_variants = ("default", "skewed")
    variants = {"skewed": PEERS}
    studies = {}

    def decoder(self) -> nn.Module:
        return BilinearDecoder(self.settings.relations, self.settings.entity_size)
