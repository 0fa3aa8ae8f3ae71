"""Suggestions: what an annotator starts from. Rules, models of the corpus's own gold, a parser."""
