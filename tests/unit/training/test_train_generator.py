"""Training a linker that writes labels."""

import csv
import gzip
import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from metier.domain import Mention, Skill, Span
from metier.errors import ConfigError, InputError, ModelError
from metier.linking.generator import GenerativeLinker
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.generator import GeneratorConfig, train_generator

NAMES = ["baking", "sql", "nursing", "welding", "driving", "python", "fishing", "painting", "singing", "teaching"]
SKILLS = tuple(
    Skill(
        f"s{number}",
        f"{'teach' if number % 2 else 'know about'} {name}",
        (f"{name} work", f"{name} expert"),
        kind="skill" if number % 2 else "knowledge",
    )
    for number, name in enumerate(NAMES)
)


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def taxonomy():
    facts = Facts(name="Own", version="1", languages=("en",), skills=SKILLS, parents=((),) * len(SKILLS))
    return Taxonomy(facts, descriptions={skill.uri: f"All about {skill.alternatives[0]}." for skill in SKILLS})


def write_csv(path, rows):
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    sentences = [[f"We like {skill.alternatives[0]} a lot", str([skill.label, "UNK"])] for skill in SKILLS]
    write_csv(folder / "skillskape" / "train.csv.gz", [["sentence", "skills"], *sentences])
    rows = [["sentence", "span", "sub_span", "label"]]
    for number, name in enumerate(NAMES):
        rows.append([f"You do {name} work here", f"{name} work", "", SKILLS[number].label])
        rows.append([f"You do {name} work here", "here", "", "LABEL NOT PRESENT"])
    write_csv(folder / "skill_linking_esco" / "tech_validation_annotations.csv", rows)
    return folder


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return GeneratorConfig(
        encoder=str(tiny_encoder), layers=1, steps=4, steps_per_checkpoint=2, batch_size=4, bfloat16=False, seed=1
    )


def train(config, taxonomy, data, output, progress=lambda text, share: None):
    return train_generator(config, taxonomy=taxonomy, data=data, output=output, progress=progress)


@pytest.fixture(scope="module")
def trained(config, taxonomy, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "generator"
    return folder, train(config, taxonomy, data, folder)


def test_training_writes_a_folder_that_links(trained):
    linker = GenerativeLinker.load(trained[0], skills=SKILLS)
    ((link,),) = linker.link(["baking"], [[Mention(Span(0, 6), "baking", "skill", 1.0)]])
    assert len(link.candidates) == len(SKILLS)
    assert not (trained[0].with_name("generator.unfinished")).exists()


def test_the_record_says_what_was_tried_and_how_probabilities_err(trained, taxonomy):
    record = json.loads((trained[0] / "record.json").read_text())
    assert record == trained[1]
    measures = record["measures"]
    assert {(one["in_sentence"], one["length_power"]) for one in measures["tried"]} == {
        (way, power) for way in (False, True) for power in (0.0, 0.5, 1.0)
    }
    assert all(one["acc@32"] == 1 for one in measures["tried"])  # ten labels, a beam of 32
    assert 0 <= measures["calibration"]["ece_after"] <= 1
    assert measures["taxonomy_sha256"] == taxonomy.sha256
    assert len(measures["losses"]) == 2
    assert set(record["data_sha256"]) == {"train.csv.gz", "tech_validation_annotations.csv"}


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(trained, config, taxonomy, data, tmp_path):
    def stop(text, share):
        if text.startswith("step 3/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, taxonomy, data, tmp_path / "generator", stop)
    record = train(config, taxonomy, data, tmp_path / "generator")
    calibration = record["measures"]["calibration"]  # sums may differ in their last bits
    assert calibration == pytest.approx(trained[1]["measures"]["calibration"], rel=1e-3)
    assert {**record["measures"], "calibration": 0} == {**trained[1]["measures"], "calibration": 0}
    folders = (tmp_path / "generator", trained[0])
    resumed, whole = (load_file(folder / "decoder.safetensors") for folder in folders)
    assert resumed.keys() == whole.keys()
    # Adam makes steps of the noise where a gradient is zero, as that of a key's bias is.
    assert all(torch.allclose(resumed[name], whole[name], atol=1e-2) for name in whole)


def test_the_encoder_stays_as_it_is(trained, tiny_encoder):
    trained_weights = load_file(trained[0] / "weights" / "model.safetensors")
    for name, values in load_file(tiny_encoder / "model.safetensors").items():
        torch.testing.assert_close(trained_weights[name], values, rtol=0, atol=0)


def test_a_model_of_the_hub_goes_through_the_same_training(config, taxonomy, data, tiny_seq2seq, tmp_path):
    record = train(replace(config, model=str(tiny_seq2seq)), taxonomy, data, tmp_path / "hub")
    linker = GenerativeLinker.load(tmp_path / "hub", skills=SKILLS)
    ((link,),) = linker.link(["baking"], [[Mention(Span(0, 6), "baking", "skill", 1.0)]])
    assert len(link.candidates) == len(SKILLS)
    assert record["config"]["model"] == str(tiny_seq2seq)


def test_training_brings_the_label_of_what_it_saw_to_the_first_place(config, taxonomy, data, tmp_path):
    longer = replace(config, steps=150, steps_per_checkpoint=150, batch_size=10, share_label=1.0, learning_rate=5e-3)
    only_labels = {f"share_{name}": 0.0 for name in ("alternative", "description", "sentence", "composed")}
    train(replace(longer, **only_labels), taxonomy, data, tmp_path / "generator")
    linker = GenerativeLinker.load(tmp_path / "generator", skills=SKILLS)
    labels = [skill.label for skill in SKILLS]
    links = linker.link(labels, [[Mention(Span(0, len(label)), label, "skill", 1.0)] for label in labels])
    assert [link.candidates[0].concept.label for (link,) in links] == labels


def test_too_few_pairs_and_one_kind_of_skill_are_configuration_errors(config, taxonomy, data, tmp_path):
    with pytest.raises(ConfigError, match="fewer than a batch of 50"):
        train(replace(config, batch_size=50), taxonomy, data, tmp_path / "a")
    skills = tuple(replace(skill, kind="skill") for skill in SKILLS)
    one_kind = Taxonomy(Facts(name="Own", version="1", languages=("en",), skills=skills, parents=((),) * len(skills)))
    with pytest.raises(ConfigError, match="skills of both kinds"):
        train(replace(config, share_description=0.0), one_kind, data, tmp_path / "b")


def test_data_and_weights_that_are_not_there_are_told(config, taxonomy, data, tmp_path):
    with pytest.raises(InputError, match="_validation_annotations"):
        train(config, taxonomy, tmp_path, tmp_path / "a")
    with pytest.raises(ModelError, match="cannot be loaded"):
        train(replace(config, encoder=str(tmp_path / "nothing")), taxonomy, data, tmp_path / "a")
    with pytest.raises(ModelError, match="cannot be loaded"):
        train(replace(config, model=str(tmp_path / "nothing")), taxonomy, data, tmp_path / "a")
