"""A whole history: any number of contacts in, sharded Parquet with a manifest out, safe against being killed."""
