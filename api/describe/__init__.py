"""The OpenAPI document: what the routes cannot tell the framework by their signatures."""
