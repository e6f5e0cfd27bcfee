"""Receives Multicast DNS packets and does nothing with them: ADDRESS."""

import socket
import sys


def main():
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link.bind(("", 5353))
    membership = socket.inet_aton("224.0.0.251") + socket.inet_aton(sys.argv[1])
    link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    print("ready", flush=True)
    octets = bytearray(9216)
    count = 0
    while True:
        link.recv_into(octets)
        count += 1


main()
