"""Checks that every discovered method passes."""
