import type { OntapClient } from "../../clients/ontap";
import type { Progress } from "../action";
import type { VolumesSettings } from "./settings";
import type { Patience } from "./waiting";

/** What the actions of one group of volumes at one site are made with. */
export interface VolumesContext {
    client: OntapClient;
    settings: VolumesSettings;
    signal: AbortSignal;
}

/** How long to wait for the array, and where progress is reported. */
export function patienceOf({ settings, signal }: VolumesContext, deadline: number, progress: Progress): Patience {
    return { deadline, signal, progress, site: settings.site };
}
