"""From a request to stored records: planning, running, resuming."""
