"""Whether rows keep their contract, and what their values amount to. No database is read here."""
