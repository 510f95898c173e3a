"""Bytes to arrays and back: each kind of media with the library that suits it."""
