"""Projects and profiles."""
