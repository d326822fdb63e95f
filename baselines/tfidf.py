"""The method `tfidf`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor

from data.errors import UserError
from data.rows import TrainingTask
from harness.contract.method import Representation
from harness.contract.stored import StoredMethod
from harness.system.progress import Progress


class Tfidf(StoredMethod):
    """Weighted counts of words, and no encoder at all. Source: Deerwester et al. 1990, section 4.

    TF-IDF of the words that two training rows or more have, reduced by a truncated singular value
    decomposition (latent semantic analysis): one representation for all aspects. It shows what a
    probe reads without any pretrained model.
    """

    name = "tfidf"
    control = True

    @dataclass(frozen=True)
    class Settings:
        """Settings of the words' weights.

        Attributes
        ----------
        width : dimensions, fewer where there are fewer words or training rows.
        min_rows : training rows that must have a word, or it is left out.
        """

        width: int = 300
        min_rows: int = 2

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        self._words = _vectorizer(min_df=self.settings.min_rows)
        try:
            counts = self._words.fit_transform(task.train.texts)
        except ValueError as error:
            raise UserError(
                f"no word stands in {self.settings.min_rows} training rows; give more texts"
            ) from error
        width = min(self.settings.width, *counts.shape)
        reduced = TruncatedSVD(width, algorithm="randomized", random_state=seed).fit(counts)
        self._components: NDArray[np.float32] = reduced.components_.astype(np.float32)
        progress(1, 1)

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        def reduced() -> Representation:
            if not texts:
                return np.zeros((0, len(self._components)), dtype=np.float32)
            return np.asarray(self._words.transform(texts) @ self._components.T, dtype=np.float32)

        return self.kept_for(texts, reduced).copy()

    def learned(self) -> Mapping[str, Tensor]:
        weights = torch.from_numpy(np.asarray(self._words.idf_, dtype=np.float32))
        return {"weights": weights, "components": torch.from_numpy(self._components)}

    def extras(self) -> Mapping[str, Tensor]:
        joined = "\n".join(self._words.get_feature_names_out()).encode()
        return {"words": torch.frombuffer(bytearray(joined), dtype=torch.uint8)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        words = tensors["words"].numpy().tobytes().decode().split("\n")
        self._words = _vectorizer(vocabulary=words)
        self._words.idf_ = tensors["weights"].numpy()
        self._components = tensors["components"].numpy()


def _vectorizer(**settings: object) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **settings)
