"""SQL of the pages, one module an audience. Reads public marts only."""
