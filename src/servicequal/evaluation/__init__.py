"""Scorecards against blind annotations: how well the scorer agrees with people, with intervals."""
