import json
import random
from dataclasses import replace

import numpy as np
import pytest

from metier.artifacts import read_artifact
from metier.data.skillspan import TaggedSentence, read_skillspan
from metier.errors import ConfigError, InputError, ModelError
from metier.nn.wordpieces import WordPieces
from metier.tagging.tagger import NeuralTagger
from metier.training.export import export_model
from metier.training.tagged_examples import epoch_batches, examples_of
from metier.training.tagger import TaggerConfig, train_tagger
from metier.training.tagger_folder import average_taggers, join_taggers

TOOLS, TASKS = ("Python", "SQL", "C++", "nursing"), ("lead teams", "care for patients", "write tests")


def row(number):
    """A made-up sentence that names a tool and a task."""
    tool, task = TOOLS[number % 4], TASKS[number % 3].split()
    words = ["You", *task, "and", "know", tool, ".", *["really"] * (number % 5)]
    skill = ["O", "B", *["I"] * (len(task) - 1), *["O"] * (len(words) - len(task) - 1)]
    knowledge = ["B" if word == tool else "O" for word in words]
    return {"idx": number, "tokens": words, "tags_skill": skill, "tags_knowledge": knowledge}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("skillspan")
    for split, numbers in (("train", range(20)), ("dev", range(20, 32))):
        (folder / f"{split}.json").write_text("".join(json.dumps(row(n)) + "\n" for n in numbers))
    return folder


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return TaggerConfig(
        encoder=str(tiny_encoder),
        epochs=2,
        batch_size=4,
        learning_rate=3e-3,
        head_learning_rate=3e-2,
        average_decay=0.5,
        window_size=32,
        window_overlap=8,
        bfloat16=False,
        seed=1,
    )


@pytest.fixture(scope="module")
def trained(config, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "tagger"
    messages = []
    record = train_tagger(config, data=data, output=folder, progress=lambda text, share: messages.append((text, share)))
    return folder, record, messages


def windows_of(sentences, wordpieces, config):
    heads = {"skill": "skill", "knowledge": "knowledge"}
    return examples_of(sentences, wordpieces, heads=heads, size=config.window_size, overlap=8, cased=True)


def hashes(folder):
    """What a run made, its notes left out."""
    return json.loads((folder / "config.json").read_text())["files"]


def test_training_writes_a_folder_that_exports_to_a_tagger(trained, tmp_path):
    folder, _, _ = trained
    export_model(folder, tmp_path / "mine", quantization="int8")
    tagger = NeuralTagger.load(tmp_path / "mine", threads=1)
    (mentions,) = tagger.tag(["You lead teams and know SQL ."])
    assert all(0 <= mention.probability <= 1 for mention in mentions)
    artifact = read_artifact(tmp_path / "mine", kind="tagger")
    assert artifact.settings["quantization"] == "int8"
    assert artifact.path("record.json").read_bytes() == (folder / "record.json").read_bytes()
    assert not folder.with_name("tagger.unfinished").exists()


def test_the_float32_export_finds_what_the_int8_export_finds_nearly(trained, tmp_path):
    emissions = {}
    for quantization in ("int8", "float32"):
        export_model(trained[0], tmp_path / quantization, quantization=quantization)
        tagger = NeuralTagger.load(tmp_path / quantization, threads=1)
        emissions[quantization] = tagger.emissions([row(3)["tokens"]])["skill"][0]
    assert np.abs(emissions["int8"] - emissions["float32"]).max() < 1


def test_the_record_says_what_made_the_model(trained, config, data):
    folder, record, _ = trained
    assert record["config"]["seed"] == 1
    assert record["config"]["encoder"] == config.encoder
    assert set(record["data_sha256"]) == {"train.json", "dev.json"}
    assert len(record["measures"]["dev_by_epoch"]) == 2
    assert set(record["measures"]["calibration"]) == {"skill", "knowledge"}
    assert json.loads((folder / "record.json").read_text()) == json.loads(json.dumps(record))


def test_progress_tells_losses_epochs_and_a_share_that_rises(trained, config, data, tiny_tokenizer):
    texts, shares = zip(*trained[2], strict=True)
    n_windows = len(windows_of(read_skillspan(data / "train.json"), WordPieces(tiny_tokenizer), config))
    assert sum(", loss" in text for text in texts) == 2 * -(-n_windows // 4)  # batches of four, twice
    assert [text.split(":")[0] for text in texts if "dev F1" in text] == ["epoch 1", "epoch 2"]
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("stop_at", ["epoch 2/2", "calibrating"])
def test_an_interrupted_run_goes_on_to_the_same_weights(trained, config, data, tmp_path, stop_at):
    def interrupt(text, share):
        if text.startswith(stop_at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_tagger(config, data=data, output=tmp_path / "tagger", progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["tagger.unfinished"]
    seen = []
    train_tagger(config, data=data, output=tmp_path / "tagger", progress=lambda text, share: seen.append(text))
    assert not any(text.startswith("epoch 1/") for text in seen)
    assert hashes(tmp_path / "tagger") == hashes(trained[0])
    assert [path.name for path in tmp_path.iterdir()] == ["tagger"]


def test_an_unfinished_run_of_another_configuration_is_not_overwritten(config, data, tmp_path):
    def interrupt(text, share):
        if text.startswith("epoch 2/2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_tagger(config, data=data, output=tmp_path / "tagger", progress=interrupt)
    with pytest.raises(ConfigError, match="another configuration"):
        train_tagger(replace(config, seed=2), data=data, output=tmp_path / "tagger", progress=interrupt)


@pytest.mark.parametrize("layers", [(), ("skil",), ("skill", "words")])
def test_unknown_layers_are_refused(config, data, tmp_path, layers):
    with pytest.raises(ConfigError, match="expected one or both of skill, knowledge"):
        train_tagger(replace(config, layers=layers), data=data, output=tmp_path / "x", progress=print)


def test_a_missing_split_and_a_missing_encoder_are_named(config, data, tmp_path):
    with pytest.raises(InputError, match="train"):
        train_tagger(config, data=tmp_path, output=tmp_path / "x", progress=print)
    wrong = replace(config, encoder=str(tmp_path / "no" / "such" / "encoder"))
    with pytest.raises(ModelError, match="cannot be loaded"):
        train_tagger(wrong, data=data, output=tmp_path / "x", progress=print)


def test_a_single_task_tagger_with_a_crf_is_trained_on_one_layer(config, data, tmp_path):
    single = replace(config, layers=("knowledge",), crf=True, cased=False, epochs=1, average_decay=0.0)
    train_tagger(single, data=data, output=tmp_path / "one", progress=lambda text, share: None)
    export_model(tmp_path / "one", tmp_path / "export", quantization="int8")
    tagger = NeuralTagger.load(tmp_path / "export", threads=1)
    assert list(tagger.heads) == ["knowledge"]
    assert tagger.heads["knowledge"].chain.transitions[0, 2] < -1000  # O -> I stays impossible
    found = tagger.tag(["You know SQL ."] * 2)
    assert found[0] == found[1]


def test_without_patience_the_last_epoch_is_kept_and_none_is_measured(config, data, tmp_path):
    record = train_tagger(
        replace(config, patience=0), data=data, output=tmp_path / "last", progress=lambda text, share: None
    )
    assert record["measures"]["dev_by_epoch"] == []
    with np.load(tmp_path / "last" / "heads.npz") as arrays:
        assert np.abs(arrays["skill.bias"]).sum() > 0.01  # a head that has learnt; it begins near zero


def test_windows_of_a_long_sentence_have_legal_tags(config, tiny_tokenizer):
    wordpieces = WordPieces(tiny_tokenizer)
    sentence = TaggedSentence(("a",) * 100, ("B", *["I"] * 99), None)
    examples = windows_of([sentence], wordpieces, config)
    assert len(examples) > 2
    for example in examples:
        assert example.tags["skill"].tolist() == [1] + [2] * (example.window.n_words - 1)
        assert not example.tags["knowledge"].any()


def test_a_runtime_folder_is_not_exported_again(tiny_tagger, tmp_path):
    with pytest.raises(
        ModelError, match=r"is a tagger; expected one of encoder of transformers, .*linker-weights, .*tagger-weights"
    ):
        export_model(tiny_tagger, tmp_path / "x", quantization="int8")


@pytest.fixture(scope="module")
def several(data, tmp_path_factory):
    """The set of the other tests, and a smaller one with one layer only."""
    folder = tmp_path_factory.mktemp("sets")
    (folder / "main").symlink_to(data)
    (folder / "soft").mkdir()
    for split, numbers in (("train", range(10)), ("dev", range(10, 16))):
        rows = [{key: value for key, value in row(n).items() if key != "tags_knowledge"} for n in numbers]
        (folder / "soft" / f"{split}.json").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder


def test_several_data_sets_share_the_encoder_and_have_their_own_heads(config, several, tmp_path):
    both = replace(config, data_sets=("main", "soft"), further_share=0.5, crf=True)
    record = train_tagger(both, data=several, output=tmp_path / "both", progress=lambda text, share: None)
    scores = record["measures"]["dev_by_epoch"][-1]
    assert set(scores) == {"skill", "knowledge", "soft/skill", "sum"}
    assert scores["sum"] == pytest.approx(scores["skill"] + scores["knowledge"])
    assert set(record["data_sha256"]) >= {"soft/train.json", "soft/dev.json"}
    export_model(tmp_path / "both", tmp_path / "export", quantization="int8")
    main, soft = (NeuralTagger.load(tmp_path / "export", threads=1, data_set=name) for name in (None, "soft"))
    assert (list(main.heads), list(soft.heads)) == (["skill", "knowledge"], ["skill"])
    assert not np.array_equal(main.heads["skill"].weight, soft.heads["skill"].weight)
    with pytest.raises(ModelError, match="no heads for the data set 'green'; beside the main one it has soft"):
        NeuralTagger.load(tmp_path / "export", data_set="green")


def test_an_average_keeps_the_heads_that_all_members_have(config, several, tmp_path):
    one = replace(config, data_sets=("main", "soft"), epochs=1)
    for name, some in (("a", one), ("b", replace(one, seed=2)), ("c", replace(config, epochs=1))):
        folder = several if some.data_sets else several / "main"
        train_tagger(some, data=folder, output=tmp_path / name, progress=lambda text, share: None)
    average_taggers([tmp_path / "a", tmp_path / "b"], data=several, output=tmp_path / "both")
    average_taggers([tmp_path / "a", tmp_path / "c"], data=several / "main", output=tmp_path / "main")
    for name, sets in (("both", {"soft": ["skill"]}), ("main", {})):
        assert read_artifact(tmp_path / name, kind="tagger-weights").settings["further_sets"] == sets
        export_model(tmp_path / name, tmp_path / f"{name}-int8", quantization="int8")
        assert list(NeuralTagger.load(tmp_path / f"{name}-int8").heads) == ["skill", "knowledge"]


def test_an_epoch_holds_every_main_example_once_and_a_share_of_the_others(config, data, tiny_tokenizer):
    main = windows_of(read_skillspan(data / "train.json"), WordPieces(tiny_tokenizer), config)
    batches = list(epoch_batches([main, main[:8]], batch_size=4, further_share=0.25, order=random.Random(1)))
    assert sum(len(batch["pieces"]) for batch in batches) == len(main) + 2
    assert all(len(batch["pieces"]) <= 4 for batch in batches)


def test_a_merged_tagger_learns_one_layer_of_both(config, data, tmp_path):
    merged = replace(config, merged=True, layers=("skill",), epochs=1)
    train_tagger(merged, data=data, output=tmp_path / "one", progress=lambda text, share: None)
    assert read_artifact(tmp_path / "one", kind="tagger-weights").settings["layers"] == ["skill"]
    with pytest.raises(ConfigError, match="layers must be"):
        train_tagger(replace(config, merged=True), data=data, output=tmp_path / "x", progress=print)


def test_an_average_of_one_tagger_twice_is_that_tagger(trained, config, data, tmp_path):
    average_taggers([trained[0], trained[0]], data=data, output=tmp_path / "same")
    before, after = (read_artifact(folder, kind="tagger-weights") for folder in (trained[0], tmp_path / "same"))
    assert after.settings["chains"] == before.settings["chains"]
    assert after.settings["outside_bias"] == before.settings["outside_bias"]
    with np.load(before.path("heads.npz")) as old, np.load(after.path("heads.npz")) as new:
        assert all(np.array_equal(old[name], new[name]) for name in old.files)


def test_averaging_lies_between_the_members_and_refuses_strangers(trained, config, data, tmp_path):
    train_tagger(replace(config, seed=2), data=data, output=tmp_path / "two", progress=lambda text, share: None)
    record = average_taggers([trained[0], tmp_path / "two"], data=data, output=tmp_path / "mean")
    assert [member["config"]["seed"] for member in record["measures"]["members"]] == [1, 2]
    weights = []
    for folder in (trained[0], tmp_path / "two", tmp_path / "mean"):
        with np.load(read_artifact(folder, kind="tagger-weights").path("heads.npz")) as arrays:
            weights.append(arrays["skill.weight"])
    np.testing.assert_allclose(weights[2], (weights[0] + weights[1]) / 2, atol=1e-6)
    train_tagger(
        replace(config, epochs=1, crf=True), data=data, output=tmp_path / "crf", progress=lambda text, share: None
    )
    with pytest.raises(ConfigError, match="differ in crf and cannot be put together"):
        average_taggers([trained[0], tmp_path / "crf"], data=data, output=tmp_path / "x")
    with pytest.raises(ConfigError, match="two or more"):
        average_taggers([trained[0]], data=data, output=tmp_path / "x")


@pytest.fixture(scope="module")
def exported(config, data, trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    crf = replace(config, epochs=1, crf=True, seed=5)
    train_tagger(crf, data=data, output=folder / "crf", progress=lambda text, share: None)
    for name, weights in (("one", trained[0]), ("two", folder / "crf")):
        export_model(weights, folder / name, quantization="float32")
    return [folder / "one", folder / "two"]


def test_a_committee_scores_words_by_the_mean_of_its_members(exported, data, tmp_path):
    record = join_taggers(exported, data=data, output=tmp_path / "both", threads=1)
    assert [member["config"]["crf"] for member in record["measures"]["members"]] == [False, True]
    members = [NeuralTagger.load(folder, threads=1) for folder in exported]
    both = NeuralTagger.load(tmp_path / "both", threads=1)
    settings = read_artifact(tmp_path / "both", kind="tagger").settings
    sentences = [["You", "plan", "routes", "and", "know", "Python", "."], [], ["x"] * 90]
    for layer, found in both.emissions(sentences).items():
        theirs = [member.emissions(sentences)[layer] for member in members]
        added = np.array([settings["outside_bias"][layer], 0, 0])  # tuned for the committee, on top of the members' own
        for scores, *parts in zip(found, *theirs, strict=True):
            np.testing.assert_allclose(scores, np.mean(parts, axis=0) + added, atol=1e-4)
        chains = [member.heads[layer].chain for member in members]
        np.testing.assert_allclose(
            both.heads[layer].chain.transitions, np.mean([chain.transitions for chain in chains], axis=0), atol=1e-5
        )


def test_the_data_folder_chooses_the_heads_of_a_committee(config, several, tmp_path):
    both = replace(config, data_sets=("main", "soft"), epochs=1)
    train_tagger(both, data=several, output=tmp_path / "both", progress=lambda text, share: None)
    export_model(tmp_path / "both", tmp_path / "export", quantization="int8")
    alone = replace(config, layers=("skill",), epochs=1)
    train_tagger(alone, data=several / "soft", output=tmp_path / "alone", progress=lambda text, share: None)
    export_model(tmp_path / "alone", tmp_path / "alone-export", quantization="int8")
    join_taggers([tmp_path / "export", tmp_path / "alone-export"], data=several / "soft", output=tmp_path / "joined")
    joined = NeuralTagger.load(tmp_path / "joined", threads=1)
    assert list(joined.heads) == ["skill"]
    soft = NeuralTagger.load(tmp_path / "export", threads=1, data_set="soft").heads["skill"].weight
    np.testing.assert_allclose(joined.heads["skill"].weight[: len(soft)], soft / 2)


def test_a_committee_refuses_who_does_not_fit(exported, config, data, trained, tmp_path):
    with pytest.raises(ConfigError, match="two or more"):
        join_taggers(exported[:1], data=data, output=tmp_path / "x")
    with pytest.raises(ModelError, match="is a tagger-weights, and a tagger was expected"):
        join_taggers([exported[0], trained[0]], data=data, output=tmp_path / "x")
    join_taggers(exported, data=data, output=tmp_path / "both", threads=1)
    with pytest.raises(ConfigError, match="both is a committee itself"):
        join_taggers([exported[0], tmp_path / "both"], data=data, output=tmp_path / "x")
    for layer in ("skill", "knowledge"):
        half = replace(config, layers=(layer,), epochs=1)
        train_tagger(half, data=data, output=tmp_path / layer, progress=lambda text, share: None)
        export_model(tmp_path / layer, tmp_path / f"{layer}-export", quantization="int8")
    with pytest.raises(ConfigError, match="no layer in common"):
        join_taggers([tmp_path / "skill-export", tmp_path / "knowledge-export"], data=data, output=tmp_path / "x")
    plain = replace(config, cased=False, epochs=1)
    train_tagger(plain, data=data, output=tmp_path / "plain", progress=lambda text, share: None)
    export_model(tmp_path / "plain", tmp_path / "plain-export", quantization="int8")
    with pytest.raises(ConfigError, match="differ in cased and cannot be put together"):
        join_taggers([exported[0], tmp_path / "plain-export"], data=data, output=tmp_path / "x")
    assert not (tmp_path / "x").exists()
