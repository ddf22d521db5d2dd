"""What a masked language model has to guess: dynamic masking, of pieces or of whole words."""

import torch
from torch import Tensor

NOT_ASKED = -100  # the label that torch's cross-entropy leaves out


def mask_pieces(
    pieces: Tensor,
    words: Tensor,
    *,
    share: float,
    whole_words: bool,
    mask_id: int,
    n_pieces: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Choose what to hide, and hide it.

    Devlin et al. (2019), section 3.1: of the chosen pieces 80 % become the mask, 10 % a random piece, 10 % stay.
    The choice is made anew on every call (Liu et al., 2019).

    Args:
        pieces: int64 (texts, pieces).
        words: int64 of the same shape: the number of each piece's word within its text; -1 where nothing may be
            hidden (start, end, padding).
        share: How much to choose, in (0, 1).
        whole_words: Choose words, and hide all of their pieces; else each piece is chosen for itself.
        mask_id: The piece that stands for a hidden one.
        n_pieces: Size of the vocabulary.
        generator: Decides everything.

    Returns:
        The pieces to read, and what to guess: the original piece where one was chosen, else `NOT_ASKED`.
    """
    drawn = torch.rand(pieces.shape, generator=generator)
    if whole_words:  # every piece takes the number drawn at its word's place
        drawn = drawn.gather(1, words.clamp_min(0).clamp_max(pieces.shape[1] - 1))
    chosen = (drawn < share) & (words >= 0)
    asked = torch.where(chosen, pieces, torch.full_like(pieces, NOT_ASKED))
    fate = torch.rand(pieces.shape, generator=generator)
    any_piece = torch.randint(n_pieces, pieces.shape, generator=generator)
    read = torch.where(chosen & (fate < 0.8), torch.full_like(pieces, mask_id), pieces)
    read = torch.where(chosen & (fate >= 0.9), any_piece, read)
    return read, asked
