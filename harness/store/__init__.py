"""What a trial leaves on disk: records, artifacts, provenance."""
