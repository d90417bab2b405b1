"""A report as text, data, a page, annotations and SARIF."""
