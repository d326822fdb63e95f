"""Choosing settings on the training side of a corpus, where no evaluation row stands.

Every method gets the same number of fits (`search`), each fit is measured alike (`trying`), and the
settings follow from the stored ones (`fits`).
"""
