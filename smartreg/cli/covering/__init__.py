"""What conventions cover: `coverage`."""
