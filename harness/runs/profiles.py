"""Profiles: how much runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from data.errors import UnknownNameError


@dataclass(frozen=True)
class Profile:
    """A named amount of work.

    Attributes
    ----------
    name : also the folder under `results/`, and what a method's settings are asked for.
    summary : one line for help.
    backbone : the name that `harness.encoders.backbones.resolve` takes.
    tasks : names, in the order of the tables.
    seeds : trials of each method on each task.
    headline : the methods that this holds for, in their order; the others run with the first seed
        on the first task they take. Empty for all.
    others : the methods that run besides, so that the work stays the same however many there are.
        Empty for all.
    task_seeds : task to its seeds, where they are not `seeds`.
    more_seeds : task to methods that run there with more seeds than the others, and how many.
    left_out : task to methods that take it and run there only where they are named.
    rows : (train, valid, evaluation per cell), or None for the task's own sizes.
    study_tasks : the tasks, at most one of each kind, on which the methods' own studies of their
        variants run.
    dial_tasks, dial_methods : tasks on which the dials of these methods are turned.
    sweep_task : the task on which the correlation is varied.
    sweep : its correlations besides the task's own, run with the first seed.
    sweep_methods : the methods in the sweep; empty for all.
    more_variants : method to the variants that run wherever it does, besides its own main ones.
    all_variants : whether methods run in all their variants or in `default` alone.
    control_variants : whether controls run in all of theirs, wherever they run.
    real_data : whether a data folder is needed.
    smaller : the profile whose backbone is the smaller one: where both have results, tables and a
        figure stand the two side by side, and what this one costs is guessed from it.
    """

    name: str
    summary: str
    backbone: str
    tasks: tuple[str, ...]
    seeds: int
    headline: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    rows: tuple[int, int, int] | None = None
    task_seeds: Mapping[str, int] = field(default_factory=dict)
    more_seeds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    study_tasks: tuple[str, ...] = ()
    dial_tasks: tuple[str, ...] = ()
    dial_methods: tuple[str, ...] = ()
    sweep_task: str = "movies"
    sweep: tuple[float, ...] = ()
    sweep_methods: tuple[str, ...] = ()
    more_variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    all_variants: bool = False
    control_variants: bool = False
    real_data: bool = False
    smaller: str = ""

    def seeds_of(self, task: str, *methods: str) -> int:
        """Trials of each method on a task; of methods, the seeds that all of these have."""
        usual, more = self.task_seeds.get(task, self.seeds), self.more_seeds.get(task, {})
        return min((more.get(method, usual) for method in methods), default=usual)


MAIN_METHODS = (
    "untuned",
    "masked-weights",
    "masked-units",
    "finetuned",
    "adversarial",
    "leace",
    "drlst-backbone",
)
"""One of each kind: what the sweeps over correlations compare on real data."""

CLAIMED = ("untuned", "readout", *MAIN_METHODS[1:], "drlst", "drlst-seq2seq")
"""What the first paper's claims are about on tasks with labels, and what masks must beat there."""

LABELLED_TASKS = ("movies", "tweets", "tweets-davidson")
"""The real corpora that have two labels a text."""

LANGUAGE_TASKS = ("captions-lm", "ptb-lm", "ptb-full-lm", "yelp-lm")
"""The real corpora that models of texts learn."""

OTHER_TASKS = (
    "dsentences-factors",
    *("captions-responses", "dialogue"),
    *("relations-fewrel", "relations-semeval", "relations-generated"),
    "profner",
)
"""One task of each neighbour of the second paper, or several."""

SPARSE = ("hsvae", "mat-vae", "text-hsvae", "text-mat-vae")
"""Text VAEs that switch latents off."""

LABELLED = (*SPARSE, "discrete-vae")
"""They are compared where texts have a label that a gate or a category could carry."""

STANDARD = Profile(
    name="standard",
    summary="real corpora under the packaged MiniLM, three to five seeds; days on two cores",
    backbone="minilm",
    tasks=(*LABELLED_TASKS, "syntax", *LANGUAGE_TASKS, *OTHER_TASKS),
    seeds=3,
    task_seeds={"dsentences-factors": 5},
    # The last two have a claim about their spread over seeds, which three cannot decide.
    more_seeds={
        **dict.fromkeys(LABELLED_TASKS, dict.fromkeys(CLAIMED, 5)),
        "yelp-lm": {"hsvae": 5, "mat-vae": 5},
    },
    left_out={
        "captions-lm": LABELLED,
        "ptb-lm": LABELLED,
        "ptb-full-lm": (*LABELLED, "drlst-text"),
        # Rivals at equal capacity are variants of `joint-vae`.
        "dsentences-factors": (
            *(*SPARSE, "drlst"),
            *("text-vae", "lstm-vae", "lstm-lm", "decoder-lm"),
        ),
    },
    # From scratch, they are half trained by the epochs that finetuning takes; sparse VAEs weigh the
    # KL so little.
    more_variants={"lstm-lm": ("converged",), "lstm-vae": ("converged", "weight-0.01")},
    study_tasks=("movies", "syntax", "captions-lm", "relations-fewrel"),
    dial_tasks=("movies", "tweets-davidson"),
    dial_methods=(
        *("leace", "inlp", "alf-qleace"),
        *("masked-weights", "masked-units", "adversarial"),
    ),
    sweep=(0.5, 0.7, 0.95),
    sweep_methods=MAIN_METHODS,
    control_variants=True,
    real_data=True,
)

PROFILES = (
    Profile(
        name="smoke",
        summary="for tests: a random two-layer backbone, a few rows, one seed",
        backbone="random-bert",
        tasks=("movies",),
        seeds=1,
        rows=(96, 32, 30),
    ),
    Profile(
        name="quick",
        summary="embedded corpora under the packaged MiniLM; ten to forty minutes on two cores",
        backbone="minilm",
        tasks=("movies", "tweets", "syntax", "captions-lm"),
        seeds=1,
        headline=("untuned", "masked-weights", "finetuned"),
        others=(
            *("readout", "tfidf", "leace", "leace-random-r", "leace-pca-r"),
            *("readout-finetuned", "random-masks", "complement"),
            *("masked-units", "adversarial", "drlst-backbone"),
            *("vgvae", "text-vae", "lstm-vae", "lstm-lm", "decoder-lm"),
        ),
    ),
    STANDARD,
    replace(
        STANDARD,
        name="paper",
        summary="real corpora under BERT-base, all variants, five seeds; needs a GPU",
        backbone="bert-base-uncased",
        seeds=5,
        more_seeds={},
        all_variants=True,
    ),
    Profile(
        name="base",
        summary="real corpora under the packaged MPNet, of BERT's base size, three seeds",
        backbone="mpnet",
        tasks=("movies", "tweets-davidson", "tweets", "syntax"),
        seeds=3,
        # Beside one of each kind: the read-out that any of them has to beat, and the two erasers
        # that come next to LEACE in distance to the optimum under `standard`.
        others=("untuned", "readout", *MAIN_METHODS[1:], "inlp", "rlace"),
        # The paper masks the last nine of twelve layers; our default is the last three or four.
        more_variants=dict.fromkeys(("masked-weights", "masked-units"), ("layers-9",)),
        real_data=True,
        smaller="standard",
    ),
)


def find(name: str) -> Profile:
    """The profile of that name; UnknownNameError where there is none."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    raise UnknownNameError("profile", name, [profile.name for profile in PROFILES])
