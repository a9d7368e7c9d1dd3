"""Files as text tables: reading guesses no value and loses no row."""
