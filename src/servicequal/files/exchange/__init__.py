"""Annotations to and from the tools that people annotate with, one tool a file."""
