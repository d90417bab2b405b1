"""The page's charts: SVG text written at build time, with a finding computed from the data and a table beside each."""
