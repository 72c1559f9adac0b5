"""Serve the pages: who may ask what, requests as plain values, answers, and the server."""
