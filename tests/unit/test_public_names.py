"""What `import metier` offers, and what it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import metier

PUBLIC_NAMES = [
    "AnnotatedPosting",
    "Annotator",
    "Candidate",
    "Concept",
    "ConfigError",
    "DamagedModel",
    "Facts",
    "Hit",
    "IndexBusy",
    "IndexMismatch",
    "InputError",
    "Keyword",
    "Link",
    "Match",
    "Mention",
    "MetierError",
    "MissingColumn",
    "MissingExtra",
    "ModelError",
    "Occupation",
    "Posting",
    "Profile",
    "Project",
    "Provenance",
    "Section",
    "ServiceError",
    "Skill",
    "Span",
    "Taxonomy",
    "TaxonomyInvalid",
    "TaxonomyMismatch",
    "UnknownModel",
    "VectorIndexError",
    "__version__",
    "annotated_to_dict",
    "build_annotator",
    "build_linking",
    "link_texts",
    "read_postings",
]
HEAVY = ["numpy", "ctranslate2", "tokenizers", "duckdb", "typer", "rich", "py3langid", "torch", "transformers"]


def run_python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ast.literal_eval(done.stdout)


def test_public_names_are_these_and_no_others():
    assert sorted(metier.__all__) == sorted(PUBLIC_NAMES)
    assert sorted(dir(metier)) == sorted(PUBLIC_NAMES)


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_every_public_name_can_be_imported_and_is_known_under_it(name):
    value = getattr(metier, name)
    assert isinstance(value, str) if name == "__version__" else value.__name__ == name


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(metier.__file__).read_text())
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert imported | {"__version__"} == set(PUBLIC_NAMES)


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="'metier' has no attribute 'annotation'"):
        metier.annotation  # noqa: B018


def test_every_error_is_public():
    from metier import errors

    raised = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.MetierError)
    }
    assert raised <= set(PUBLIC_NAMES)


def test_importing_metier_imports_nothing_heavy():
    code = f"import sys, metier; print([name for name in {HEAVY} if name in sys.modules])"
    assert run_python(code) == []


def test_importing_metier_takes_less_than_a_twentieth_of_a_second():
    code = "import time; t = time.perf_counter(); import metier; print(time.perf_counter() - t)"
    assert min(run_python(code) for _ in range(3)) < 0.05
