"""Invoices as files: one function a form, each from the same invoice and its lines."""
