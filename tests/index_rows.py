"""Rows and filters made at random, for tests of indexes."""

import random
from datetime import date

import numpy as np

from metier.domain import Between, Facts, Near, OneOf, Unless

COUNTRIES = ("FR", "BE", "DE", "ES", "US", "NZ")
CATEGORIES = ("Data science", "Santé & soins", "データ", 'quotes " and \\', "naïve 👍", "in")
LANGUAGES = ("fr", "en", "de", "es", "nl")
_TODAY = date(2026, 11, 1).toordinal()


def unit_vectors(n_rows, dim, *, seed):
    """Around a few directions, as texts are; two rows in a hundred are the same as the one before."""
    numbers = np.random.default_rng(seed)
    centers = numbers.normal(size=(12, dim))
    vectors = centers[numbers.integers(0, 12, n_rows)] + numbers.normal(size=(n_rows, dim))
    vectors[49::50] = vectors[48::50][: len(vectors[49::50])]
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def random_facts(numbers: random.Random):
    """Each fact is missing in one row of six."""

    def known(value):
        return value if numbers.random() < 5 / 6 else None

    place = known(_random_place(numbers)) or (None, None)
    return Facts(
        country=known(numbers.choice(COUNTRIES)),
        latitude=place[0],
        longitude=place[1],
        day_rate=known(float(numbers.randrange(100, 1000, 10))),
        languages=tuple(numbers.sample(LANGUAGES, numbers.randrange(0, 4))),
        available_from=known(date.fromordinal(_TODAY + numbers.randrange(200))),
        category=known(numbers.choice(CATEGORIES)),
    )


def random_where(numbers: random.Random, *, ids):
    """None to three conditions, one of four of them negated."""
    conditions = [_random_condition(numbers, ids) for _ in range(numbers.randrange(4))]
    return tuple(Unless(condition) if numbers.random() < 0.25 else condition for condition in conditions)


def _random_condition(numbers, ids):
    kind = numbers.randrange(7)
    if kind == 0:
        return OneOf("country", tuple(numbers.sample(COUNTRIES, numbers.randrange(0, 4))))
    if kind == 1:
        return OneOf("category", tuple(numbers.sample(CATEGORIES, numbers.randrange(1, 4))))
    if kind == 2:
        return OneOf("languages", tuple(numbers.sample((*LANGUAGES, "zz"), numbers.randrange(1, 3))))
    if kind == 3:
        return OneOf("id", (*numbers.sample(ids, min(len(ids), numbers.choice((1, 5, 60)))), "nobody"))
    if kind == 4:
        low, high = sorted(float(numbers.randrange(50, 1050, 10)) for _ in range(2))
        return Between("day_rate", *numbers.choice(((low, high), (low, None), (None, high), (low, low))))
    if kind == 5:
        low, high = sorted(date.fromordinal(_TODAY + numbers.randrange(-10, 210)) for _ in range(2))
        return Between("available_from", *numbers.choice(((low, high), (low, None), (None, high))))
    return Near(*_random_place(numbers), numbers.choice((1.0, 300.0, 2500.0, 9000.0, 19000.0, 40000.0)))


def _random_place(numbers):
    """Two in three in Europe, the others anywhere: near the poles and the date line too."""
    if numbers.random() < 2 / 3:
        return round(numbers.uniform(40, 55), 4), round(numbers.uniform(-5, 15), 4)
    return round(numbers.uniform(-90, 90), 4), round(numbers.choice((1, -1)) * numbers.uniform(150, 180), 4)
