"""VAEs of texts whose latents switch numbers off, each text its own."""
