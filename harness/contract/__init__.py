"""All that an author of a method reads: its base classes, and what its members give and take."""
