"""What changed between two OpenAPI documents, how bad it is, and which job kinds it touches."""
