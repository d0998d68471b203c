"""Scorecards in, something a person reads out; no model is needed."""
