"""Browses with python-zeroconf and prints a line for each service that comes: ADDRESS TYPE."""

import sys
import time

from zeroconf import ServiceBrowser, Zeroconf


class Listener:
    def add_service(self, zeroconf, type_, name):
        print(f"+ {name}", flush=True)

    def update_service(self, zeroconf, type_, name):
        pass

    def remove_service(self, zeroconf, type_, name):
        pass


def main():
    address, type_ = sys.argv[1:]
    zeroconf = Zeroconf(interfaces=[address])
    browser = ServiceBrowser(zeroconf, f"{type_}.local.", Listener())
    print("ready", flush=True)
    while browser:
        time.sleep(3600)


main()
