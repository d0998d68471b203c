"""Raters against raters: how far people agree, and so how well a model can be asked to do."""
