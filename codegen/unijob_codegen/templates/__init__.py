"""What generated code is made from: templates, and the runtime that is copied beside it."""
