"""Annotations to gold: what is agreed or decided."""
