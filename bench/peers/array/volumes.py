"""volumes.py FILE: breaks, resynchronises and turns round the mirrors of volumes with NetApp's Python client, one after the
other, as its documentation has it, and prints the seconds of each."""

import json
import sys
import time

from netapp_ontap import HostConnection
from netapp_ontap.resources import SnapmirrorRelationship


def main(file):
    with open(file, encoding="utf-8") as text:
        task = json.load(text)
    source, destination = task["source"], task["destination"]
    seconds = {
        "break": timed(lambda: change(destination, "broken_off")),
        "resync": timed(lambda: change(destination, "snapmirrored")),
        "reverse": timed(lambda: reverse(source, destination, task["volumes"])),
    }
    print(json.dumps(seconds))


def connection(array):
    host, port = array["url"].removeprefix("https://").split(":")
    return HostConnection(
        host, port=int(port), username=array["username"], password=array["password"], verify=array["certificateFile"]
    )


def into(array):
    return list(SnapmirrorRelationship.get_collection(**{"destination.svm.name": array["svm"]}, fields="state"))


def change(array, state):
    with connection(array):
        for one in into(array):
            relationship = SnapmirrorRelationship(uuid=one.uuid)
            relationship.state = state
            relationship.patch()
        wait_for(array, state)


def wait_for(array, state):
    for one in into(array):
        while one.state != state or getattr(getattr(one, "transfer", None), "state", "") in ("queued", "transferring"):
            time.sleep(1)
            one.get(fields="state,transfer")


def reverse(source, destination, volumes):
    change(destination, "broken_off")
    with connection(destination):
        uuids = [one.uuid for one in into(destination)]
        for uuid in uuids:
            SnapmirrorRelationship(uuid=uuid).delete(destination_only=True)
    with connection(source):
        for uuid in uuids:
            SnapmirrorRelationship(uuid=uuid).delete(source_info_only=True)
        for name in volumes:
            relationship = SnapmirrorRelationship.from_dict(
                {
                    "source": {"path": f"{destination['svm']}:{name}"},
                    "destination": {"path": f"{source['svm']}:{name}"},
                    "policy": {"name": "MirrorAllSnapshots"},
                }
            )
            relationship.post(hydrate=True)
            made = SnapmirrorRelationship.find(**{"destination.path": f"{source['svm']}:{name}"})
            made.state = "snapmirrored"
            made.patch()
        wait_for(source, "snapmirrored")


def timed(run):
    began = time.monotonic()
    run()
    return round(time.monotonic() - began, 3)


main(sys.argv[1])
