"""Relations without labels: a class as an intermediate variable of link prediction, and rivals."""
