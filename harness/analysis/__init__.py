"""From stored records to numbers: metrics, statistics, scores.csv, evidence for claims."""
