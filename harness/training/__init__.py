"""What trained methods share: objectives, batches, schedule, checkpoint."""
