"""Assets and sensors from files to the raw schema."""
