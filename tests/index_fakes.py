"""An encoder that knows nothing but letters, and people to encode."""

import numpy as np

from metier.data.documents import section_texts
from metier.domain import Facts, Profile
from metier.pipelines.index_profiles import refresh_index


class LetterEncoder:
    """Counts letters; remembers whom it has encoded, and can be told to fail."""

    dim = 26

    def __init__(self, version="letters@1", *, fail_after=None):
        self.version = version
        self.encoded = []
        self._left = fail_after

    def encode_profiles(self, profiles):
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise KeyboardInterrupt
        self.encoded += [profile.id for profile in profiles]
        return self._encode(profiles)

    def encode_projects(self, projects):
        return self._encode(projects)

    def _encode(self, documents):
        counts = np.zeros((len(documents), self.dim), dtype=np.float32)
        for row, document in enumerate(documents):
            for letter in "".join(section_texts(document).values()).lower():
                if "a" <= letter <= "z":
                    counts[row, ord(letter) - ord("a")] += 1
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


def person(number, text=None, **facts):
    """Somebody whose vector points where no other one's does."""
    letters = "a" * (1 + number % 40) + "b" * (1 + number // 40) + "ccccc" if text is None else text
    return Profile(
        f"p{number}", {"description": letters}, facts=Facts(**{"country": "FR", "day_rate": 100.0 + number} | facts)
    )


def refresh_for_ever(folder, acknowledged):
    """Change everybody again and again, and count the rounds; runs in a process of its own."""
    number = 0
    while True:
        number += 1
        people = [person(row, f"round {number}") for row in range(300)]
        refresh_index(people, folder, encoder=LetterEncoder())
        acknowledged.value = number
