"""One module a command. A command reads its arguments, calls the packages below, prints; it decides nothing."""
