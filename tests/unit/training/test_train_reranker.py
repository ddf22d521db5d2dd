import csv
import gzip
import json
import math
import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from metier.artifacts import read_artifact
from metier.domain import Candidate, Mention, Skill, Span
from metier.errors import ConfigError, InputError
from metier.pipelines.build import build_linking
from metier.training.export import export_model
from metier.training.linker_pairs import label_pairs
from metier.training.reranker import RerankerConfig, list_loss, train_reranker
from metier.training.reranker_examples import draw_mentions, draw_sentences, mine
from metier.training.reranker_fusion import DevQuery, Setting, choose, sentence_measures


@pytest.fixture(scope="module")
def parts(tiny_linker):
    return build_linking(linker=tiny_linker[0], taxonomy=tiny_linker[1], threads=1)


@pytest.fixture(scope="module")
def data(parts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reranker-data")
    (folder / "skillskape").mkdir()
    (folder / "skill_linking_esco").mkdir()
    labels = [skill.label for skill in parts.taxonomy.skills]
    with gzip.open(folder / "skillskape" / "train.csv.gz", "wt", newline="") as stream:
        rows = [[f"We {label} and {other}", str([label, other, "UNK"])] for label in labels for other in labels[:3]]
        csv.writer(stream).writerows([["sentence", "skills"], *rows])
    with (folder / "skill_linking_esco" / "tech_validation_annotations.csv").open("w", newline="") as stream:
        rows = [[f"You {label} here", label, "", label] for label in labels]
        rows += [[f"You {label} here", "here", "", "LABEL NOT PRESENT"] for label in labels]
        csv.writer(stream).writerows([["sentence", "span", "sub_span", "label"], *rows])
    return folder


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return RerankerConfig(
        encoder=str(tiny_encoder),
        sentences=12,
        mentions=6,
        batch_size=4,
        list_size=4,
        reranked=4,
        text_size=40,
        concept_size=30,
        steps_per_checkpoint=2,
        bfloat16=False,
        seed=1,
    )


def train(config, parts, data, output, progress=lambda text, share: None):
    return train_reranker(
        config, linker=parts.linker, skills=parts.taxonomy.skills, data=data, output=output, progress=progress
    )


@pytest.fixture(scope="module")
def trained(config, parts, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "reranker"
    return folder, train(config, parts, data, folder)


def test_training_writes_a_folder_that_exports_to_a_reranker(trained, tiny_linker, tmp_path):
    export_model(trained[0], tmp_path / "reranker", quantization="int8")
    linking = build_linking(
        linker=tiny_linker[0], taxonomy=tiny_linker[1], reranker=tmp_path / "reranker", threads=1, min_precision=0.0
    )
    ((link,),) = linking.linker.link(["We bake bread"], [[Mention(Span(3, 13), "bake bread", "skill", 0.9)]])
    assert link.concept == link.candidates[0].concept
    assert len(link.candidates) == 6
    first, second = linking.linker.version.split("+")
    assert first.startswith("tiny-linker@")
    assert second.startswith("reranker@")


def test_the_record_has_losses_measures_and_hashes(trained, parts):
    folder, record = trained
    assert len(record["measures"]["losses"]) == 3  # five batches, one mean per two
    assert record["measures"]["first_stage"] == parts.linker.version
    for name in ("sentence", "mention"):
        assert set(record["measures"][name]) == {"first_stage", "reranked", "best_reranked", "cross_fitted"}
    assert record["measures"]["sentence"]["reranked"]["rp@5"] >= 0
    assert set(record["data_sha256"]) == {"train.csv.gz", "tech_validation_annotations.csv"}
    assert json.loads((folder / "record.json").read_text()) == json.loads(json.dumps(record))
    fusion = read_artifact(folder, kind="reranker-weights").settings["fusion"]
    assert {fusion["mention_depth"], fusion["sentence_depth"]} == {4}  # `reranked`, where it is less than every choice
    assert 0 <= fusion["abstain_below"] <= 0.9


def test_the_chosen_weight_is_at_least_as_good_as_none_on_dev(trained):
    for found in (trained[1]["measures"][name] for name in ("sentence", "mention")):
        assert sum(found["reranked"].values()) >= sum(found["first_stage"].values())


def queries_of(found):
    """Dev queries of two candidates each, the second one right; whether the cross-encoder says so."""
    candidates = (Candidate(Skill("a", "a"), 0.6), Candidate(Skill("b", "b"), 0.5))
    return [
        DevQuery(f"sentence {number}", candidates, np.array([0.0, 4.0 if right else -4.0]), frozenset({"b"}))
        for number, right in enumerate(found)
    ]


def chosen(found):
    queries = queries_of(found)
    settings = (Setting(), Setting(2, 0.1), Setting(2, 1.0))
    return choose(queries, {s: sentence_measures(queries, s) for s in settings})


def test_a_setting_is_chosen_where_it_helps_on_other_sentences_too_and_else_none():
    # log-odds 0.405 and 0: a weight of 0.1 turns them by 0.4 only, a weight of 1 by 4
    assert chosen([True] * 10) == Setting(2, 1.0)
    assert chosen([False] * 10) == Setting()


def test_an_interrupted_run_goes_on_to_the_same_weights(trained, config, parts, data, tmp_path):
    def interrupt(text, share):
        if text.startswith("step 4/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, parts, data, tmp_path / "reranker", interrupt)
    seen = []
    train(config, parts, data, tmp_path / "reranker", lambda text, share: seen.append(text))
    assert seen[0].startswith("step 3/")  # and nothing is mined again
    resumed, whole = (
        json.loads((folder / "config.json").read_text()) for folder in (tmp_path / "reranker", trained[0])
    )
    assert resumed == whole
    assert [path.name for path in tmp_path.iterdir()] == ["reranker"]


def test_what_cannot_be_trained_is_told_before_the_training(config, parts, data, tmp_path):
    with pytest.raises(ConfigError, match="more than the 509 pieces"):
        train(replace(config, text_size=500), parts, data, tmp_path / "x")
    with pytest.raises(ConfigError, match="right_size is 4, and a number from 1 to 3"):
        train(replace(config, right_size=4), parts, data, tmp_path / "x")
    with pytest.raises(InputError, match=r"_validation_annotations\.csv"):
        train(config, parts, tmp_path, tmp_path / "x")
    with pytest.raises(InputError, match="nothing to learn from"):
        train(replace(config, sentences=0, mentions=0), parts, data, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_each_right_item_is_compared_with_the_wrong_ones_alone():
    # right: 1 and 0, wrong: 0. -log(e / (e + 1)) = log(1 + 1/e), and log 2; their mean
    loss = list_loss(torch.tensor([1.0, 0.0, 0.0]), torch.tensor([[True, True, False]]))
    assert loss.item() == pytest.approx((math.log(1 + math.exp(-1)) + math.log(2)) / 2, abs=1e-6)


def test_wrong_skills_are_the_first_stage_s_best_that_are_not_right(parts):
    skills = parts.taxonomy.skills
    (example,) = mine(
        [("SQL and Python", (0, 2))],
        skills,
        linker=parts.linker,
        as_mentions=False,
        depth=4,
        progress=lambda text, share: None,
    )
    ranked = [skills.index(candidate.concept) for candidate in parts.linker.rank(["SQL and Python"], k=4)[0]]
    assert example.right == (0, 2)
    assert example.wrong == tuple(row for row in ranked if row not in (0, 2))


def test_sentences_and_mentions_are_drawn_without_repeats_and_without_unknown_labels(parts):
    skills = parts.taxonomy.skills
    rows = [("one", ("SQL", "gone")), ("one", ("SQL", "gone")), ("two", ("gone",)), ("three", ("sql", "C++"))]
    assert sorted(draw_sentences(rows, skills, 9, random.Random(1))) == [("one", (2,)), ("three", (2, 1))]
    pairs = label_pairs(skills, [""] * len(skills))["alternative"]
    drawn = draw_mentions(pairs, 3, random.Random(1))
    assert len({text for text, _ in drawn}) == 3
    assert all(text in skills[row].alternatives for text, found in drawn for row in found)
