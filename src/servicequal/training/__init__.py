"""Annotated contacts in, a scorer out; nothing here is needed to score."""
