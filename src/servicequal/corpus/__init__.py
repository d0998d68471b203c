"""Annotated waves as a whole: read from a folder, and searched for what is wrong."""
