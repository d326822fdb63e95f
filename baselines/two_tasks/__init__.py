"""One network for two tasks: the label of a text, and the spans in it."""
