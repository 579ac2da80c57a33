"""circle.py SITES: a whole circle of SnapMirror between two clusters, by NetApp's Python client alone.

Peers the clusters and the SVMs, mirrors a volume from east to west, breaks the mirror, turns it round, breaks it again,
turns it back, and takes everything away. Each thing is done by the client's own classes, jobs are polled by the client,
and what it sends and receives must fit its own schemas.
"""

import sys

from netapp_ontap.error import NetAppRestError
from netapp_ontap.resources import (
    Aggregate,
    Cluster,
    ClusterPeer,
    IpInterface,
    Job,
    Node,
    Schedule,
    SnapmirrorPolicy,
    SnapmirrorRelationship,
    SnapmirrorTransfer,
    Snapshot,
    Svm,
    SvmPeer,
    SvmPeerPermission,
    Volume,
)
from sites import equal, read_sites, until

MB = 1024 * 1024


def step(text):
    print(f"· {text}", flush=True)


def refused(code, act):
    try:
        act()
    except NetAppRestError as error:
        found = error.response_body["error"]["code"]
        equal(found, code, "code of the refusal")
        return
    raise AssertionError(f"expected a refusal with {code}")


def fails_as_job(code, site, act):
    try:
        act()
    except NetAppRestError:
        with site.connection:
            failed = list(Job.get_collection(state="failure", fields="**", order_by="end_time"))
            equal((failed[-1].code, failed[-1].error.code), (code, str(code)), "code of the job")
        return
    raise AssertionError(f"expected a job that fails with {code}")


def look_around(site):
    with site.connection:
        cluster = Cluster()
        cluster.get()
        equal(cluster.name, site.cluster_name, "name of the cluster")
        assert (cluster.version.generation, cluster.version.major) >= (9, 12), cluster.version
        for resource in (Node, Aggregate, Svm, IpInterface, Schedule, SnapmirrorPolicy, Volume, Job):
            found = list(resource.get_collection(fields="**", max_records=3))
            assert found or resource is Job, f"no {resource.__name__}"
            if found:
                resource.find(uuid=found[0].uuid).get(fields="**")
        return [lif.ip.address for lif in IpInterface.get_collection(services="intercluster_core", fields="ip")]


def peer_clusters(east, west, addresses):
    with east.connection:
        offer = ClusterPeer.from_dict(
            {"authentication": {"generate_passphrase": True, "expiry_time": "PT1H"}, "peer_applications": ["snapmirror"]}
        )
        answer = offer.post(return_records=True).http_response.json()
        passphrase = answer["records"][0]["authentication"]["passphrase"]
        refused("4655058", ClusterPeer.from_dict({"authentication": {"generate_passphrase": True, "expiry_time": "P8D"}}).post)
    with west.connection:
        ClusterPeer.from_dict(
            {"remote": {"ip_addresses": addresses}, "authentication": {"passphrase": passphrase}}
        ).post()
    for site in (east, west):
        with site.connection:
            (peer,) = ClusterPeer.get_collection(fields="*")
            equal((peer.status.state, peer.authentication.state), ("available", "ok"), f"peer at {site.cluster_name}")
            peer.get(fields="**")


def peer_svms(east, west):
    with west.connection:
        SvmPeerPermission.from_dict(
            {"cluster_peer": {"name": east.cluster_name}, "svm": {"name": west.svm}, "applications": ["snapmirror"]}
        ).post()
        assert list(SvmPeerPermission.get_collection(fields="*"))
    with west.connection:
        SvmPeer.from_dict(
            {
                "svm": {"name": west.svm},
                "peer": {"svm": {"name": east.svm}, "cluster": {"name": east.cluster_name}},
                "applications": ["snapmirror"],
            }
        ).post()
        mine = until("the record", lambda: SvmPeer.find(**{"peer.svm.name": east.svm}, fields="*"))
        equal(mine.state, "initiated", "the asking side")
    with east.connection:
        theirs = until("the request", lambda: SvmPeer.find(**{"peer.svm.name": west.svm}, fields="*"))
        equal((theirs.uuid, theirs.state), (mine.uuid, "pending"), "the asked side")
        theirs.state = "peered"
        theirs.patch()
        theirs.get(fields="*")
        equal(theirs.state, "peered", "after acceptance")


def make_volume(site, name, more):
    with site.connection:
        volume = Volume.from_dict(
            {"name": name, "svm": {"name": site.svm}, "aggregates": [{"name": site.aggregate}], "size": 40 * MB, **more}
        )
        volume.post()
        volume.get(fields="**")
        return volume


def mount(site, name, path):
    with site.connection:
        volume = Volume.find(name=name)
        volume.nas = {"path": path}
        volume.patch()


def relationship(site, name):
    with site.connection:
        return until("the relationship", lambda: SnapmirrorRelationship.find(**{"destination.path": f"{site.svm}:{name}"}, fields="*"))


def settled(site, name, state):
    def look():
        found = relationship(site, name)
        transfer = getattr(found, "transfer", None)
        moving = transfer is not None and transfer.state in ("queued", "transferring")
        return found if found.state == state and not moving else None

    found = until(f"{name} {state}", look)
    equal(found.healthy, True, f"health of {name}")
    return found


def mirror(source, destination, from_name, to_name):
    with destination.connection:
        made = SnapmirrorRelationship.from_dict(
            {
                "source": {"path": f"{source.svm}:{from_name}"},
                "destination": {"path": f"{destination.svm}:{to_name}"},
                "policy": {"name": "MirrorAllSnapshots"},
            }
        )
        made.post()
        made.get(fields="**")
        equal(made.state, "uninitialized", "a new relationship")


def change(site, name, state, **more):
    found = relationship(site, name)
    with site.connection:
        patch = SnapmirrorRelationship(uuid=found.uuid)
        patch.state = state
        for key, value in more.items():
            setattr(patch, key, value)
        patch.patch()
    return settled(site, name, state)


def update(site, name, **body):
    found = relationship(site, name)
    with site.connection:
        transfer = SnapmirrorTransfer(found.uuid)
        for key, value in body.items():
            setattr(transfer, key, value)
        transfer.post(hydrate=True)

        def ended():
            (one,) = [each for each in SnapmirrorTransfer.get_collection(found.uuid, fields="**") if each.uuid == transfer.uuid] or [None]
            return one if one is not None and one.state not in ("queued", "transferring") else None

        equal(until("the transfer", ended).state, "success", "transfer")
    return settled(site, name, "snapmirrored")


def snapshots(site, name):
    with site.connection:
        volume = Volume.find(name=name)
        return {one.name: one for one in Snapshot.get_collection(volume.uuid, fields="**")}


def take_snapshot(site, volume_name, name):
    with site.connection:
        volume = Volume.find(name=volume_name)
        snapshot = Snapshot.from_dict({"name": name, "comment": "by the client"}, volume.uuid)
        snapshot.post()
        snapshot.get(fields="**")
        return snapshot


def released(site, name):
    with site.connection:
        path = f"{site.svm}:{name}"
        return [one for one in SnapmirrorRelationship.get_collection(list_destinations_only=True, fields="**") if one.source.path == path]


def turn_round(old_source, new_source, old_name, new_name):
    """The explicit sequence: a relationship the other way, resync on the common snapshot, the old records released."""
    old = relationship(new_source, new_name)
    with new_source.connection:
        SnapmirrorRelationship(uuid=old.uuid).delete(destination_only=True)
    with old_source.connection:
        SnapmirrorRelationship(uuid=old.uuid).delete(source_info_only=True)
    equal(released(old_source, old_name), [], "records at the old source")
    mirror(new_source, old_source, new_name, old_name)
    change(old_source, old_name, "snapmirrored")


def main(east, west):
    step("clusters, nodes, aggregates, SVMs, interfaces, schedules, policies, volumes")
    addresses = look_around(east)
    look_around(west)

    step("cluster peers: an offer with a generated passphrase, and its acceptance")
    peer_clusters(east, west, addresses)
    step("SVM peers: asked for, accepted")
    peer_svms(east, west)

    step("volumes")
    make_volume(east, "data", {"nas": {"path": "/data"}, "comment": "source"})
    make_volume(west, "data_dr", {"type": "dp"})
    assert east.append("/data/log", "one\n")
    refused("917526", lambda: make_volume(east, "data", {}))

    step("relationship: created, initialised, updated")
    mirror(east, west, "data", "data_dr")
    refused("6619637", lambda: mirror(east, west, "data", "data_dr"))
    change(west, "data_dr", "snapmirrored")
    equal(west.content("data_dr", "log"), "one\n", "mirrored bytes")
    east.append("/data/log", "two\n")
    update(west, "data_dr")
    east.append("/data/log", "three\n")
    final = take_snapshot(east, "data", "final")
    east.append("/data/log", "lost\n")
    update(west, "data_dr", source_snapshot="final")
    equal(snapshots(west, "data_dr")["final"].version_uuid, final.version_uuid, "identity of the final snapshot")
    equal(west.content("data_dr", "log"), "one\ntwo\nthree\n", "bytes of the final snapshot")

    step("quiesced, resumed, quiesced, broken")
    change(west, "data_dr", "paused")
    change(west, "data_dr", "snapmirrored")
    change(west, "data_dr", "paused")
    refused("13303831", lambda: change(west, "data_dr", "in_sync"))
    change(west, "data_dr", "broken_off")
    mount(west, "data_dr", "/data")
    assert west.append("/data/log", "west\n")

    step("the way back: the relationship the other way, resync, update")
    turn_round(east, west, "data", "data_dr")
    equal(east.content("data", "log"), "one\ntwo\nthree\nwest\n", "bytes after the resync")
    assert not east.append("/data/log", "refused\n"), "a mirror's destination took bytes"
    west.append("/data/log", "more\n")
    update(east, "data")

    step("and round again: broken at the east, resync to the west")
    change(east, "data", "paused")
    change(east, "data", "broken_off")
    mount(east, "data", "/data")
    assert east.append("/data/log", "home\n")
    turn_round(west, east, "data_dr", "data")
    equal(west.content("data_dr", "log"), "one\ntwo\nthree\nwest\nmore\nhome\n", "bytes at the end")

    step("broken and resynchronised in its own direction")
    change(west, "data_dr", "broken_off")
    change(west, "data_dr", "snapmirrored", preserve=False)

    step("everything taken away")
    fails_as_job(917858, east, lambda: delete_volume(east, "data"))
    change(west, "data_dr", "broken_off")
    with west.connection:
        SnapmirrorRelationship(uuid=relationship(west, "data_dr").uuid).delete()
    equal(released(east, "data"), [], "records at the source")
    held = [name for name, one in snapshots(east, "data").items() if "snapmirror" in getattr(one, "owners", [])]
    equal(held, [], "snapshots that SnapMirror holds")
    with east.connection:
        Snapshot.find(Volume.find(name="data").uuid, name="final").delete()
    delete_volume(east, "data")
    delete_volume(west, "data_dr")
    with west.connection:
        refused("4653079", ClusterPeer.find().delete)
        SvmPeer.find().delete()
        ClusterPeer.find().delete()
    with east.connection:
        equal(list(SvmPeer.get_collection()), [], "SVM peers")
        ClusterPeer.find().delete()


def delete_volume(site, name):
    with site.connection:
        Volume.find(name=name).delete()


main(*read_sites(sys.argv[1]))
