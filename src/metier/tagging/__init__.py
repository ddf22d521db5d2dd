"""Skills and knowledge in text."""
