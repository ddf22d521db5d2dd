import json
from dataclasses import replace

import numpy as np
import pytest

from metier.artifacts import read_artifact, write_artifact
from metier.data.kompetencer import CLASSES
from metier.data.skillspan import TaggedSentence, skillspan_row
from metier.errors import ConfigError, ModelError
from metier.linking.group_features import N_BUCKETS, letter_runs
from metier.linking.groups import GroupClassifier, rounded
from metier.training.group_folds import cross_validate_danish
from metier.training.groups import GroupConfig, adapted_head, deal_folds, read_examples, subset, train_groups
from metier.training.softmax_regression import fit_softmax

ENGLISH = [("python", "K06"), ("sql", "K06"), ("c++", "K06"), ("manage a team", "S4"), ("lead teams", "S4")]
ENGLISH += [("bake bread", "S6"), ("bake cakes", "S6"), ("wound care", "S3"), ("care for wounds", "S3")]
DANISH = [("samarbejde", "S1"), ("samarbejder", "S1"), ("godt samarbejde", "S1"), ("edb", "K06")]
DANISH += [("robust", "A1"), ("mødestabil 👍", "A1"), ("stabil", "A1"), ("arbejdsom", "A1"), ("stabil", "A1")]


@pytest.fixture(scope="module")
def kompetencer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kompetencer")
    files = {"1_en_train.tsv": ENGLISH, "3_en_dev.tsv": ENGLISH[::2], "2_da_train.tsv": DANISH}
    for name, rows in files.items():
        (folder / name).write_text("".join(f"{text}\t{code}\n" for text, code in rows), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def config(tiny_linker):
    linker, taxonomy = map(str, tiny_linker)
    return GroupConfig(linker=linker, taxonomy=taxonomy, weight_decay=0.1, iterations=50, adapted_decays=(0.1, 1.0))


@pytest.fixture(scope="module")
def folder(config, kompetencer, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "groups"
    train_groups(config, data=kompetencer, output=output, threads=1)
    return output


@pytest.fixture(scope="module")
def classifier(folder):
    return GroupClassifier.load(folder, threads=1)


def test_what_was_trained_on_is_known_again(classifier):
    choices = classifier.classify([text for text, _ in ENGLISH], language="en")
    assert [choice.code for choice in choices] == [code for _, code in ENGLISH]
    assert all(1 / len(CLASSES) < choice.probability <= 1 for choice in choices)
    danish = classifier.classify([text for text, _ in DANISH], language="da")
    assert [choice.code for choice in danish] == [code for _, code in DANISH]


def test_other_spans_in_the_call_change_nothing(classifier):
    texts = ["python", "bake a cake", "", "👩‍🔧 naïve C#"]
    assert [classifier.classify([text])[0] for text in texts] == classifier.classify(texts)
    assert classifier.classify([]) == []


def test_a_language_without_a_head_is_read_by_its_meaning(classifier):
    assert classifier.classify(["python"], language="nl")[0].code in CLASSES
    assert sorted(classifier.heads) == ["da", "en", "other"]
    dense = len(classifier.heads["other"]) - N_BUCKETS - 1
    assert not classifier.heads["other"][dense:-1].any()
    assert not classifier.heads["other"][classifier.reader.searched_columns()].any()


def test_the_record_says_what_made_the_model(folder):
    record = json.loads((folder / "record.json").read_text())
    assert sorted(record["data_sha256"]) == ["1_en_train.tsv", "2_da_train.tsv", "3_en_dev.tsv"]
    assert record["measures"]["dev"]["weighted_f1"] == 1
    assert record["measures"]["sentences_found"] == [0, 0]
    assert read_artifact(folder, kind="groups").settings["encoder_sha256"] == "e" * 64


def test_a_linker_with_another_encoder_is_refused(folder, tiny_linker, tmp_path):
    settings = {**read_artifact(folder, kind="groups").settings, "encoder_sha256": "f" * 64}
    files = {"heads.npz": (folder / "heads.npz").read_bytes()}
    write_artifact(tmp_path / "groups", kind="groups", settings=settings, files=files)
    with pytest.raises(ModelError, match=r"was trained with the encoder f{12}…, and the linker .* has e{12}…"):
        GroupClassifier.load(tmp_path / "groups", linker=tiny_linker[0], threads=1)


def test_training_again_gives_the_same_bytes(config, kompetencer, folder, tmp_path):
    train_groups(config, data=kompetencer, output=tmp_path / "again", threads=1)
    first, second = (read_artifact(path, kind="groups").sha256 for path in (folder, tmp_path / "again"))
    assert first == second


def test_sentences_are_asked_for_where_the_configuration_looks_at_them(config, kompetencer, tmp_path):
    with pytest.raises(ConfigError, match="--skillspan"):
        train_groups(replace(config, context=True), data=kompetencer, output=tmp_path / "groups")


def test_with_sentences_the_gain_is_measured(config, kompetencer, tmp_path):
    rows = [
        TaggedSentence(
            (*text.split(), "please"), ("B", *"I" * text.count(" "), "O"), ("O",) * (text.count(" ") + 2), "1"
        )
        for text, _ in ENGLISH
    ]
    for split in ("train", "dev"):
        lines = [json.dumps(skillspan_row(row)) for row in (rows if split == "train" else rows[:1])]
        (tmp_path / f"{split}.json").write_text("\n".join(lines))
    measures = train_groups(
        replace(config, context=True), data=kompetencer, output=tmp_path / "groups", skillspan=tmp_path, threads=1
    )
    assert measures["sentences_found"][0] == len(ENGLISH)
    assert measures["context"]["n"] == 2
    loaded = GroupClassifier.load(tmp_path / "groups", threads=1)
    assert loaded.classify(["python"], sentences=["python please"]) != loaded.classify(["python"])


def test_cross_validation_guesses_every_span_for_every_seed(classifier, folder, kompetencer):
    steps = []
    gold, guesses = cross_validate_danish(
        classifier, folder=folder, data=kompetencer, n_seeds=2, advance=lambda: steps.append(1)
    )
    assert gold == [code for _, code in DANISH]
    assert len(steps) == 2 * 5
    assert sorted(guesses) == ["alone", "few_shot", "majority", "zero_shot"]
    assert all(
        len(guessed) == len(DANISH) and set(guessed) <= set(CLASSES) for one in guesses.values() for guessed in one
    )
    assert guesses["zero_shot"][0] == guesses["zero_shot"][1]


def test_folds_keep_equal_texts_together_and_deal_classes_evenly():
    texts = [*map(str, range(20)), "Same", "same"]
    codes = ["S1"] * 10 + ["S2"] * 10 + ["S3"] * 2
    folds = deal_folds(texts, codes, n_folds=5, seed=1)
    assert folds[-1] == folds[-2]
    assert [sorted(folds[start : start + 10]) for start in (0, 10)] == [[0, 0, 1, 1, 2, 2, 3, 3, 4, 4]] * 2
    assert (deal_folds(texts, codes, n_folds=5, seed=1) == folds).all()
    assert (deal_folds(texts, codes, n_folds=5, seed=2) != folds).any()


def test_a_head_hardly_moves_under_a_heavy_decay(config, classifier, kompetencer):
    from metier.data.kompetencer import group_file, read_groups

    rows = read_groups(group_file(kompetencer, language="da", split="train"))
    examples = read_examples(classifier.reader, rows, [None] * len(rows), language="da")
    prior = classifier.heads["other"]
    head, decay = adapted_head(replace(config, adapted_decays=(1e9,)), examples, prior=prior)
    assert decay == 1e9
    assert np.abs(head - prior).max() < 1e-4
    one = subset(examples, np.arange(len(rows)) == 0)
    assert adapted_head(config, one, prior=None)[0].shape == prior.shape


def test_weights_are_those_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    generator = np.random.default_rng(0)
    rows, classes = generator.normal(size=(60, 4)), generator.integers(0, 3, size=60)
    ours = fit_softmax([rows[:, :1], rows[:, 1:]], classes, n_classes=3, decay=0.5, iterations=500)
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-8, max_iter=1000).fit(rows, classes)
    assert ours == pytest.approx(theirs.coef_.T, abs=1e-3)


def test_an_offset_is_part_of_the_scores():
    rows, classes = np.eye(2), np.array([0, 1])
    offset = np.array([[9.0, 0.0], [0.0, 9.0]])  # right already: hardly anything is left to learn
    assert np.abs(fit_softmax([rows], classes, n_classes=2, decay=1.0, iterations=50, offset=offset)).max() < 1e-3
    assert np.abs(fit_softmax([rows], classes, n_classes=2, decay=1.0, iterations=50)).max() > 0.1


def test_letter_runs_are_of_one_length_and_the_same_for_any_case():
    buckets, values = letter_runs("Bake Bread")
    assert len(set(buckets.tolist())) == len(buckets)
    assert (letter_runs("bake bread")[1] == values).all()
    assert buckets.max() < N_BUCKETS
    assert len(letter_runs("")[0]) == 0


def test_weights_are_rounded_as_they_are_kept():
    assert rounded(np.array([1 / 3])) == np.float32(np.float16(1 / 3))
