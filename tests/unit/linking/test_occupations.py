"""Job titles to occupations."""

import numpy as np
import pytest

from metier.artifacts import read_artifact
from metier.domain import Occupation
from metier.errors import ConfigError, TaxonomyMismatch
from metier.linking.concepts import ENCODER_KEY, OCCUPATIONS_FILE, pack_occupations, read_occupations
from metier.linking.linker import load_encoder
from metier.linking.occupations import OccupationFusion, OccupationLinker, occupation_vectors
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy

JOBS = (
    Occupation("o0", "data engineer", ("big data engineer",), isco="2511"),
    Occupation("o1", "specialist nurse", ("nurse",), isco="2221"),
    Occupation("o2", "baker", isco="7512"),
    Occupation("o3", "café owner", isco="1412"),
)
TITLES = [
    "Senior Data Engineer (m/f/d)",
    "nurse",
    "",
    "!!!",
    "BAKERS",
    "Data Engineer",
    "👍 naïve café owner",
    "\n\t",
]


@pytest.fixture(scope="module")
def load(tiny_linker):
    name, taxonomy = tiny_linker
    return lambda occupations=JOBS, **options: OccupationLinker.load(
        name, occupations=occupations, taxonomy=taxonomy, threads=1, **options
    )


@pytest.fixture(scope="module")
def linker(load):
    return load()


def test_title_comes_to_the_occupation_that_is_called_so(linker):
    ranked = linker.rank(TITLES, k=2)
    assert [found[0].concept.uri if found else None for found in ranked] == [
        "o0",
        "o1",
        None,
        None,
        "o2",
        "o0",
        "o3",
        None,
    ]


def test_candidates_fall_by_probability(linker):
    for found in linker.rank(["data nurse", "baker"], k=4):
        probabilities = [candidate.probability for candidate in found]
        assert len(found) == 4
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(0 <= probability <= 1 for probability in probabilities)


def test_seniority_and_marks_change_nothing(linker):
    one, other = linker.rank([TITLES[0], "Data Engineer"], k=3)
    assert one == other


def test_batch_and_order_change_nothing(linker):
    many = TITLES * 10 + [f"title {n}" for n in range(40)]
    assert linker.rank(many, k=3) == [linker.rank([title], k=3)[0] for title in many]
    assert linker.rank(many[::-1], k=3)[::-1] == linker.rank(many, k=3)


def test_link_abstains_below_the_threshold(load):
    everything, nothing = load(min_probability=0.0), load(min_probability=1.0)
    assert [found is None for found in everything.link(TITLES)] == [not found for found in linker_words(TITLES)]
    assert nothing.link(TITLES) == [None] * len(TITLES)


def linker_words(titles):
    return [any(map(str.isalpha, title)) for title in titles]


def test_k_changes_no_probability(linker):
    [[one]] = linker.rank(["baker"], k=1)
    [many] = linker.rank(["baker"], k=4)
    assert many[0] == one


def test_names_in_other_languages_are_found(load):
    names = [("ingeniero de datos",), ("enfermera",), (), ()]
    [[best, *_]] = load(other_names=names, min_probability=0.0).rank(["Enfermera"], k=1)
    assert best.concept.uri == "o1"


def test_nothing_in_gives_nothing_out(linker, load):
    assert linker.rank([], k=3) == []
    assert linker.link([]) == []
    assert load(occupations=()).rank(["baker"], k=3) == [[]]
    assert load(occupations=()).link(["baker"]) == [None]


def test_one_occupation_is_enough(load):
    [[only]] = load(occupations=JOBS[2:3]).rank(["baker"], k=5)
    assert only.concept.uri == "o2"


def test_faults_are_told(linker):
    with pytest.raises(TaxonomyMismatch, match="2 occupations, and 4 were given"):
        OccupationLinker(
            linker.encoder, JOBS, np.zeros((2, 32), dtype=np.float32), fusion=OccupationFusion(), version="x@0"
        )
    with pytest.raises(ConfigError, match="from 0 to 1"):
        OccupationLinker(
            linker.encoder,
            JOBS,
            np.zeros((4, 32), dtype=np.float32),
            fusion=OccupationFusion(),
            version="x@0",
            min_probability=2,
        )


def test_vectors_are_kept_beside_the_taxonomy(tiny_linker, tmp_path):
    encoder = load_encoder(read_artifact(tiny_linker[0], kind="linker"), threads=1)
    vectors = occupation_vectors(JOBS, encode=encoder.encode, fusion=OccupationFusion())
    Taxonomy(Facts(name="Own", version="1", languages=("en",), skills=(), occupations=JOBS, parents=((),) * 4)).save(
        tmp_path / "own",
        extra_files={OCCUPATIONS_FILE: pack_occupations(vectors)},
        extra_settings={ENCODER_KEY: "e" * 64},
    )
    artifact = read_artifact(tmp_path / "own", kind="taxonomy")
    found = read_occupations(artifact, encoder_sha256="e" * 64)
    assert np.abs(found - vectors).max() < 0.01  # int8
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert read_occupations(artifact, encoder_sha256="f" * 64) is None
