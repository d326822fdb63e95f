"""A variational autoencoder with a semantic latent on a sphere and a Gaussian syntactic one."""
