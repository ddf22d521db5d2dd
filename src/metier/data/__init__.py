"""Files and annotation formats to nouns, and back."""
