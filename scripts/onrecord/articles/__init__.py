"""Raw sources to frozen article records."""
