"""What a representation keeps of the encoder that it is made from.

Low leakage alone can be met by destroying a representation: one number tells its aspect and little
else. Everything here compares a representation with the *untuned* encoder's vectors of the same
texts, so retention means what a user of the encoder loses. Methods that are not made from the
encoder lose neighbours by construction.
"""
