"""Gold to the published dataset."""
