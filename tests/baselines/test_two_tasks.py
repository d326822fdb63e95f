"""The linear-chain CRF against all of its paths, tags against spans, and twins with one task."""

from dataclasses import replace
from itertools import pairwise, product
from math import log
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.two_tasks.crf import LinearChainCrf
from baselines.two_tasks.encoder import JointEncoder, PieceReader
from baselines.two_tasks.recurrent import JointRnn, RecurrentReader, RecurrentSettings
from baselines.two_tasks.words import spans_of, tags_of, words_of
from data import tasks
from data.quotas import Sizes
from data.tagging import Span, TaggingTask
from harness.encoders.backbones import Backbone
from harness.evaluation.text.tagger import span_scores
from harness.system.progress import silent


def crf_of(first: list[float], between: list[list[float]], last: list[float]) -> LinearChainCrf:
    """A CRF whose parameters are the logarithms of these."""
    crf = LinearChainCrf((len(first) - 1) // 2)
    with torch.no_grad():
        for own, given in ((crf.first, first), (crf.between, between), (crf.last, last)):
            own.copy_(torch.tensor(given).log())
    return crf


def test_a_case_by_hand() -> None:
    """Two words and the tags O, B, I; every score is the logarithm of a small integer.

    Weights of the nine paths, first word x transition x second word, with those of the first word
    (O 1, B 2, I 4), of the second (O 1, B 1, I 3) and 5 for B to I, 1 for every other:
    OO 1, OB 1, OI 3, BO 2, BB 2, BI 2 x 5 x 3 = 30, IO 4, IB 4, II 4 x 3 = 12; their sum is 59.
    """
    crf = crf_of([1.0, 1.0, 1.0], [[1.0, 1.0, 1.0], [1.0, 1.0, 5.0], [1.0, 1.0, 1.0]], [1.0] * 3)
    emissions = torch.tensor([[[1.0, 2.0, 4.0], [1.0, 1.0, 3.0]]]).log()
    mask = torch.ones(1, 2, dtype=torch.bool)
    assert crf.log_partition(emissions, mask).item() == pytest.approx(log(59))
    begun = torch.tensor([[1, 2]])
    assert crf(emissions, begun, mask).item() == pytest.approx(log(59 / 30))
    assert crf.decode(emissions, mask).tolist() == [[1, 2]]
    # Without the transition II weighs most, but no span may begin with I: OI may not either.
    plain = crf_of([1.0, 1.0, 1.0], [[1.0] * 3] * 3, [1.0] * 3)
    assert plain.log_partition(emissions, mask).item() == pytest.approx(log(7 * 5))
    assert plain.decode(emissions, mask).tolist() == [[1, 2]]
    inside = torch.tensor([[[9.0, 1.0, 8.0], [2.0, 1.0, 9.0]]]).log()
    # OI 81 and II 72 are illegal; of the others OO weighs 18 and BI 9.
    assert plain.decode(inside, mask).tolist() == [[0, 0]]


def legal(path: tuple[int, ...]) -> bool:
    return all(
        now == 0 or now % 2 or before in (now - 1, now) for before, now in pairwise((0, *path))
    )


@pytest.mark.parametrize("length", [1, 2, 4])
def test_forward_and_viterbi_are_those_of_all_paths(length: int) -> None:
    random = np.random.default_rng(length)
    first, last = random.normal(size=(2, 5))
    between, emissions = random.normal(size=(5, 5)), 2 * random.normal(size=(length, 5))
    scores = {
        path: first[path[0]]
        + last[path[-1]]
        + sum(emissions[place, tag] for place, tag in enumerate(path))
        + sum(between[pair] for pair in pairwise(path))
        for path in product(range(5), repeat=length)
    }
    crf = crf_of(np.exp(first).tolist(), np.exp(between).tolist(), np.exp(last).tolist())
    # A longer text beside it, so that it is padded.
    batch = torch.zeros(2, 6, 5)
    batch[0, :length] = torch.from_numpy(emissions)
    mask = torch.arange(6) < torch.tensor([length, 6])[:, None]
    total = np.logaddexp.reduce(list(scores.values()))
    assert crf.log_partition(batch, mask)[0].item() == pytest.approx(total, abs=1e-4)
    gold = max(scores, key=lambda path: -scores[path])
    tags = torch.zeros(2, 6, dtype=torch.int64)
    tags[0, :length] = torch.tensor(gold)
    assert crf(batch, tags, mask)[0].item() == pytest.approx(total - scores[gold], abs=1e-4)
    best = max(filter(legal, scores), key=lambda path: scores[path])
    assert tuple(crf.decode(batch, mask)[0, :length].tolist()) == best


TYPES = ("job", "status")


def test_spans_become_tags_of_words_and_spans_again() -> None:
    text = "The bus driver, unemployed since May: nurse nurse."
    spans = (Span(4, 14, "job"), Span(16, 26, "status"), Span(38, 43, "job"), Span(44, 49, "job"))
    words = words_of(text)
    tags = tags_of(words, spans, TYPES)
    assert tags == [0, 1, 2, 0, 3, 0, 0, 0, 1, 1, 0]
    assert spans_of(words, tags, TYPES) == spans
    # Of overlapping spans the longest stays, and a part of a word stands for the word.
    assert tags_of(words, [*spans, Span(8, 14, "status")], TYPES) == tags
    assert spans_of(words, tags_of(words, [Span(5, 6, "job")], TYPES), TYPES) == (
        Span(4, 7, "job"),
    )
    assert words_of("") == [(0, 0)]
    assert spans_of([(0, 0)], [1], TYPES) == ()


@pytest.fixture(scope="module")
def task() -> TaggingTask:
    found = tasks.find("profner")
    drawn = found.draw(found.load(None), seed=1, sizes=Sizes(64, 24, 24)).training
    assert isinstance(drawn, TaggingTask)
    return drawn


@pytest.mark.parametrize("method", [JointRnn, JointEncoder])
def test_twins_learn_one_task_each_and_their_losses_make_the_joint_one(
    method: type[JointRnn | JointEncoder], task: TaggingTask, backbone: Backbone
) -> None:
    made = {}
    for variant in ("default", "label-only", "tags-only"):
        settings = replace(method.settings_for(variant, "smoke", kind="tagging"), epochs=0)
        made[variant] = method(settings).fit(task, backbone, seed=3, progress=silent)
    found = {variant: fitted.read(task.valid.texts) for variant, fitted in made.items()}
    assert {v for v, f in found.items() if f.labels is not None} == {"default", "label-only"}
    assert {v for v, f in found.items() if f.spans is not None} == {"default", "tags-only"}
    joint = made["default"]
    sizes = {variant: fitted.trainable_parameters for variant, fitted in made.items()}
    assert sizes["label-only"] < sizes["default"] > sizes["tags-only"]
    first = np.arange(8)
    for fitted in made.values():
        fitted._losses(task.train)[1](first).backward()
        unused = [n for n, p in fitted._parts.named_parameters() if p.grad is None]
        assert unused == []
    losses, whole = [], dict(joint._parts.items())
    for left in ((), ("crf", "emissions"), ("label",)):
        joint._parts = torch.nn.ModuleDict({k: v for k, v in whole.items() if k not in left})
        losses.append(joint._losses(task.train)[1](first).item())
    assert losses[0] == pytest.approx(losses[1] + losses[2], rel=1e-5)
    assert min(losses) > 0.1


def test_the_generated_task_is_learned(backbone: Backbone) -> None:
    """Words that name an occupation in one sentence and none in another, from 300 texts."""
    found = tasks.find("profner")
    draw = found.draw(found.load(None), seed=0, sizes=Sizes(300, 60, 100))
    settings = JointRnn.settings_for("tags-only", "smoke", kind="tagging")
    more = {"epochs": 16, "rate": 1e-2, "embedding": 32, "units": 32, "tag_units": 32}
    fitted = JointRnn(replace(settings, **more)).fit(
        draw.training, backbone, seed=0, progress=silent
    )
    spans = fitted.read(draw.evaluation.texts).spans
    assert spans is not None
    assert span_scores(spans, draw.evaluation.spans)["f1"] > 0.4


def test_an_interrupted_training_goes_on(
    task: TaggingTask, backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.training.steps.CHECKPOINT_STEPS", 1)
    settings = JointRnn.settings_for("default", "smoke", kind="tagging")
    whole = JointRnn(settings).fit(task, backbone, seed=3, progress=silent)

    def interrupt(done: int, total: int, **_: object) -> None:
        if done == 2:
            raise KeyboardInterrupt

    again = JointRnn(settings)
    again.checkpoint = tmp_path
    with pytest.raises(KeyboardInterrupt):
        again.fit(task, backbone, seed=3, progress=interrupt)
    assert list(tmp_path.iterdir())
    again = JointRnn(settings)
    again.checkpoint = tmp_path
    again.fit(task, backbone, seed=3, progress=silent)
    for name, tensor in whole._parts.state_dict().items():
        torch.testing.assert_close(again._parts.state_dict()[name], tensor)
    assert not tmp_path.exists()


def test_words_read_characters_and_the_rare_share_a_vector() -> None:
    reader = RecurrentReader(["nurse"], RecurrentSettings())
    (item,) = reader.items(["Nurse Ñandú nurse's"])
    numbers, letters = item.parts
    assert numbers.tolist() == [1, 0, 1, 0, 0]
    assert letters[0, 0] != letters[2, 0]
    assert letters[1, :5].tolist() == [1 + ord(c) for c in "Ñandú"]


def test_words_are_read_off_their_first_pieces(backbone: Backbone) -> None:
    """The tokenizer of tests cuts words into letters; a symbol that it drops makes no tag slip."""
    reader = PieceReader(backbone, 64)
    dropped = "a bus\x00 \u0007 stop"
    cut, kept, empty = reader.items(["ab " * 60, dropped, ""])
    assert [cut.words[0], cut.words[-1]] == [(0, 2), (90, 92)]
    assert cut.parts[1].tolist() == list(range(1, 63, 2))
    assert [dropped[b:e] for b, e in kept.words] == ["a", "bus", "stop"]
    assert kept.parts[1].tolist() == [1, 2, 5]
    assert (empty.words, empty.parts[1].tolist()) == ([(0, 0)], [0])
