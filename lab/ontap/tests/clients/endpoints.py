"""The endpoints of ONTAP's REST interface that the simulator offers, as classes of NetApp's Python client."""

from netapp_ontap import resources

RESOURCES = [
    resources.Cluster,
    resources.Node,
    resources.Job,
    resources.Schedule,
    resources.ClusterPeer,
    resources.Aggregate,
    resources.IpInterface,
    resources.Svm,
    resources.SvmPeer,
    resources.SvmPeerPermission,
    resources.Volume,
    resources.Snapshot,
    resources.ExportPolicy,
    resources.CifsShare,
    resources.Qtree,
    resources.Lun,
    resources.Igroup,
    resources.LunMap,
    resources.NvmeNamespace,
    resources.NvmeSubsystem,
    resources.NvmeSubsystemMap,
    resources.SnapmirrorPolicy,
    resources.SnapmirrorRelationship,
    resources.SnapmirrorTransfer,
]
