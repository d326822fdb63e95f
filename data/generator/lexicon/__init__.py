"""The words and rules of the generated corpora, as data; the notation is that of the grammar."""
