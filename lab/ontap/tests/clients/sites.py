"""What the circles of both clients have in common: the two simulated clusters, their data path, and waiting."""

import json
import time
import urllib.error
import urllib.request

from netapp_ontap import HostConnection, config

config.STRICT_FIELD_ACCEPTANCE = True
config.STRICT_GET = True
config.RETRY_ON_INCOMPLETE_LOCATION = False


class Site:
    """One cluster: how the client reaches it, and its data path."""

    def __init__(self, described):
        self.__dict__.update(described)
        host, port = self.url.removeprefix("https://").split(":")
        account = {"username": self.username, "password": self.password} if "password" in described else {}
        certificate = {"cert": self.cert_file, "key": self.key_file} if "cert_file" in described else {}
        self.connection = HostConnection(
            host, port=int(port), verify=self.ca_file, poll_interval=0.1, **account, **certificate
        )

    def append(self, path, text):
        """Appends to a file of a mounted volume; False when the volume does not take it."""
        request = urllib.request.Request(
            f"{self.data_url}/{self.svm}{path}?append",
            data=text.encode(),
            method="POST",
            headers={"content-type": "application/octet-stream"},
        )
        try:
            urllib.request.urlopen(request).close()
            return True
        except urllib.error.HTTPError:
            return False

    def content(self, volume, file):
        url = f"{self.data_url}/{self.svm}/.volumes/{volume}/{file}"
        with urllib.request.urlopen(url) as answer:
            return answer.read().decode()


def read_sites(file):
    with open(file, encoding="utf-8") as text:
        described = json.load(text)
    return Site(described["east"]), Site(described["west"])


def until(what, look, seconds=20):
    """What `look` gives once it gives something; fails when it does not in time."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def equal(found, expected, what):
    assert found == expected, f"{what}: expected {expected!r}, found {found!r}"
