"""The built-in providers, each as any installed one: found by entry point, made of a spec and small kind modules."""
