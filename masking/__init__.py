"""Disentanglement by masks over a frozen transformer (Zhang et al. 2021)."""
