"""Files as text tables. Reading never guesses a value and never loses a row; what a value means is the contract's."""
