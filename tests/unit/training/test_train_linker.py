import csv
import gzip
import json
from dataclasses import replace

import pytest

from metier.artifacts import read_artifact
from metier.domain import Mention, Skill, Span
from metier.errors import ConfigError, InputError
from metier.linking.concepts import ENCODER_KEY, INDEX_FILE, VectorParts, concept_vectors, pack_index
from metier.linking.lexical import LexicalIndex
from metier.linking.linker import ConceptLinker, load_encoder
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.export import export_model
from metier.training.linker import LinkerConfig, train_linker

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
    write_csv(
        folder / "skillskape" / "train.csv.gz",
        [["sentence", "skills"], *([f"We like {s.alternatives[0]} a lot", str([s.label, "UNK"])] for s in SKILLS)],
    )
    rows = [["sentence", "span", "sub_span", "label"]]
    for number, name in enumerate(NAMES):
        rows.append([f"You do {name} work here", f"{name} work", "", SKILLS[number].label])
        rows.append([f"You do {name} work here", "here", "", "LABEL NOT PRESENT"])
    write_csv(folder / "skill_linking_esco" / "tech_validation_annotations.csv", rows)
    return folder


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return LinkerConfig(
        encoder=str(tiny_encoder),
        steps=6,
        steps_per_checkpoint=2,
        batch_size=6,
        hard_negatives=1,
        random_negatives=4,
        bfloat16=False,
        seed=1,
    )


def train(config, taxonomy, data, output, progress=lambda text, share: None):
    return train_linker(config, taxonomy=taxonomy, data=data, output=output, progress=progress)


@pytest.fixture(scope="module")
def trained(config, taxonomy, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "linker"
    return folder, train(config, taxonomy, data, folder)


def test_training_writes_a_folder_that_exports_to_a_linker(trained, taxonomy, tmp_path):
    export_model(trained[0], tmp_path / "linker", quantization="int8")
    artifact = read_artifact(tmp_path / "linker", kind="linker")
    parts = VectorParts(**artifact.settings["vector_parts"])
    descriptions = [taxonomy.description(skill) for skill in SKILLS]
    vectors = concept_vectors(SKILLS, descriptions, encode=load_encoder(artifact, threads=1).encode, parts=parts)
    taxonomy.save(
        tmp_path / "own",
        extra_files={INDEX_FILE: pack_index(vectors, LexicalIndex.build(SKILLS))},
        extra_settings={ENCODER_KEY: artifact.settings["encoder_sha256"]},
    )
    linker = ConceptLinker.load(tmp_path / "linker", skills=SKILLS, taxonomy=tmp_path / "own", threads=1)
    ((link,),) = linker.link(["We do welding work"], [[Mention(Span(6, 18), "welding work", "skill", 0.9)]])
    assert link.candidates[0].concept == SKILLS[3]  # its very words: the lexical stage sees to that
    assert link.concept in (SKILLS[3], None)
    assert len(linker.rank(["We do welding work"], k=4)[0]) == 4


def test_the_record_has_losses_measures_and_hashes(trained, taxonomy):
    _, record = trained
    assert len(record["measures"]["losses"]) == 3  # one per two steps
    assert record["measures"]["taxonomy_sha256"] == taxonomy.sha256
    assert record["measures"]["mention_mrr"] == 1.0  # every mention has the words of an alternative label
    assert 0 <= record["measures"]["calibration"]["ece_after_cross_fitted"] <= 1
    assert set(record["data_sha256"]) == {"train.csv.gz", "tech_validation_annotations.csv"}
    assert json.loads((trained[0] / "record.json").read_text()) == json.loads(json.dumps(record))


def test_an_interrupted_run_goes_on_to_the_same_weights(trained, config, taxonomy, data, tmp_path):
    def interrupt(text, share):
        if text.startswith("step 4/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, taxonomy, data, tmp_path / "linker", interrupt)
    seen = []
    train(config, taxonomy, data, tmp_path / "linker", lambda text, share: seen.append(text))
    assert seen[0].startswith("step 3/")
    resumed, whole = (json.loads((folder / "config.json").read_text()) for folder in (tmp_path / "linker", trained[0]))
    assert resumed == whole
    assert [path.name for path in tmp_path.iterdir()] == ["linker"]


def test_a_source_with_too_few_pairs_is_named_before_the_training(config, taxonomy, data, tmp_path):
    with pytest.raises(ConfigError, match=r"10 pairs of the source 'description', fewer than a batch of 16"):
        train(replace(config, batch_size=16), taxonomy, data, tmp_path / "x")


def test_composed_sentences_need_both_kinds_of_skills(config, data, tmp_path):
    skills = tuple(replace(skill, kind=None) for skill in SKILLS)
    own = Taxonomy(Facts(name="Own", version="1", languages=("en",), skills=skills, parents=((),) * len(skills)))
    with pytest.raises(ConfigError, match="set share_composed to 0"):
        train(replace(config, share_description=0.0), own, data, tmp_path / "x")


def test_missing_dev_files_are_told_before_the_training(config, taxonomy, data, tmp_path):
    with pytest.raises(InputError, match=r"_validation_annotations\.csv"):
        train(config, taxonomy, tmp_path, tmp_path / "x")
