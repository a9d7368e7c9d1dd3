"""Tokens, guard, hardening and catalogue lints, as SQL that is applied after each migration."""
