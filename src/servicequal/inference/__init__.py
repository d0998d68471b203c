"""Contacts in, sentence vectors out, as fast as the device allows."""
