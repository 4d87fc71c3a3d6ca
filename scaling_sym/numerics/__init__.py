"""The numerical route: double precision, many digits and balls. Shares no code with the symbolic route."""
