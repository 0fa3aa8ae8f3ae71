"""onrecord: who is named, who said what, and where they stand - an annotated news dataset."""
