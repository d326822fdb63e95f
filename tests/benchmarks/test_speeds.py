"""The file of speeds: whole comparisons alone, each beside those of other circumstances."""

from pathlib import Path

from benchmarks.speed.speeds import Speeds


def measured(value: str, reference: float, suite: float) -> Speeds:
    speeds = Speeds("precision", value)
    for what, unit in {"step": "s", "pass": "texts a second", "leakage": "share"}.items():
        line = speeds.line(what, unit)
        line.reference, line.suite = reference, suite
    return speeds


def test_ratio_says_how_many_times_better() -> None:
    table = measured("float32", 8.0, 2.0).table().set_index("what")
    assert list(table.loc[["step", "pass", "leakage"], "ratio"]) == ["4", "0.25", ""]


def test_half_a_comparison_is_not_stored() -> None:
    speeds = Speeds("precision", "float32")
    speeds.line("reference alone", "s").reference = 8.0
    speeds.line("suite alone", "s").suite = 2.0
    assert speeds.table().empty


def test_new_lines_take_the_place_of_the_same_ones_alone(tmp_path: Path) -> None:
    path = tmp_path / "speed.csv"
    for value in ("float32", "bfloat16"):
        table = measured(value, 8.0, 2.0).beside(path)
        table.to_csv(path, index=False)
    again = Speeds("precision", "bfloat16")
    again.line("step", "s").reference = 8.0
    again.line("step", "s").suite = 1.0
    again.line("pass", "texts a second").suite = 1.0
    found = again.beside(path).set_index(["precision", "what"])["ratio"].to_dict()
    assert found == {
        ("bfloat16", "step"): "8",
        ("bfloat16", "pass"): "0.25",
        ("bfloat16", "leakage"): "",
        ("float32", "step"): "4",
        ("float32", "pass"): "0.25",
        ("float32", "leakage"): "",
    }
