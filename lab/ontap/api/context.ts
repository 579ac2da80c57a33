import { Cluster } from "../cluster";
import { Volumes } from "../data/volumes";
import { OntapFailure } from "../errors";
import { Call } from "../http/resource";
import { ClusterPeers } from "../peering/clusterPeers";
import { SvmPeers } from "../peering/svmPeers";
import { Cron } from "../snapmirror/cron";
import { Relationships } from "../snapmirror/relationships";
import { Source } from "../snapmirror/source";
import { JobRecord, NamedReference } from "../state";

/** All that the resources of the API act on. */
export interface Context {
    cluster: Cluster;
    volumes: Volumes;
    clusterPeers: ClusterPeers;
    svmPeers: SvmPeers;
    source: Source;
    relationships: Relationships;
    cron: Cron;
}

/** Starts the job of a request, with the faults that concern it. */
export function startJob(
    { cluster }: Context,
    call: Call,
    seconds: number,
    work: () => Promise<void> | void,
    more: { svm?: NamedReference; target?: string } = {},
): JobRecord {
    const occasion = { method: call.method, path: call.path, user: call.user };
    const failure = cluster.faults.strike("jobFailure", occasion);
    const delay = cluster.faults.strike("slowJob", occasion)?.milliseconds;
    return cluster.jobs.start({
        description: `${call.method} /api${call.path}${more.target === undefined ? "" : `/${more.target}`}`,
        svm: more.svm,
        seconds,
        delay,
        work: failure
            ? () => {
                  throw new OntapFailure(500, failure.code, failure.message);
              }
            : work,
    });
}

/** The name or uuid that a body's reference carries. */
export interface Reference {
    name?: string;
    uuid?: string;
}

/** The element of a list that a reference names, by uuid first. */
export function resolve<T extends NamedReference>(list: T[], reference: Reference | undefined): T | undefined {
    return reference?.uuid !== undefined
        ? list.find(({ uuid }) => uuid === reference.uuid)
        : list.find(({ name }) => name === reference?.name);
}
