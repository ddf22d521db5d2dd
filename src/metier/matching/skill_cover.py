"""Which of the skills that are asked for somebody has: by name, and by meaning across words and languages."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from metier.matching.words import folded
from metier.protocols import Encoder, Floats

Bools = NDArray[np.bool_]

# Of ESCO's skills of 150 occupations, asked for in one of five languages and had in one of five, half of them by a
# person with a dozen others of the same occupation: at this cosine of the shipped encoder 93 % of those that were
# found were right, and 75 % of the right ones were found (0.70: 86 and 85 %; 0.85: 97 and 58 %).
MIN_COSINE: Final = 0.78
_TOO_SHORT: Final = 3  # letters: C is near to C++, and SQL to everything with SQL in it
_QUALIFIER: Final = re.compile(r"\s*\([^()]*\)\s*$")
_WORD: Final = re.compile(r"[\w+#&]+")


def skill_form(skill: str) -> str:
    """Write the name of a skill one way: what is written the same is the same skill.

    Args:
        skill: As somebody worded it.

    Returns:
        Without case, accents, spaces, punctuation, plural s, a final "js" and a final qualifier in brackets:
        "React.js", "ReactJS" and "react" give "react"; "Python (computer programming)" gives "python"; "C", "C++" and
        "C#" stay apart. A skill of signs alone keeps them.
    """
    plain = folded(skill)
    words = _WORD.findall(_QUALIFIER.sub("", plain) or plain)
    whole = "".join(map(_singular, words))
    bare = whole.removesuffix("js")
    return (bare if len(bare) > 1 else whole) or plain or skill.strip()


class SkillCover:
    """Compares skills; remembers the vectors of those that it has seen."""

    def __init__(self, encoder: Encoder | None = None, *, min_cosine: float = MIN_COSINE) -> None:
        """Begin without any skill.

        Args:
            encoder: Of single skills; None: names alone are compared.
            min_cosine: From which on two skills mean the same, in [-1, 1].
        """
        self._encoder = encoder
        self._min_cosine = min_cosine
        self._vectors: dict[str, Floats] = {}

    def covered(self, required: Sequence[str], profiles: Sequence[Sequence[str]]) -> Bools:
        """Say who has what.

        Args:
            required: The skills that are asked for.
            profiles: The skills of each person.

        Returns:
            bool (n_profiles, n_required), in order: True where one of the person's skills has the same form, or, with
            an encoder, a cosine of at least `min_cosine`.
        """
        forms = [skill_form(skill) for skill in required]
        had = [{skill_form(skill) for skill in skills} for skills in profiles]
        found = np.array([[form in own for form in forms] for own in had], dtype=np.bool_)
        found = found.reshape(len(profiles), len(required))
        if self._encoder is not None:
            self._add_meanings(found, required, profiles)
        return found

    def _add_meanings(self, found: Bools, required: Sequence[str], profiles: Sequence[Sequence[str]]) -> None:
        asked = [place for place, skill in enumerate(required) if _is_telling(skill)]
        telling = [[skill for skill in skills if _is_telling(skill)] for skills in profiles]
        self._learn([*(required[place] for place in asked), *(skill for skills in telling for skill in skills)])
        if not asked:
            return
        queries = self._of([required[place] for place in asked])  # (asked, dim)
        for row, skills in zip(found, telling, strict=True):
            if skills:
                row[asked] |= (self._of(skills) @ queries.T).max(axis=0) >= self._min_cosine

    def _learn(self, skills: Sequence[str]) -> None:
        new = [skill for skill in dict.fromkeys(skills) if skill not in self._vectors]
        if new and self._encoder is not None:
            self._vectors.update(zip(new, self._encoder.encode(new), strict=True))

    def _of(self, skills: Sequence[str]) -> Floats:
        return np.stack([self._vectors[skill] for skill in skills])


def _is_telling(skill: str) -> bool:
    return len(skill_form(skill)) > _TOO_SHORT


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "js")) else word
