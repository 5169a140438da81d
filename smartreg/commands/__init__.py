"""One command, one module: plain values in, values out; no printing, no environment."""
