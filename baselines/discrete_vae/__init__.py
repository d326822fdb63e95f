"""VAEs of texts with discrete latents that are pressed to be independent, and their rivals."""
