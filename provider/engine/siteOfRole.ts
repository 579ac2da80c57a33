import { recordOf } from "../roles/situation";
import { applicationSite } from "./applicationSite";
import { peerViewOf } from "./configuration";
import type { MirrorRoleInputs } from "./inputs";
import { actingServers, type Servers } from "./servers";
import type { RunContext, Site } from "./site";
import { volumesSite } from "./volumesSite";

/** The site of a role, whichever kind of item it is for. */
export function siteOfRole(
    run: RunContext,
    inputs: MirrorRoleInputs,
    servers: Servers = actingServers({ forNotes: true }),
): Site {
    return inputs.kind === "volumes"
        ? volumesSite(
              run,
              inputs,
              recordOf(peerViewOf(inputs, run.credentials.in(inputs.configNamespace).seal(inputs.site))),
              servers,
          )
        : applicationSite(run, inputs, servers);
}
