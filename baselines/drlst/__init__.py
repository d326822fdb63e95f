"""Disentangled variational autoencoders of texts (John et al. 2019), with two encoders."""
