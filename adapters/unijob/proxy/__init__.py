"""The validation proxy: between callers and upstream APIs, holding each message against its contract."""
