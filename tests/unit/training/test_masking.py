import torch

from metier.training.masking import NOT_ASKED, mask_pieces

MASK, N_PIECES = 4, 1000


def masked(words, *, share=0.15, whole_words=False, seed=1):
    pieces = torch.randint(5, N_PIECES, words.shape, generator=torch.Generator().manual_seed(9))
    read, asked = mask_pieces(
        pieces,
        words,
        share=share,
        whole_words=whole_words,
        mask_id=MASK,
        n_pieces=N_PIECES,
        generator=torch.Generator().manual_seed(seed),
    )
    return pieces, read, asked


def plain_words(n_texts=200, length=100):
    return torch.arange(length).expand(n_texts, -1).clone()


def test_the_asked_share_is_masked_8_1_1():
    pieces, read, asked = masked(plain_words())
    chosen = asked != NOT_ASKED
    assert abs(chosen.float().mean() - 0.15) < 0.01  # 20,000 draws: deviation 0.0025
    assert (asked[chosen] == pieces[chosen]).all()
    assert (read[~chosen] == pieces[~chosen]).all()
    hidden = (read[chosen] == MASK).float().mean()
    kept = (read[chosen] == pieces[chosen]).float().mean()
    assert abs(hidden - 0.8) < 0.03
    assert abs(kept - 0.1) < 0.03


def test_starts_ends_and_padding_are_never_asked():
    words = plain_words()
    words[:, ::2] = -1
    _, _, asked = masked(words, share=0.9)
    assert (asked[:, ::2] == NOT_ASKED).all()
    assert (asked[:, 1::2] != NOT_ASKED).any()


def test_whole_words_are_asked_whole_or_not_at_all():
    words = torch.arange(30).repeat_interleave(3).expand(100, -1)  # every word has three pieces
    _, _, asked = masked(words, share=0.3, whole_words=True)
    chosen = (asked != NOT_ASKED).reshape(100, 30, 3)
    assert (chosen.all(dim=2) == chosen.any(dim=2)).all()
    assert 0.2 < chosen.float().mean() < 0.4


def test_masking_is_new_every_time_and_the_same_for_a_seed():
    words = plain_words(4, 50)
    assert torch.equal(masked(words, seed=3)[1], masked(words, seed=3)[1])
    assert not torch.equal(masked(words, seed=3)[2], masked(words, seed=4)[2])
