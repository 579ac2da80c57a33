import { aligned } from "../aligned";
import type { Connections, Requests } from "./requests";
import { type Run, type StagedSegment, titleOf } from "./stages";

/** Segments of the critical path that are printed: the longest. */
const longestShown = 12;

/** Rows of text: the stages of a run, its requests, the connections that they took, and the longest parts of its critical path. */
export function tableOf(run: Run, requests: readonly Requests[]): string {
    return [
        ...stageTable(run),
        "",
        ...aligned(["requests to", "verb", "count", "in all", "longest"], requests.map(requestRow)),
        "",
        ...aligned(["connections to", "count", "in all", "longest"], run.connections.map(connectionRow)),
        "",
        ...aligned(["longest on the critical path", "begins", "lasts"], pathRows(run)),
    ].join("\n");
}

/** Where a run spent its time, stage by stage. */
export function stageTable(run: Run): string[] {
    return [
        `${seconds(run.end - run.start)} in all`,
        "",
        ...aligned(["stage", "begins", "lasts", "calls", "on the critical path"], stageRows(run)),
    ];
}

export function seconds(milliseconds: number): string {
    return milliseconds < 1_000 ? `${milliseconds.toFixed(0)} ms` : `${(milliseconds / 1_000).toFixed(2)} s`;
}

/** Which server, in one word or two. */
export function serverName({
    target,
    site = "",
    server,
}: Pick<Requests, "target" | "server"> & { site?: string }): string {
    return [target, site === "" ? "" : `of ${site}`, server].filter((part) => part !== "").join(" ");
}

function stageRows({ stages, start, end }: Run): string[][] {
    return stages.map((stage) => {
        const share = Math.round((stage.critical / (end - start || 1)) * 100);
        const mark =
            stage.critical === 0 ? "" : `${seconds(stage.critical)}  ${share} %  ${"█".repeat(Math.ceil(share / 4))}`;
        const calls = stage.calls === 0 ? "" : String(stage.calls);
        return [titleOf(stage), seconds(stage.start - start), seconds(stage.duration), calls, mark];
    });
}

function requestRow(requests: Requests): string[] {
    const { verb, count, total, longest } = requests;
    return [serverName(requests), verb, String(count), seconds(total), seconds(longest)];
}

function connectionRow(connections: Connections): string[] {
    const { count, total, longest } = connections;
    return [serverName(connections), String(count), seconds(total), seconds(longest)];
}

function pathRows({ path, start }: Run): string[][] {
    return [...path]
        .sort((a, b) => b.end - b.start - (a.end - a.start))
        .slice(0, longestShown)
        .sort((a, b) => a.start - b.start)
        .map((segment) => [nameOf(segment), seconds(segment.start - start), seconds(segment.end - segment.start)]);
}

/** Its stage, and which part of it: a call, or the time between its calls. */
export function nameOf({ stage, node, between }: StagedSegment): string {
    const title = titleOf(stage);
    return between || node === undefined || title.endsWith(node.name) ? title : `${title} › ${node.name}`;
}
