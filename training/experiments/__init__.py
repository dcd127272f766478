"""Studies that nothing that ships depends on."""
