"""What the autoencoder measures on itself, on the validation rows."""

from __future__ import annotations

import numpy as np
import torch

from baselines.drlst.encoders import Reading
from baselines.drlst.losses import reconstruction_loss
from baselines.drlst.model import Autoencoder
from baselines.drlst.vocabulary import Vocabulary
from data.rows import Rows
from data.triplets import TripletRows
from harness.contract.scores import Score
from harness.training.adversaries import cell_accuracy, pairs


def measured(
    model: Autoencoder,
    vocabulary: Vocabulary,
    reading: Reading,
    rows: Rows | TripletRows,
    target_tokens: int,
) -> list[Score]:
    """Accuracies of the adversaries, reconstruction and KL.

    `adversary_accuracy`, where there are labels, is that of each aspect's adversaries on the means
    of q, the mean over the cells. `reconstruction`, from one draw of q by torch's generator, and
    `kl`, over all latents, are in nats a text.

    Parameters
    ----------
    reading, rows : the same texts.
    target_tokens : pieces of a text that are reconstructed.
    """
    labels = rows.labels if isinstance(rows, Rows) else {}
    right = {
        (latent, aspect): np.zeros(len(reading.tokens), dtype=bool)
        for latent, aspect in pairs(labels)
    }
    nats = divergence = 0.0
    with torch.inference_mode():
        for index in reading.tokens.batches_by_length():
            posterior = model.posterior(reading.vectors(index))
            for (latent, aspect), hits in right.items():
                logits = model.adversaries.logits(latent, aspect, posterior[latent].mean)
                hits[index] = logits.argmax(1).cpu().numpy() == labels[aspect][index]
            ids, mask = reading.tokens.batch(index)
            joint = torch.cat([gaussian.sample() for gaussian in posterior.values()], dim=1)
            logits, targets = model.decoder(
                joint, vocabulary.index(ids[:, :target_tokens]), mask[:, :target_tokens]
            )
            nats += float(reconstruction_loss(logits, targets)) * len(targets)
            divergence += sum(float(gaussian.kl().sum(1).sum()) for gaussian in posterior.values())
    return [
        *(
            Score("adversary_accuracy", cell_accuracy(hits, rows.cells), latent, aspect)
            for (latent, aspect), hits in right.items()
            if isinstance(rows, Rows)
        ),
        Score("reconstruction", nats / len(reading.tokens)),
        Score("kl", divergence / len(reading.tokens)),
    ]
