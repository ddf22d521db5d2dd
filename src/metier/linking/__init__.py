"""From a mention to a concept of the taxonomy, or to none."""
