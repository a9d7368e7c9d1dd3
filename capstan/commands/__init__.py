"""One module a command: it reads its arguments, calls the packages below and prints; it decides nothing."""
