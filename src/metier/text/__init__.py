"""Characters to sections, sentences, words and language; offsets are always kept."""
