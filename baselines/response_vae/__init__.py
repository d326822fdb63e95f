"""A text VAE of responses to a context, trained with several draws of its latent."""
