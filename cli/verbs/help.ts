import type { Verb } from "./view";

export const summaries: Readonly<Record<Verb, string>> = {
    switch: "serve at the other site; planned, nothing is lost",
    failover: "take over from a site that is down; what has not arrived is lost",
    rejoin: "have a site that is back follow the one that took over; what it wrote since is given up",
    resync: "have a site that is back serve again; what was written where it was taken over is given up",
    failback: "go back to where it was served before a takeover: rejoin, then switch",
    unprotect: "take it out of the mirror at both sites; what serves goes on serving",
};

export const details: Readonly<Record<Verb, string>> = {
    switch: `Both sites are up. The serving site stops the application, publishes a token and becomes the standby site; the other
one promotes exactly the snapshot that the token names. As long as nobody has taken over, switching back to where it was
calls it off.`,
    failover: `The serving site is lost. The standby site takes over at its newest complete copy; how old that is, is shown before
anything is done. Nothing runs at the lost site. Where Pulumi or its state is lost, too: trident-dr takeover.`,
    rejoin: `After a takeover, when the lost site is back. It stands aside, counts what it wrote that the other site does not have,
and becomes the standby site. What the site wrote that took over is kept.`,
    resync: `After a takeover by mistake, or a drill. The site that was taken over from serves again, in a new epoch; what was written
at the other one since is counted and discarded.`,
    failback: `After a takeover, when the lost site is back: it follows first, then it is switched back to, without loss beyond what
the takeover and its return gave up. The application is down as long as in a switch.`,
    unprotect: `No data is lost and nothing stops. Afterwards nothing is replicated, and no site can take over.`,
};

const common = `
It sets configuration and runs pulumi up at both sites, as often as it takes, and does nothing that cannot be done with
pulumi alone: the plan that it shows first has the commands. Interrupted anywhere, the same command goes on from there.

Exit codes: 0 done, 1 refused, failed, interrupted or still copying, 2 wrong usage.`;

export function examplesOf(verb: Verb): string {
    const to = verb === "unprotect" ? "" : " --to west";
    return `
Examples:
  trident-dr ${verb} shop                        shows the plan, asks for the name, does it
  trident-dr ${verb} shop${to} --yes${" ".repeat(Math.max(1, 14 - to.length))}asks nothing
  trident-dr ${verb} --all --wave 5${to}${" ".repeat(Math.max(1, 10 - to.length))}  everything, five at a time
  trident-dr plan ${verb} shop${to} --json > plan.json && trident-dr ${verb} --plan plan.json --yes
${common}`;
}
