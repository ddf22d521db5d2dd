"""What a user asks for, as verbs; `build.py` puts the parts together."""
