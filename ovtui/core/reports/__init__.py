"""What runs found out, in words, tables, pages and charts: for terminals, files, the dashboard."""
