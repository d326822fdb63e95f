"""Model cards say what the records say, for what learned something."""

import re
from dataclasses import replace

from made_records import made_record, stored, usual_records

from harness.analysis.metrics import Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs.report.cards import write_cards
from harness.outputs.tables.cells import interval_text

MOVIES = Condition("movies", 0.85, "minilm")


def cards(folder, records):
    paths = write_cards(stored(folder, records), "quick")
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def without_learning(record):
    kept = tuple(s for s in record.scores if s.metric != "trainable_parameters")
    return replace(record, scores=(*kept, Score("trainable_parameters", 0.0)))


def test_what_learned_something_has_a_card(tmp_path):
    records = [
        *usual_records(2),
        *(without_learning(made_record("leace", seed=s)) for s in range(2)),
        made_record("inlp", status="failed", reason="ValueError: nan"),
        made_record("masked-weights", variant="sparsity-0.9"),
    ]
    found = cards(tmp_path, records)
    assert set(found) == {"untuned", "adversarial", "masked-weights"}


def test_a_card_holds_the_numbers_of_its_records(tmp_path):
    found = cards(tmp_path, usual_records(3))["masked-weights"]
    scores = ProfileScores.read(tmp_path, "quick").at(MOVIES)
    (method_variant,) = (c for c in scores.method_variants if c.method == "masked-weights")
    for aspect in ("genre", "sentiment"):
        metric = scores.leakage(aspect, "linear")
        value = interval_text(scores.interval(method_variant, metric))
        assert f"| {aspect}: leakage, linear ↓ (chance .500) | {value} |" in found
    assert "| numbers trained | 1,234,567 |" in found
    keys = {record.key for _, record in scores.trials[method_variant].items()}
    assert set(re.findall(r"masked-weights/([0-9a-f]{20})\.json", found)) == keys
    assert "--task movies --method masked-weights" in found
    assert "Apache-2.0" in found
    assert "One seed" not in found


def test_a_card_says_what_leaks_and_what_is_kept(tmp_path):
    found = cards(tmp_path, usual_records(3))
    parts = re.split(r"^## (.*)\n", found["masked-weights"], flags=re.MULTILINE)[1:]
    parts = dict(zip(parts[::2], parts[1::2], strict=True))
    scores = ProfileScores.read(tmp_path, "quick").at(MOVIES)
    method_variant = MethodVariant("masked-weights")
    for aspect in ("genre", "sentiment"):
        metric = scores.leakage(aspect, "strongest")
        value = interval_text(scores.interval(method_variant, metric))
        row = f"| {aspect}: leakage, strongest ↓ (chance .500) | {value} |"
        assert row in parts["What leaks"]
        rank = Metric.mean([MetricKey("effective_rank", aspect)])
        value = interval_text(scores.interval(method_variant, rank), 1)
        row = f"| {aspect}: kept, effective rank ↑ | {value}‡ |"
        assert row in parts["What is kept"]
    assert "other factors, topic ↑" in parts["What is kept"]
    assert "leakage" not in parts["How good it is"]
    assert "‡ Some representation is nearly one number" in found["masked-weights"]
    assert "‡" not in found["adversarial"]


def test_limits_are_those_of_the_trials(tmp_path):
    warned = replace(made_record("inlp"), warnings=("linear leakage lies below chance",))
    records = [
        *usual_records(2),
        warned,
        *(made_record("oracle", seed=s, balanced=True) for s in range(2)),
        *(made_record("readout", seed=s, control=True) for s in range(2)),
    ]
    found = cards(tmp_path, records)
    assert "- linear leakage lies below chance" in found["inlp"]
    assert "One seed: how much another would differ is not known." in found["inlp"]
    assert "Seeds 1: missing (not run)." in found["inlp"]
    assert "An upper bound" in found["oracle"]
    assert "A control" in found["readout"]
    assert "A control" not in found["inlp"]
    assert "85% of the rows lie in the majority cells" in found["oracle"]


def test_names_from_a_users_file_break_no_row(tmp_path):
    """Names of classes and columns may hold what Markdown reads as the end of a cell."""
    aspects = {"tone|mood": ("up|down", "*flat*"), "topic_": ("a", "b")}
    found = cards(tmp_path, [made_record("leace", seed=s, aspects=aspects) for s in (0, 1)])
    rows = [line for line in found["leace"].splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", row)) - 1 for row in rows}
    assert widths == {2, 3}
    assert r"| classes | tone\|mood: up\|down, \*flat\*; topic\_: a, b |" in found["leace"]
    assert any(row.startswith(r"| tone\|mood: leakage, linear") for row in rows)


def test_cards_follow_the_records(tmp_path):
    stored(tmp_path, usual_records(1))
    first = {path: path.read_bytes() for path in write_cards(tmp_path, "quick")}
    stale = tmp_path / "quick" / "cards" / "movies" / "gone.md"
    stale.write_text("old")
    second = {path: path.read_bytes() for path in write_cards(tmp_path, "quick")}
    assert first == second
    assert not stale.exists()
