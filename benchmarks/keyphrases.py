"""How many of the authors' own key phrases the keyword extractor finds: F1 over the first ten, macro-averaged.

A phrase counts as found when it is the same after lower-casing and collapsing white space; no stemming. All given
key phrases count, also those that the text does not hold word for word.

    python benchmarks/keyphrases.py inspec_en.jsonl.gz
"""

import gzip
import json
import sys
from pathlib import Path

from metier.keywords.phrases import PhraseKeywords


def main(path: Path, *, limit: int = 10) -> None:
    """Print the figure as one line of JSON."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    found = PhraseKeywords().extract([row["text"] for row in rows], limit=limit)
    f1s = []
    for row, keywords in zip(rows, found, strict=True):
        gold = {plain(phrase) for phrase in row["keyphrases"]}
        given = {plain(keyword.phrase) for keyword in keywords}
        f1s.append(2 * len(gold & given) / (len(gold) + len(given)) if gold or given else 0.0)
    print(json.dumps({"data": path.name, "n": len(f1s), f"f1@{limit}": round(sum(f1s) / len(f1s), 4)}))


def plain(phrase: str) -> str:
    """Lower case, white space collapsed."""
    return " ".join(phrase.lower().split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
