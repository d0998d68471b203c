"""Statistics as plain functions: arrays in, arrays or small frozen results out."""
