"""Sentences with their syntax: trees, tags, and sentences of the same syntax with other words."""
