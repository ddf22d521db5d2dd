"""A person as JSON Resume (https://jsonresume.org/schema): their name and their address are left out."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from metier.errors import InputError

_LANGUAGES: Final = {  # as a résumé names them, by their beginning -> code
    "english": "en", "anglais": "en", "inglés": "en", "englisch": "en", "engels": "en", "engelsk": "en",
    "french": "fr", "français": "fr", "francés": "fr", "französisch": "fr", "frans": "fr", "fransk": "fr",
    "spanish": "es", "espagnol": "es", "español": "es", "spanisch": "es", "spaans": "es", "spansk": "es",
    "castellano": "es",
    "german": "de", "allemand": "de", "alemán": "de", "deutsch": "de", "duits": "de", "tysk": "de",
    "dutch": "nl", "néerlandais": "nl", "neerlandés": "nl", "niederländisch": "nl", "nederlands": "nl",
    "hollandsk": "nl",
    "danish": "da", "danois": "da", "danés": "da", "dänisch": "da", "deens": "da", "dansk": "da",
    "italian": "it", "italien": "it", "italiano": "it", "italienisch": "it", "italiaans": "it", "italiensk": "it",
    "portuguese": "pt", "portugais": "pt", "portugués": "pt", "português": "pt", "portugiesisch": "pt",
    "polish": "pl", "polonais": "pl", "polaco": "pl", "polnisch": "pl", "polski": "pl", "pools": "pl",
    "arabic": "ar", "arabe": "ar", "árabe": "ar", "arabisch": "ar",
    "chinese": "zh", "chinois": "zh", "chino": "zh", "chinesisch": "zh", "mandarin": "zh",
    "russian": "ru", "russe": "ru", "ruso": "ru", "russisch": "ru",
    "turkish": "tr", "turc": "tr", "turco": "tr", "türkisch": "tr", "turks": "tr", "tyrkisk": "tr",
    "ukrainian": "uk", "ukrainien": "uk", "ucraniano": "uk", "ukrainisch": "uk",
    "swedish": "sv", "suédois": "sv", "sueco": "sv", "schwedisch": "sv", "svensk": "sv",
    "romanian": "ro", "roumain": "ro", "rumano": "ro", "rumänisch": "ro",
}  # fmt: skip


def is_resume(row: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a JSON Resume: it has `basics`."""
    return "basics" in row


def row_of_resume(resume: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row of a JSON Resume.

    Args:
        resume: With `basics`; `work`, `projects`, `education`, `skills` and `languages` may be missing.

    Returns:
        `id` if it has one, `title` (the label), `description` (the summary, then what was done and learnt, a line
        each), `skills` (names, then keywords), `country`, and `languages`: the codes of those that are known, others
        are left out.

    Raises:
        InputError: If a part is not of the schema's type; names it.
    """
    basics = _object(resume, "basics")
    location = _object(basics, "location")
    return {
        **({"id": resume["id"]} if "id" in resume else {}),
        "title": _text(basics, "label"),
        "description": "\n".join(_description(resume, basics)),
        "skills": list(_skills(resume)),
        "country": _text(location, "countryCode"),
        "languages": list(dict.fromkeys(filter(None, map(_code, _objects(resume, "languages"))))),
    }


def _description(resume: Mapping[str, Any], basics: Mapping[str, Any]) -> Iterator[str]:
    told = [_text(basics, "summary")]
    for job in _objects(resume, "work"):
        told += [_text(job, "position"), _text(job, "summary"), *_texts(job, "highlights")]
    for project in _objects(resume, "projects"):
        told += [_text(project, "name"), _text(project, "description"), *_texts(project, "highlights")]
    for course in _objects(resume, "education"):
        told.append(" ".join(filter(None, [_text(course, "studyType"), _text(course, "area")])))
    return (text for text in told if text)


def _skills(resume: Mapping[str, Any]) -> Iterator[str]:
    for skill in _objects(resume, "skills"):
        yield from filter(None, [_text(skill, "name"), *_texts(skill, "keywords")])


def _code(language: Mapping[str, Any]) -> str | None:
    name = _text(language, "language").casefold()
    if name[:2].isalpha() and (len(name) == 2 or name[2:3] == "-"):  # fr, or pt-BR
        return name[:2]
    return next((code for known, code in _LANGUAGES.items() if name.startswith(known)), None)


def _object(part: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = part.get(field)
    if value is not None and not isinstance(value, Mapping):
        raise InputError(f"'{field}' holds {type(value).__name__}, and an object was expected, as JSON Resume has it.")
    return value or {}


def _objects(part: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    value = part.get(field)
    if value is not None and not (isinstance(value, list) and all(isinstance(item, Mapping) for item in value)):
        raise InputError(f"'{field}' holds no list of objects, and one was expected, as JSON Resume has it.")
    return value or []


def _texts(part: Mapping[str, Any], field: str) -> list[str]:
    value = part.get(field)
    if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise InputError(f"'{field}' holds no list of texts, and one was expected, as JSON Resume has it.")
    return value or []


def _text(part: Mapping[str, Any], field: str) -> str:
    value = part.get(field)
    if value is not None and not isinstance(value, str):
        raise InputError(f"'{field}' holds {type(value).__name__}, and a text was expected, as JSON Resume has it.")
    return (value or "").strip()
