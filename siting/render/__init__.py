"""Formats of results: terminal, web pages, workbooks, files for geographic information systems."""
