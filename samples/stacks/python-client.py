"""A TLS client on Python's ssl that sends one HTTP request: python-client.py HOST PORT CA-FILE [strict]"""
import socket
import ssl
import sys

host, port, ca = sys.argv[1:4]
context = ssl.create_default_context(cafile=ca)
if "strict" in sys.argv:  # the default since Python 3.13
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
with socket.create_connection((host, int(port)), timeout=5) as tcp:
    with context.wrap_socket(tcp, server_hostname=host) as tls:
        tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while tls.recv(4096):
            pass
