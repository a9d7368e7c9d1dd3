"""Reports: what is sent, to whom, and how it looks."""
