"""What brings in the rows of a file: `import`."""
