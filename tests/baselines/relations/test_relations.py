"""Relations without labels: what is read, what links are, and which terms the loss has."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.relations.latent_class import DiscreteStateVae, RelationVae
from baselines.relations.links import links_by_number, links_by_words, recurrence
from baselines.relations.model import BilinearDecoder, ConvolvedDecoder
from data import tasks
from data.mentions import MentionDraw, Mentions, MentionTask
from data.quotas import Sizes
from harness.contract.clusterer import Clusterer
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import tokenise
from harness.encoders.spans import span_vectors
from harness.evaluation.clusters import agreement
from harness.runs import discovery
from harness.system.progress import silent

ROWS = Mentions(
    ("Ada saw Rome .", "in Oslo lives Bo", "Cy likes Kyiv"),
    (((0, 3), (8, 12)), ((14, 16), (3, 7)), ((0, 2), (9, 13))),
    (("a", "r"), ("b", "o"), ("c", "k")),
)


@pytest.fixture(scope="module")
def draw() -> MentionDraw:
    task = tasks.find("relations-generated")
    return task.draw(task.load(None), seed=0, sizes=Sizes(400, 60, 200))


def fitted(method: type[Clusterer], task: MentionTask, backbone: Backbone, **changes: object):
    settings = replace(method.settings_for("default", "smoke", kind="clusters"), **changes)
    return method(settings).fit(task, backbone, seed=1, progress=silent)


def test_spans_are_means_of_their_tokens(backbone: Backbone) -> None:
    text, spans = ROWS.texts[0], [ROWS.spans[0][0], (4, 4)]
    found = span_vectors(backbone, [text], [spans], 64).reshape(2, -1)
    ids, mask = tokenise(backbone, [text], 64).batch(np.array([0]))
    states = backbone.model(input_ids=ids, attention_mask=mask).last_hidden_state[0]
    # The tokenizer knows single letters: three of them behind the special one.
    assert np.allclose(found[0], states[1:4].mean(0).float().numpy(), atol=0.05)
    assert np.allclose(found[1], states.mean(0).float().numpy(), atol=0.05)


def test_negatives_follow_a_power_of_the_training_frequency() -> None:
    train = [("a", "x")] * 16 + [("b", "y")]
    links = links_by_number(train, [("c", "y")])
    assert links.ends[:, -1].tolist() == [0, links.ends[1, 16].item()]
    heads, tails = links.negatives(2000, 5, np.random.default_rng(0))
    count = Counter(heads.ravel().tolist())
    assert set(count) == set(links.ends[0, :17].tolist())
    assert count[1] / count[2] == pytest.approx(8, rel=0.1)
    assert set(tails.ravel().tolist()) == set(links.ends[1, :17].tolist())
    assert recurrence(train, [("a", "y"), ("c", "y")]) == 0.5


def test_equal_words_are_one_entity() -> None:
    links = links_by_words(np.array([[1, 2], [3, 1], [1, 2]], np.float32), 2)
    assert links.ends.tolist() == [[0, 2, 0], [1, 0, 1]]
    assert links.table.shape == (3, 1)


def test_the_released_decoder_adds_the_same_to_a_link_and_its_negatives() -> None:
    """So z can tell no link from another; with a rectifier behind the filters it can."""
    torch.manual_seed(0)
    heads, tails = torch.randn(2, 3, 4, 6)
    given = torch.randn(2, 3, 5)
    shifts = {}
    for rectified in (False, True):
        decoder = ConvolvedDecoder(5, 7, 6, rectified)
        shift = decoder(heads, tails, given[0]) - decoder(heads, tails, given[1])
        shift = shift.detach()
        shifts[rectified] = float(shift.std(dim=1).max())
    assert shifts[False] < 1e-5 < 1e-3 < shifts[True]


def test_the_convolution_is_that_of_the_paper() -> None:
    torch.manual_seed(0)
    decoder = ConvolvedDecoder(5, 7, 6, False)
    heads, tails, given = torch.randn(3, 1, 6), torch.randn(3, 1, 6), torch.randn(3, 5)
    filters = torch.stack([decoder.upper.weight, decoder.lower.weight], dim=1)[:, None]
    stacked = torch.stack([heads[:, 0], decoder.relation(given), tails[:, 0]], dim=1)[:, None]
    convolved = torch.nn.functional.conv2d(stacked, filters, decoder.upper.bias)
    wanted = decoder.out(convolved.mean(dim=2)[..., 0])
    assert torch.allclose(decoder(heads, tails, given)[:, 0], wanted, atol=1e-5)


def test_the_bilinear_decoder_is_rescal_with_preferences() -> None:
    torch.manual_seed(0)
    decoder = BilinearDecoder(3, 2)
    head, tail = torch.randn(2), torch.randn(2)
    found = decoder(head[None, None], tail[None, None], torch.zeros(1, 0))[0, 0]
    product = torch.einsum("i,rij,j->r", head, decoder.product.weight, tail)
    assert torch.allclose(found, product + decoder.preferences.weight @ torch.cat([head, tail]))


def loss(method, **changes: float) -> float:
    """Of the same networks on the same three rows, under other settings."""
    torch.manual_seed(0)
    method.settings = replace(method.settings, **changes)
    links = links_by_number(list(ROWS.ids), [])
    rows = torch.linspace(-1, 1, 3 * 96).view(3, 96)
    others = torch.tensor([[[2, 3], [1, 3], [1, 2]], [[4, 5], [4, 6], [4, 5]]])
    found, measured = method._loss(rows, links, (np.arange(3), others))
    return float(found.detach()), {name: float(value) for name, value in measured.items()}


def test_the_loss_raises_the_entropy_and_the_skewed_one_lowers_it(
    draw: MentionDraw, backbone: Backbone
) -> None:
    method = fitted(RelationVae, draw.training, backbone, negatives=2, links="entities")
    plain, measured = loss(method, entropy=0.0, kl=0.0)
    assert loss(method, entropy=1.0)[0] == pytest.approx(
        plain - measured["class_entropy"], abs=1e-4
    )
    assert loss(method, entropy=0.0, kl=2.0)[0] == pytest.approx(
        plain + 2 * measured["latent_kl"], abs=1e-4
    )
    assert 0 < measured["class_entropy"] <= np.log(10)
    # No relation is told from another yet, so a link is nearly a coin flip: log 2 nats.
    assert plain == pytest.approx(np.log(2), abs=0.2)


def test_links_go_by_entities_where_they_recur_and_by_words_where_not(
    draw: MentionDraw, backbone: Backbone
) -> None:
    task = draw.training
    once = [
        replace(r, ids=tuple((f"{t}h", f"{t}t") for t in r.texts)) for r in (task.train, task.valid)
    ]
    for rows, kind in ((task, torch.nn.Embedding), (MentionTask("once", *once), torch.nn.Linear)):
        method = fitted(DiscreteStateVae, rows, backbone)
        assert isinstance(method.learned()["model"]["entities"], kind)
        share = {score.metric: score.value for score in method.scores()}["recurring_entities"]
        assert share == (kind is torch.nn.Embedding)


def test_types_are_refused_where_there_are_none(draw: MentionDraw) -> None:
    method = RelationVae(RelationVae.settings_for("types"))
    assert method.supports(draw.training) is None
    untyped = replace(draw.training, train=replace(draw.training.train, types=()))
    assert "no types" in str(method.supports(untyped))


def test_controls_tell_what_they_must(draw: MentionDraw, backbone: Backbone) -> None:
    """One cluster has all of recall, random ones tell nothing, types tell pairs of types."""
    found = {}
    for name, changes in (
        ("one-cluster", {}),
        ("random-clusters", {}),
        ("entity-only", {"reads": "types"}),
    ):
        method = fitted(discovery.load(name), draw.training, backbone, **changes)
        scores = agreement(method.clusters(draw.evaluation), draw.gold)
        found[name] = {score.metric: score.value for score in scores}
    assert found["one-cluster"]["b_cubed_recall"] == 1
    assert found["one-cluster"]["v_measure"] == 0
    assert abs(found["random-clusters"]["adjusted_rand"]) < 0.05
    types = found["entity-only"]
    assert (types["clusters_used"], types["completeness"]) == (4, 1)
    # Two relations share each pair of types.
    assert types["b_cubed_precision"] == pytest.approx(0.5, abs=0.02)
