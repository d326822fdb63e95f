"""Corpora, tasks and splits: everything a method or the harness knows about text."""
