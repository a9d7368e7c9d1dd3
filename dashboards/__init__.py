"""The portal. Pages only describe the screen; queries/ reads public marts through viewer sessions."""
