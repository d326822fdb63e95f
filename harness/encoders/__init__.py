"""Pretrained transformers: loading, encoding, caching, precision and memory."""
