"""The names of the annotation formats."""

from enum import StrEnum


class Format(StrEnum):
    """What annotations are kept in."""

    SKILLSPAN = "skillspan"
    CONLL = "conll"
    SPANS = "spans"
    LABEL_STUDIO = "label-studio"
    BRAT = "brat"
    DOCBIN = "docbin"
    GERMAN_ICT = "german-ict"
