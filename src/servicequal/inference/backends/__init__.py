"""What runs the encoder's arithmetic: one protocol, one file per engine, one check that they all agree."""
