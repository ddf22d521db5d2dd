"""Vectors of a market's people, for `metier bench index --vectors`.

python benchmarks/people_vectors.py runs/market-1 sections build/people.npy
"""

import sys
from pathlib import Path

import numpy as np

from metier.data.documents import read_profiles
from metier.data.market import PROFILES
from metier.pipelines.build import build_document_encoder


def main(market: Path, encoder: str, output: Path) -> None:
    """Encode the people and write float32 (n_people, dim)."""
    output.parent.mkdir(parents=True, exist_ok=True)
    np.save(output, build_document_encoder(encoder).encode_profiles(read_profiles(market / PROFILES)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
