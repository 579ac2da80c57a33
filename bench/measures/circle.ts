import type { LatencyName } from "../latency";
import { peerNames } from "../peers/failovers";
import { wayNames } from "../peers/ways";
import { type Row, rowOfMeasured } from "../rows";
import { type Measured, sumOf } from "../statistics";
import { halfOfAnsible, withoutRoles } from "./rejoin";

/**
 * All commands of a failover, of the rejoin after it, and of the planned switch back: the sum of what was measured of each.
 * None where one of them was not measured.
 */
export function circleRows(rows: readonly Row[], size: number, latency: LatencyName): Row[] {
    const about = { measure: "circle: all commands", size, latency, unit: "s" as const };
    const found = circles.flatMap(({ peer, parts }) => {
        const sides = parts.flatMap(([measure, name]) => {
            const isPart = (row: Row) => row.measure === measure && row.size === size && row.latency === latency;
            const { ours, peer: theirs } = rows.find((row) => isPart(row) && row.peer?.name === name) ?? {};
            return ours && theirs ? [{ ours, theirs }] : [];
        });
        if (sides.length < parts.length) {
            return [];
        }
        const sum = (of: (side: { ours: Measured; theirs: Measured }) => Measured) => sumOf(sides.map(of));
        const theirs = { name: peer, ...sum(({ theirs }) => theirs) };
        return [
            rowOfMeasured(
                { ...about, goal: halfOfAnsible(peer) },
                sum(({ ours }) => ours),
                { peer: theirs },
            ),
        ];
    });
    return found.length === 0 ? [] : [...found, withoutRoles(about)];
}

/** The measures that a circle consists of, by how the peer is called in each. */
type Part = readonly [measure: string, peer: string];

/** Those who go the whole circle: in a failover, what they do is called otherwise. */
const circles: readonly { peer: string; parts: readonly Part[] }[] = [
    { peer: wayNames.kubectl, parts: partsOf(peerNames.parallel, wayNames.kubectl) },
    { peer: wayNames.ansible, parts: partsOf(peerNames.ansible, wayNames.ansible) },
];

function partsOf(failover: string, way: string): Part[] {
    return [
        ["failover, up --skip-preview: the command ends", failover],
        ["rejoin: all commands", way],
        ["switch: all commands", way],
    ];
}
