// Preloaded into every Node.js process of a CLI's run (NODE_OPTIONS): in the dynamic provider's it notes each call that
// goes out, and at one of them ends what it is told to end. Plain JavaScript, since no compiler is loaded there.
//
// LAB_CALLS is JSON: {
//   file: where the calls are noted, a line each;
//   hosts: { "127.0.0.1:6443": "kubernetes", … }; names: { east: "own", west: "peer" };
//   kill: { call, occurrence, moment: "before" | "after", what: "all" | "provider" | "cli" }, may be missing
// }
const { appendFileSync, readFileSync } = require("node:fs");
const { Agent } = require("node:http");

const settings = JSON.parse(process.env.LAB_CALLS ?? "{}");
const isDynamicProvider = /pulumi[\\/]cmd[\\/]dynamic-provider/.test(process.argv[1] ?? "");

if (settings.file !== undefined && isDynamicProvider) {
    const seen = new Map();
    const addRequest = Agent.prototype.addRequest;
    // Every request comes by here, with whatever library it is made, before a byte of it is sent.
    Agent.prototype.addRequest = function (request, ...rest) {
        const [{ host = "", port = "" } = {}] = rest;
        const call = described(request.method, settings.hosts[`${host}:${port}`] ?? "elsewhere", request.path);
        const occurrence = (seen.get(call) ?? 0) + 1;
        seen.set(call, occurrence);
        appendFileSync(settings.file, `${JSON.stringify({ call, occurrence })}\n`);
        const { kill } = settings;
        if (kill?.call === call && kill.occurrence === occurrence) {
            const now = () => end(kill.what);
            if (kill.moment === "before") {
                now();
            }
            request.prependOnceListener("response", now);
            // A server that is frozen answers nothing: what comes after it is that nobody waits any more.
            request.once("close", now);
        }
        return addRequest.call(this, request, ...rest);
    };
}

/** The same for a switch in either direction and of any epoch: without names of sites, numbers and ids. */
function described(method, server, path) {
    const [place, query = ""] = path.split("?");
    const bare = decodeURIComponent(place)
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
        .replace(/(?<=[-/])\d+(?=[-./]|$)/g, "N")
        .replace(/\d{10,}/g, "N");
    const named = Object.entries(settings.names).reduce((text, [name, role]) => text.replaceAll(name, role), bare);
    const watched = /(^|&)watch=(true|1)(&|$)/.test(query) ? " (watch)" : "";
    return `${method} ${server} ${named}${watched}`;
}

let ended = false;

/** Once: an orphan has other parents, and what is asked for has been done. */
function end(what) {
    if (ended) {
        return;
    }
    ended = true;
    const group = what === "provider" ? undefined : cli(process.ppid);
    appendFileSync(settings.file, `${JSON.stringify({ killed: what })}\n`);
    if (group !== undefined) {
        process.kill(-group, "SIGKILL");
    }
    if (what !== "cli") {
        process.kill(process.pid, "SIGKILL");
    }
}

/** The CLI is some parents up: it starts a launcher, which starts this. It leads a process group of its own. */
function cli(pid) {
    if (pid <= 1) {
        throw new Error(`None of the parents of process ${process.pid} is a pulumi: nothing is killed`);
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, name, rest] = /\((.*)\) (.*)/s.exec(stat);
    return name === "pulumi" ? pid : cli(Number(rest.split(" ")[1]));
}
