"""What a row of each canonical stream must be: one definition, several uses."""
