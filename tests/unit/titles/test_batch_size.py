from metier.titles.batch_size import BatchSize


def feed(sizes, ratio, times):
    seen = []
    for _ in range(times):
        sizes.update(n_violators=round(ratio * 100), n_compared=100)
        seen.append(sizes.size)
    return seen


def test_few_violators_double_the_size_up_to_the_cap():
    sizes = BatchSize(start=8, cap=32, n_smoothed=2)
    # Two steps for each change; 64 would be past the cap.
    assert feed(sizes, 0.1, 6) == [8, 16, 16, 32, 32, 32]


def test_many_violators_halve_the_size_down_to_the_start():
    sizes = BatchSize(start=8, cap=256, n_smoothed=1)
    feed(sizes, 0.0, 2)
    assert sizes.size == 32
    assert feed(sizes, 0.9, 3) == [16, 8, 8]


def test_the_thresholds_themselves_change_nothing():
    sizes = BatchSize(n_smoothed=1)
    assert feed(sizes, 0.2, 1) == [8]
    sizes.size = 16
    assert feed(sizes, 0.8, 1) == [16]


def test_ratios_are_averaged_over_steps():
    sizes = BatchSize(n_smoothed=3)
    # (0.0 + 0.0 + 0.9) / 3 = 0.3; then (0.0 + 0.9 + 0.9) / 3 = 0.6: neither is below 0.2 or above 0.8.
    assert feed(sizes, 0.0, 2) + feed(sizes, 0.9, 2) == [8] * 4


def test_a_batch_without_a_comparison_is_not_counted():
    sizes = BatchSize(n_smoothed=1)
    sizes.update(n_violators=0, n_compared=0)
    assert sizes.size == 8


def test_a_restored_size_goes_on_as_the_saved_one():
    sizes, other = BatchSize(n_smoothed=3), BatchSize(n_smoothed=3)
    feed(sizes, 0.1, 2)
    other.restore(sizes.state())
    assert feed(other, 0.1, 1) == feed(sizes, 0.1, 1) == [16]


def test_a_start_above_the_cap_is_the_cap():
    assert BatchSize(start=64, cap=16).size == 16
