"""Documents without the cues that `audit_swaps` looks at: what a reader who must not see them is shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, TypeVar

from metier.domain import Profile, Project
from metier.matching import audit_phrases as phrases
from metier.matching.audit_gender import turn_gender
from metier.protocols import DocumentEncoder, Floats
from metier.text.title_gender import strip_gender_marks

_Document = TypeVar("_Document", Profile, Project)

_KEPT: Final = frozenset({"skills", "bonus_skills"})
_NAMED: Final = (
    *("my name is", "je m['’]appelle", "je me nomme", "me llamo", "mi nombre es"),
    *("mein name ist", "ich heiße", "ich heisse", "mijn naam is", "ik heet"),
)
_LABELS: Final = (
    *("place of birth", "birthplace", "date of birth", "year of birth", "nationality", "citizenship", "gender", "sex"),
    *("marital status", "mother tongue", "native language", "age", "ethnicity", "religion"),
    *("lieu de naissance", "date de naissance", "année de naissance", "nationalité", "langue maternelle", "sexe"),
    *("situation familiale", "état civil", "âge"),
    *("lugar de nacimiento", "fecha de nacimiento", "año de nacimiento", "nacionalidad", "lengua materna", "edad"),
    *("estado civil", "sexo", "idioma materno"),
    *("geburtsort", "geburtsdatum", "geburtsjahr", "staatsangehörigkeit", "nationalität", "muttersprache", "alter"),
    *("geschlecht", "familienstand", "jahrgang"),
    *("geboorteplaats", "geboortedatum", "geboortejaar", "nationaliteit", "moedertaal", "leeftijd", "geslacht"),
    *("burgerlijke staat",),
)
_YEAR: Final = r"(?:19|20)\d\d"
_PLACE: Final = r"(?-i:[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,2})"
_WHEN_OR_WHERE: Final = rf"\s+(?:in|on|at|en|à|au|le|am|op|im jahre?)\s+(?:(?:\d\d?[\w ./-]{{1,12}}?)?{_YEAR}|{_PLACE})"
_PHRASES: Final = (
    rf"\b(?:born|née?|nacid[oa]|geboren)(?:{_WHEN_OR_WHERE}){{1,3}}",
    rf"\b(?:in|am|im jahre?)\s+(?:{_YEAR}|{_PLACE})\s+geboren\b",
    # an age, and not how long somebody has done something
    r"\b\d\d\s*(?:years?[\s-]old|jahre alt|jaar oud)\b",
    r"\bâgée?\s+de\s+\d\d\s+ans\b",
    r"\bj['’]ai\s+\d\d\s+ans\b(?!\s+d)",
    r"\btengo\s+\d\d\s+años\b(?!\s+de)",
    r"\b(?:tengo\s+)?\d\d\s+años\s+de\s+edad\b",
    # the year of a degree; that there is one stays
    rf"(?<=\bgraduated)\s+in\s+{_YEAR}",
    rf"(?<=\bdiplôme obtenu)\s+en\s+{_YEAR}",
    rf"(?<=\bdiplômé)\s+en\s+{_YEAR}",
    rf"(?<=\btítulo obtenido)\s+en\s+{_YEAR}",
    rf"(?<=\babschluss)\s+(?:im\s+jahr\s+)?{_YEAR}",
    rf"(?<=\bdiploma behaald)\s+in\s+{_YEAR}",
)


class BlindEncoder:
    """Reads documents through `blind`; see `metier.protocols.DocumentEncoder`."""

    def __init__(self, encoder: DocumentEncoder) -> None:
        """Take an encoder.

        Args:
            encoder: Reads what is left.
        """
        self._encoder = encoder

    @property
    def version(self) -> str:
        """That cues are taken away, and whose encoder reads the rest."""
        return f"blind+{self._encoder.version}"

    @property
    def dim(self) -> int:
        """The length of every vector."""
        return self._encoder.dim

    def encode_profiles(self, profiles: Sequence[Profile]) -> Floats:
        """Give one vector per profile; see `metier.protocols.DocumentEncoder`."""
        return self._encoder.encode_profiles([blind(profile) for profile in profiles])

    def encode_projects(self, projects: Sequence[Project]) -> Floats:
        """Give one vector per project, whose gendered words must meet those of profiles on neutral ground."""
        return self._encoder.encode_projects([blind(project) for project in projects])


def blind(document: _Document) -> _Document:
    """Take the cues out of a document.

    Args:
        document: A profile or a project; where its language is not known all are tried.

    Returns:
        The document, with the facts and the skills that it had.
    """
    return replace(document, sections=blind_sections(document.sections, language=document.language))


def blind_sections(sections: Mapping[str, str], *, language: str | None) -> dict[str, str]:
    """Take out of texts what tells of a person and not of the work.

    Gendered words get the form for men, which dictionaries and taxonomies list them under; marks such as "(m/f/d)",
    names after "my name is", the names of `audit_phrases`, birth, nationality, mother tongue, age and the year of a
    degree are taken away. Years of experience and languages that are spoken stay: they are what projects ask for.
    A sentence that was not foreseen stays too.

    Args:
        sections: Name of section -> text; skills are not touched.
        language: Two letters; None: all that are known are tried.

    Returns:
        The same names -> texts.
    """
    return {name: text if name in _KEPT else _blind(text, language) for name, text in sections.items()}


def _blind(text: str, language: str | None) -> str:
    left = "\n".join(map(strip_gender_marks, text.split("\n")))
    for known in (language,) if language in phrases.LANGUAGES else phrases.LANGUAGES:
        # by way of the other side, where two words may have one form: his and him are both her
        women = turn_gender(left, "woman", language=str(known))
        left = turn_gender(women, "man", language=str(known))
    left = _personal().sub("", left)
    return left if left == text else re.sub(r"[^\S\n]+", " ", left).strip()


@cache
def _personal() -> re.Pattern[str]:
    names = {
        *(name for table in (phrases.MEN, phrases.WOMEN) for names in table.values() for name in names),
        *phrases.MEN_FROM_ELSEWHERE,
        *phrases.WOMEN_FROM_ELSEWHERE,
    }
    listed = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    labels = "|".join(sorted(_LABELS, key=len, reverse=True))
    return re.compile(
        rf"\b(?:{'|'.join(_NAMED)})\s+(?-i:[^\W\d_][\w'’-]*(?:\s+[A-ZÀ-Þ][\w'’-]*)?)[.,]?"
        rf"|\b(?:{labels})\s*[:=]\s*(?:\d[\d./-]*|[^.,;|\n]{{1,60}})[.,;]?"
        rf"|{'|'.join(_PHRASES)}"
        rf"|(?-i:\b(?:{listed})\b)",
        re.IGNORECASE,
    )
