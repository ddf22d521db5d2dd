"""A map of the people of a market or a file."""

from pathlib import Path

from metier.data.documents import read_profiles
from metier.data.market import read_market
from metier.evaluation.latent_space import LatentMap, map_profiles
from metier.pipelines.build import SECTIONS, build_document_encoder


def map_people(
    source: Path,
    *,
    encoder: str = SECTIONS,
    limit: int = 3000,
    seed: int = 0,
    threads: int = 1,
) -> LatentMap:
    """Read people, encode them and lay them flat.

    Args:
        source: The folder of a market, whose people are taken as of the split; or a file of profiles.
        encoder: See `metier.pipelines.build.build_document_encoder`.
        limit: People on the map; of more, so many are drawn by chance.
        seed: Of the draw and of t-SNE.
        threads: Processors that the encoder uses.

    Returns:
        The map.

    Raises:
        InputError: If the people cannot be read, or fewer than four have a word.
        ModelError: If the encoder cannot be used.
        MissingExtra: If scikit-learn is not installed.
    """
    profiles = read_market(source).test_profiles if source.is_dir() else read_profiles(source)
    loaded = build_document_encoder(encoder, threads=threads)
    return map_profiles(loaded, profiles, limit=limit, seed=seed)
