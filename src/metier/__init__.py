"""metier reads the job market: postings in; skills, links to a taxonomy and keywords out.

The public names are below; each is imported when it is first used, so that `import metier` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from metier.data.outputs import annotated_to_dict
    from metier.data.postings import read_postings
    from metier.domain import (
        AnnotatedPosting,
        Candidate,
        Concept,
        Facts,
        Hit,
        Keyword,
        Link,
        Match,
        Mention,
        Occupation,
        Posting,
        Profile,
        Project,
        Provenance,
        Section,
        Skill,
        Span,
    )
    from metier.errors import (
        ConfigError,
        DamagedModel,
        IndexBusy,
        IndexMismatch,
        InputError,
        MetierError,
        MissingColumn,
        MissingExtra,
        ModelError,
        ServiceError,
        TaxonomyInvalid,
        TaxonomyMismatch,
        UnknownModel,
        VectorIndexError,
    )
    from metier.pipelines.annotate import Annotator
    from metier.pipelines.build import build_annotator, build_linking
    from metier.pipelines.link import link_texts
    from metier.taxonomy.taxonomy import Taxonomy

    __version__: str

__all__ = [
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

_ELSEWHERE: Final = {
    "Annotator": "metier.pipelines.annotate",
    "Taxonomy": "metier.taxonomy.taxonomy",
    "annotated_to_dict": "metier.data.outputs",
    "build_annotator": "metier.pipelines.build",
    "build_linking": "metier.pipelines.build",
    "link_texts": "metier.pipelines.link",
    "read_postings": "metier.data.postings",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # any public name
    if name not in __all__:
        raise AttributeError(f"module 'metier' has no attribute '{name}'")
    if name == "__version__":
        from importlib.metadata import version

        return version("metier")
    if name in _ELSEWHERE:
        return getattr(import_module(_ELSEWHERE[name]), name)
    errors = import_module("metier.errors")
    return getattr(errors if hasattr(errors, name) else import_module("metier.domain"), name)


def __dir__() -> list[str]:
    return __all__
