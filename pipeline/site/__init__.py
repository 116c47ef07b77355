"""The student site: templates, styles and scripts, and the one command that builds them."""
