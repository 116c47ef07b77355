"""A site as one makes it with Wagtail alone: its own pages and API, drawn to files by wagtail-bakery."""
