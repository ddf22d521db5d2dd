"""REST, gRPC and the page (extra `serve`)."""
