import pytest

from metier.data.skillspan import TaggedSentence
from metier.errors import InputError, ModelError
from metier.evaluation.tagging import evaluate_tagging
from metier.tagging import datastore_tuning
from metier.tagging.datastore import Datastore, Vote
from metier.tagging.datastore_build import build_datastore
from metier.tagging.datastore_tuning import Trial, Tuning, tune_datastore
from metier.tagging.nearest import NearestTagger
from metier.tagging.tagger import NeuralTagger

pytest.importorskip("faiss")

WORDS = [f"{a}{b}" for a in "kms" for b in "aeiou"]
TRAINING = [
    TaggedSentence(
        tuple(WORDS[i : i + 4]),
        ("B", "O", "O", "B") if i % 2 else ("O", "O", "B", "I"),
        None if i == 3 else ("O", "B", "O", "O"),
    )
    for i in range(10)
]
DEV = [TaggedSentence((*some.words[:3], "zz"), some.skill, some.knowledge) for some in TRAINING]


@pytest.fixture(scope="module")
def tagger(tiny_tagger):
    return NeuralTagger.load(tiny_tagger, threads=1)


@pytest.fixture
def small_grid(monkeypatch):
    monkeypatch.setattr(datastore_tuning, "NEIGHBOURS", (1, 5))
    monkeypatch.setattr(datastore_tuning, "TEMPERATURES", (0.1, 1.0))
    monkeypatch.setattr(datastore_tuning, "WEIGHTS", (0.3, 0.9))


def test_every_trial_has_the_f1_that_evaluation_gives(tagger, small_grid):
    store = build_datastore(tagger, {"one": TRAINING}, n_kept=8)
    tuning = tune_datastore(tagger, store, DEV)
    assert len(tuning.trials) == 1 + 2 * 2 * 2
    for trial in tuning.trials:
        store.vote = trial.vote
        report = evaluate_tagging(NearestTagger(tagger, store), DEV, n_resamples=2)
        assert trial.f1 == pytest.approx(report.layers["pooled"].strict.f1), trial
    alone = evaluate_tagging(tagger, DEV, n_resamples=2)
    assert tuning.alone == pytest.approx(alone.layers["pooled"].strict.f1)
    assert tuning.best.f1 > tuning.alone


def test_the_store_itself_is_not_changed(tagger, small_grid):
    store = build_datastore(tagger, {"one": TRAINING}, n_kept=8)
    before, told = store.version, []
    tune_datastore(tagger, store, DEV, on_setting=lambda: told.append(1))
    assert store.version == before
    assert len(told) == 4


def test_of_equals_the_one_with_least_weight_and_fewest_neighbours_is_best():
    votes = [(8, 0.5, 0.7), (8, 0.3, 0.7), (4, 0.3, 0.7), (4, 0.3, 0.6)]
    trials = [Trial(Vote(n_neighbours=k, temperature=1.0, weight=weight), f1) for k, weight, f1 in votes]
    assert Tuning(0.5, tuple(trials)).best is trials[2]


def test_no_vote_is_best_where_none_helps():
    none = Trial(Vote(weight=0.0), 0.6)
    assert Tuning(0.6, (Trial(Vote(weight=0.1), 0.6), none)).best is none


def test_an_empty_store_changes_nothing(tagger, small_grid):
    tuning = tune_datastore(tagger, build_datastore(tagger, {}), DEV)
    assert {trial.f1 for trial in tuning.trials} == {tuning.alone}
    assert tuning.best.vote.weight == 0.0


def test_nothing_to_tune_on_and_another_taggers_store_are_refused(tagger):
    with pytest.raises(InputError, match="no sentence with words"):
        tune_datastore(tagger, build_datastore(tagger, {}), [TaggedSentence((), (), ())])
    with pytest.raises(ModelError, match="was built for the tagger"):
        tune_datastore(tagger, Datastore("other@12345678", {}), DEV)
