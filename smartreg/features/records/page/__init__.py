"""Their pages at the desk."""
