import pytest

from metier.errors import ConfigError, UnknownModel
from metier.pipelines import linker_systems
from metier.pipelines.linker_systems import LinkerName, build_linker, parse_linker, size_mb


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linker", LinkerName(name="linker", model="linker")),
        ("shipped=linker", LinkerName(name="shipped", model="linker")),
        ("r=linker+runs/r", LinkerName(name="r", model="linker", reranker="runs/r")),
        ("o=runs/l@runs/t", LinkerName(name="o", model="runs/l", taxonomy="runs/t")),
        ("o=a+b@c", LinkerName(name="o", model="a", reranker="b", taxonomy="c")),
        ("lexical", LinkerName(name="lexical", model="", baseline="lexical")),
        ("words=exact@own", LinkerName(name="words", model="", baseline="exact", taxonomy="own")),
        ("bi-encoder", LinkerName(name="bi-encoder", model="linker", baseline="bi-encoder")),
        ("d=bi-encoder:runs/l", LinkerName(name="d", model="runs/l", baseline="bi-encoder")),
    ],
)
def test_linkers_are_asked_for_by_name(text, expected):
    assert parse_linker(text) == expected


@pytest.mark.parametrize("text", ["", "=", "a=", "=b", "a=b+", "a=b@", "a=+b", "a=bi-encoder:", "lexical:runs/l"])
def test_what_names_no_linker_is_refused(text):
    with pytest.raises(ConfigError, match=r"NAME=MODEL|takes no model"):
        parse_linker(text)


@pytest.mark.parametrize("text", ["lexical+r", "bi-encoder:linker+r"])
def test_a_baseline_takes_no_reranker(text):
    with pytest.raises(ConfigError, match="takes no re-ranker"):
        parse_linker(text)


def test_every_baseline_is_built_over_the_taxonomy(tiny_linker):
    model, taxonomy = map(str, tiny_linker)
    for text, kind in (
        ("lexical", "lexical of tiny-taxonomy@"),
        ("exact", "exact of tiny-taxonomy@"),
        (f"bi-encoder:{model}", "bi-encoder of tiny-linker@"),
        (f"mine={model}", "tiny-linker@"),
    ):
        parts = build_linker(parse_linker(text), taxonomy=taxonomy, threads=1)
        assert parts.linker.version.startswith(kind)
        [[best]] = parts.linker.rank(["bake bread"], k=1)
        assert best.concept in parts.taxonomy.skills


def test_a_linker_may_name_its_own_taxonomy(tiny_linker):
    model, taxonomy = tiny_linker
    found = build_linker(parse_linker(f"mine={model}@{taxonomy}"), taxonomy="no-such", threads=1)
    assert found.linker.version.startswith("tiny-linker@")
    with pytest.raises(UnknownModel):
        build_linker(parse_linker("lexical"), taxonomy="no-such", threads=1)


def test_a_reranker_is_handed_to_what_builds_linkers(monkeypatch):
    asked = {}
    monkeypatch.setattr(linker_systems, "build_linking", lambda **options: asked.update(options))
    build_linker(parse_linker("r=first+second"), taxonomy="esco", threads=3)
    assert asked == {"linker": "first", "reranker": "second", "taxonomy": "esco", "threads": 3}


def test_size_is_that_of_the_model_and_the_taxonomy(tiny_linker):
    model, taxonomy = tiny_linker
    of_files = {
        folder: sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        for folder in (model, taxonomy)
    }
    assert size_mb(parse_linker("lexical"), taxonomy=str(taxonomy)) == pytest.approx(of_files[taxonomy])
    assert size_mb(parse_linker(f"m={model}"), taxonomy=str(taxonomy)) == pytest.approx(sum(of_files.values()))
