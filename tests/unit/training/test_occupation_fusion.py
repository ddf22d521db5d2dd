import pytest

from metier.artifacts import read_artifact
from metier.data.title_benchmarks import TitleQuery
from metier.domain import Occupation
from metier.linking.linker import load_encoder
from metier.linking.occupations import OccupationFusion
from metier.training.occupation_fusion import fit_occupations

TRADES = ["baker", "nurse", "welder", "driver", "painter", "singer", "teacher", "fisher", "tailor", "joiner", "cook"]
JOBS = tuple(Occupation(f"o{n}", trade, (f"{trade} at work",), isco="7512") for n, trade in enumerate(TRADES))
QUERIES = [
    TitleQuery(f"{word} {trade}", frozenset({f"o{n}"}))
    for n, trade in enumerate(TRADES)
    for word in ("village", "town", "Senior town")
]


@pytest.fixture(scope="module")
def encoder(tiny_linker):
    return load_encoder(read_artifact(tiny_linker[0], kind="linker"), threads=1)


def test_weights_and_calibration_are_chosen_on_titles(encoder):
    fitted = fit_occupations(encoder, JOBS, QUERIES, seed=0)
    assert fitted.measures["n_titles"] == 22  # a senior baker and a baker are one title
    assert fitted.measures["mrr"] > 0.8  # the trade's very word is in every title
    assert fitted.measures["accuracy@1"] <= fitted.measures["mrr"]
    assert 0 <= fitted.measures["ece_cross_fitted"] <= 1
    assert len(fitted.fusion.calibration) == 5
    assert fitted.fusion.calibration != OccupationFusion().calibration


def test_the_same_seed_gives_the_same_choice(encoder):
    assert fit_occupations(encoder, JOBS, QUERIES, seed=3) == fit_occupations(encoder, JOBS, QUERIES[::-1], seed=3)


def test_a_few_titles_choose_nothing(encoder):
    unknown = [TitleQuery("baker", frozenset({"elsewhere"}))] * 30
    for queries in ([], QUERIES[:5], unknown):
        fitted = fit_occupations(encoder, JOBS, queries, seed=0)
        assert (fitted.fusion, fitted.measures) == (OccupationFusion(), {})
