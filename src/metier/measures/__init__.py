"""Measures: pure functions on plain values, numpy only."""
