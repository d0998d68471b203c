"""Agent's statements held against a reference: claims → the fact each is about → a verdict."""
