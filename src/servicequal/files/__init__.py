"""Bytes on disk ↔ the nouns, one format a file."""
