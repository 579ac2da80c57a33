import type { Connections } from "../cli/trace/requests";
import { atMost, type Goal, noGoal } from "./goals";

/** Where the servers of a site are. */
export interface Addresses {
    name: string;
    kubernetes: { server: string };
    ontap: { url: string };
    s3: { endpoint: string };
}

/** How often a run connected to one server, and how often it may. */
export interface Connected {
    /** By its site: its address is another one on each lab. */
    what: string;
    count: number;
    goal: Goal;
}

/** However many applications there are. */
const goals: Readonly<Record<string, Goal>> = {
    array: atMost(6, "connections"),
    bucket: atMost(4, "connections"),
};

export function connectedIn(connections: readonly Connections[], sites: readonly Addresses[]): Connected[] {
    return connections.map(({ target, server, count }) => {
        const site = sites.find((one) => addressesOf(one).includes(server));
        return { what: `${target} ${site?.name ?? server}`, count, goal: goals[target] ?? noGoal };
    });
}

function addressesOf({ kubernetes, ontap, s3 }: Addresses): string[] {
    return [new URL(kubernetes.server).host, new URL(ontap.url).host, s3.endpoint];
}
