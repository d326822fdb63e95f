"""Models of texts: their contract, and what is measured on them."""
