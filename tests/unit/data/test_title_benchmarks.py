import gzip

import pytest

from metier.data.title_benchmarks import (
    OnetTitle,
    TitleDocument,
    TitleQuery,
    read_jobbert_titles,
    read_melo,
    read_onet_titles,
    read_title_similarity,
)
from metier.errors import InputError, MissingColumn


def _melo(folder, **other):
    files = {
        "queries": "Q1\tBager 🥐\nQ2\tLæge\nQ3\tIngenting\n",
        "corpus_elements": 'C1_en_000\tbaker\nC1_en_001\tartisan "bread" maker\nC2_en_000\tdoctor\n',
        "concept_mapping": "C1_en_000\turi:1\nC1_en_001\turi:1\nC2_en_000\turi:2\n",
        "annotations": "Q1\t0\tC1_en_000\t1\nQ1\t0\tC1_en_001\t1\nQ2\t0\tC2_en_000\t1\nQ2\t0\tC1_en_000\t0\n",
    } | other
    for name, content in files.items():
        (folder / f"dnk.{name}.tsv").write_text(content, encoding="utf-8")


def test_melo_joins_queries_with_judged_labels_and_their_concepts(tmp_path):
    _melo(tmp_path)
    benchmark = read_melo(tmp_path, name="dnk")
    assert benchmark.queries == [
        TitleQuery("Bager 🥐", frozenset({"C1_en_000", "C1_en_001"})),
        TitleQuery("Læge", frozenset({"C2_en_000"})),  # the pair judged 0 is not relevant
        TitleQuery("Ingenting", frozenset()),  # nobody judged it
    ]
    assert benchmark.documents[1] == TitleDocument("C1_en_001", 'artisan "bread" maker')  # quotes are characters
    assert benchmark.concepts == {"C1_en_000": "uri:1", "C1_en_001": "uri:1", "C2_en_000": "uri:2"}


def test_melo_files_may_be_packed_and_have_windows_line_ends(tmp_path):
    _melo(tmp_path, queries="Q1\tBager\r\nQ2\tLæge\r\n")
    plain = tmp_path / "dnk.queries.tsv"
    (tmp_path / "dnk.queries.tsv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert [query.text for query in read_melo(tmp_path, name="dnk").queries] == ["Bager", "Læge"]


def test_a_line_with_too_few_fields_is_named(tmp_path):
    _melo(tmp_path, queries="Q1\tBager\nQ2 Læge\n")
    with pytest.raises(InputError, match=r"line 2 has 1 fields; expected 2"):
        read_melo(tmp_path, name="dnk")


def test_a_judgement_of_something_undefined_is_an_error(tmp_path):
    _melo(tmp_path, annotations="Q1\t0\tC9\t1\n")
    with pytest.raises(InputError, match="'C9' for 'Q1'"):
        read_melo(tmp_path, name="dnk")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"neither xx\.corpus_documents\.tsv nor"):
        read_title_similarity(tmp_path, language="xx")


def test_similarity_has_documents_and_no_concepts(tmp_path):
    (tmp_path / "en.queries.tsv").write_text("A\tBaker\n")
    (tmp_path / "en.corpus_documents.tsv").write_text("B\tPastry Chef\nC\tPilot\n")
    (tmp_path / "en.annotations.tsv").write_text("A\t0\tB\t1\n")
    benchmark = read_title_similarity(tmp_path, language="en")
    assert benchmark.queries == [TitleQuery("Baker", frozenset("B"))]
    assert benchmark.concepts == {}


def test_jobbert_titles_keep_repeats_and_order(tmp_path):
    path = tmp_path / "titles.csv"
    path.write_text(',vacancyTitle,conceptUri\n0,Baker,u1\n1,"Engineer, Sales",u2\n2,Baker,u1\n')
    assert [query.text for query in read_jobbert_titles(path)] == ["Baker", "Engineer, Sales", "Baker"]
    assert read_jobbert_titles(path)[1].relevant == {"u2"}


def test_jobbert_titles_without_their_column_are_an_error(tmp_path):
    path = tmp_path / "titles.csv"
    path.write_text("title\nBaker\n")
    with pytest.raises(MissingColumn, match="vacancyTitle"):
        read_jobbert_titles(path)


def test_onet_seeds_are_their_own_seed_and_variants_name_theirs(tmp_path):
    seeds, variants = tmp_path / "seeds.csv", tmp_path / "variants.csv"
    seeds.write_text("seed_title,onet_code,onet_name\nBaker,51-3011.00,Bakers\n")
    variants.write_text("jittered_title,seed_title,onet_code,onet_name\nJunior Baker,Baker,51-3011.00,Bakers\n")
    assert read_onet_titles(seeds) == [OnetTitle("Baker", "Baker", "51-3011.00", "Bakers")]
    assert read_onet_titles(variants) == [OnetTitle("Junior Baker", "Baker", "51-3011.00", "Bakers")]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n_queries"),
    [
        ("dnk_q_da_c_da", 734),
        ("dnk_q_da_c_en", 734),
        ("deu_q_de_c_de", 1779),
        ("fra_q_fr_c_fr", 1435),
        ("esp_q_es_c_es", 1580),
        ("usa_q_en_c_en", 633),
    ],
)
def test_melo_has_the_published_number_of_queries_each_with_an_answer(data_folder, name, n_queries):
    benchmark = read_melo(data_folder / "melo", name=name)
    assert len(benchmark.queries) == n_queries
    assert all(query.relevant for query in benchmark.queries)
    assert {document.id for document in benchmark.documents} == set(benchmark.concepts)


@pytest.mark.data
@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl", "pl", "pt"])
def test_title_similarity_has_the_published_numbers(data_folder, language):
    benchmark = read_title_similarity(data_folder / "job_title_similarity", language=language)
    assert len(benchmark.queries) in (104, 105)
    assert 2_299 <= sum(len(query.relevant) for query in benchmark.queries) <= 2_420
    assert 2_488 <= len(benchmark.documents) <= 2_619


@pytest.mark.data
@pytest.mark.parametrize("name", ["titles.csv.gz", "titles.test.csv.gz"])
def test_jobbert_has_the_published_number_of_titles(data_folder, name):
    queries = read_jobbert_titles(data_folder / "jobbert_titles_esco" / name)
    assert len(queries) == 15_463
    assert len(frozenset().union(*(query.relevant for query in queries))) == pytest.approx(1_370, abs=10)


@pytest.mark.data
def test_onet_has_the_published_number_of_titles(data_folder):
    seeds = read_onet_titles(data_folder / "onet_titles" / "seed_titles.csv")
    variants = read_onet_titles(data_folder / "onet_titles" / "jittered_titles_synthetic.csv.gz")
    assert (len(seeds), len(variants)) == (5_844, 29_075)
    assert len({title.code for title in seeds}) == 894
