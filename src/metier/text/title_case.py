"""Titles that shout, in the case of titles."""

import re
from functools import cache
from typing import Final

_SMALL: Final = frozenset(
    "a af al am and at av bei by da das de del den der des di do du e ed el en et for für fra from "  # noqa: SIM905
    "hos i im in la las le les los med mit o of og on ou para por pour på sur the til to und ved vom "
    "von with y zu zum zur à".split()
)
_ACRONYMS: Final = frozenset(
    "AES AI API AWS BI CAD CAM CEO CFO CIO CISO CMO COO CRM CTO EDI EDV EHPAD EHS EMS ERP ESL ETL EU "  # noqa: SIM905
    "GIS HACCP HR HSE ICT ICU IOS IOT IT ITIL LAMP MEP NASA NGO NICU NVOCC OEM ORM OT OTR PA PCB PHP PICU "
    "PIM PR PT QA QC RH RN ROI SAP SAS SCADA SEA SEO SOC SOX SQL UAE UAV UAT UI UK UNICEF US USA UX "
    "VFX VIP VP VR XML SRE LAN WAN SEM EKG MRI".split()
)
_SHORT: Final = 4  # one word of so many capitals is an acronym as likely as not
_VOWELS: Final = re.compile("[AEIOUYÀ-ÅÈ-ÏÒ-ÖØÙ-ÝÆŒŐŰĂĄĘĖĒĪŪ]")


def calm(text: str) -> str:
    """Put a title that is all capitals into title case.

    Args:
        text: A title on one line.

    Returns:
        The same letters. A title of four letters or less, and one with a small letter, stay as they are;
        so do acronyms: known ones, words without a vowel, of two letters, or with a digit; `.NET`, `C++`, `F&B`.
    """
    if text != text.upper() or not re.search(r"[^\W\d_]{4}", text) or len(text) <= _SHORT:
        return text
    return _runs().sub(_calmed, text)


@cache
def _runs() -> re.Pattern[str]:
    return re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")


def _calmed(match: re.Match[str]) -> str:
    word, start, text = match[0], match.start(), match.string
    if start and word.lower() in _SMALL:
        return _lower(word)
    if _is_acronym(word) or (start and text[start - 1] == "."):
        return word
    return word[0] + _lower(word[1:])


def _is_acronym(word: str) -> bool:
    if word in _ACRONYMS or len(word) <= 2 or "&" in word or any(map(str.isdigit, word)):
        return True
    return _VOWELS.search(word) is None


def _lower(text: str) -> str:
    """Lower each letter that stays one letter, so that no word gets longer."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
