"""From wave to wave: retraining and promotion, drift, the bridge between scorers, what to annotate next."""
