"""Phrases that matter."""
