"""How fast each stage is and what memory it needs, on made-up corpora of any size."""
