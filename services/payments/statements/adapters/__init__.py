"""Statements as files and pages: one function a form, each from the same statement."""
