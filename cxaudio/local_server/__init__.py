"""What every server on 127.0.0.1 shares: a socket, keys for those who may ask, and checks of each request."""
