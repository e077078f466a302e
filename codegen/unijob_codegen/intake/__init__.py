"""Takes an upstream document in: gets it, keeps what is needed, mends it, names it, and writes a new revision."""
