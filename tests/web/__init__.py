"""Tests of the web application, in a browser."""
