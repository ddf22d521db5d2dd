"""What a datastore costs beside its tagger, and how far a correction may reach.

Both taggers read the same sentences in turns, in one process, on two threads; the ratio is the median over the turns,
by the clock and by processor time (which other jobs on the machine disturb less). Then all pairs of sentences with
other words are counted of which a correction of one would decide the other too (within its radius), and how many of
them have the same gold tags.

    python benchmarks/datastore.py my-store skillspan/dev.json.gz results/datastore-speed.json
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from metier.data.skillspan import TaggedSentence, read_skillspan
from metier.evaluation.record import make_record, write_record
from metier.tagging.corrections import RADIUS
from metier.tagging.datastore import Datastore, Vote
from metier.tagging.nearest import NearestTagger
from metier.tagging.tagger import NeuralTagger
from metier.tagging.whitening import unit_rows

N_TURNS = 5


def main(folder: Path, data: Path, output: Path) -> None:
    """Measure and write the figures."""
    store = Datastore.load(folder, threads=2)
    store.vote = Vote()  # a store whose tuning gave no weight to the neighbours would cost nothing
    tagger = NeuralTagger.load(store.tagger.rpartition("@")[0], threads=2)
    nearest = NearestTagger(tagger, store)
    sentences = read_skillspan(data)
    figures = {
        "n_keys": store.n_keys,
        "vote": {"k": store.vote.n_neighbours, "T": store.vote.temperature, "lambda": store.vote.weight},
        "speed": speed(tagger, nearest, [" ".join(sentence.words) for sentence in sentences if len(sentence.words)]),
        "corrections": reach(tagger, sentences),
    }
    command = f"python benchmarks/datastore.py {folder} {data.name} {output}"
    write_record(output, figures, make_record(data, command=command, model=nearest.version, seed=0))


def speed(tagger: NeuralTagger, nearest: NearestTagger, texts: Sequence[str]) -> dict[str, Any]:
    """Time both in turns on every fourth sentence."""
    texts = texts[::4]
    tagger.tag(texts[:50])
    nearest.tag(texts[:50])
    turns = [(timed(tagger.tag, texts), timed(nearest.tag, texts)) for _ in range(N_TURNS)]
    return {
        "n_sentences": len(texts),
        "n_words": sum(len(text.split()) for text in texts),
        "tagger_s": median(alone[0] for alone, _ in turns),
        "datastore_s": median(both[0] for _, both in turns),
        "ratio": median(both[0] / alone[0] for alone, both in turns),
        "ratio_of_processor_time": median(both[1] / alone[1] for alone, both in turns),
        "n_turns": N_TURNS,
        "n_threads": 2,
    }


def timed(tag: Callable[[Sequence[str]], object], texts: Sequence[str]) -> tuple[float, float]:
    """Seconds by the clock, and of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    tag(texts)
    return time.perf_counter() - clock, time.process_time() - processor


def reach(tagger: NeuralTagger, sentences: Sequence[TaggedSentence]) -> dict[str, Any]:
    """Find pairs of sentences with other words, all of whose vectors lie within the radius; and five times as far."""
    by_length: dict[int, dict[tuple[str, ...], tuple[TaggedSentence, np.ndarray]]] = defaultdict(dict)
    vectors = tagger.word_vectors([sentence.words for sentence in sentences])
    for sentence, rows in zip(sentences, vectors, strict=True):
        by_length[len(sentence.words)][sentence.words] = (sentence, unit_rows(rows))
    found = {"within_radius": [0, 0], "within_five_times_the_radius": [0, 0]}
    for length, alike in by_length.items():
        for (one, here), (other, there) in combinations(alike.values(), 2) if length else ():
            distance = ((here - there) ** 2).sum(axis=1).max()
            for name, radius in zip(found, (RADIUS, 5 * RADIUS), strict=True):
                if distance <= radius:
                    found[name][0] += 1
                    found[name][1] += (one.skill, one.knowledge) == (other.skill, other.knowledge)
    return {"radius": RADIUS} | {name: {"n_pairs": n, "n_same_tags": same} for name, (n, same) in found.items()}


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
