"""What representations tell of meaning and of syntax: likeness of pairs, and copied analyses."""
