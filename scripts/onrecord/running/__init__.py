"""Passes over documents: cut into shards, run on one machine or many, gathered into one file."""
