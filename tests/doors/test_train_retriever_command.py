"""`metier train retriever`, as typed."""

from matching_market import tiny_market

from metier.data.market import write_market
from metier.matching.towers import Towers

CONFIG = """
title_pieces = 6
description_pieces = 8
skills_pieces = 6
category_pieces = 4
head_heads = 4
head_inner = 16
epochs = 1
projects_per_batch = 16
query_variants = 1
query_steps = 1
"""


def test_a_retriever_is_trained_and_can_be_used(shell):
    write_market(tiny_market(), shell.folder / "market")
    shell.write("c.toml", CONFIG)
    outcome = shell.run("train", "retriever", "c.toml", "--data", "market", "-o", "out", "--cache", "kept")
    assert (outcome.code, outcome.out) == (0, "")
    assert "Wrote out." in outcome.err
    assert Towers.load(shell.folder / "out").encode_queries(["nurse"]).any()
    assert not (shell.folder / "runs").exists()


def test_a_missing_market_and_an_unknown_key_are_told(shell):
    shell.write("c.toml", CONFIG)
    outcome = shell.run("train", "retriever", "c.toml", "--data", "nowhere")
    assert outcome.code == 1
    assert "nowhere" in outcome.err
    shell.write("c.toml", "layer = 1")
    outcome = shell.run("train", "retriever", "c.toml", "--data", "nowhere")
    assert outcome.code == 2
    assert "unknown key layer" in outcome.err
