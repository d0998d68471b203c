"""Works-council mode: what a report may say of people, enforced where the scorecards enter it."""
