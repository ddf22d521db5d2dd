"""Measures as pure functions on plain values: numpy only."""
