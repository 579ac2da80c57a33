import { messageOf, render } from "../../provider/roles/messages/message";
import { pairOptionsOf, type TypedPair } from "../project/options";
import type { resolvePair } from "../project/pair";
import type { Places } from "./places";
import { namedSites, placesOfNames, placesOfPair } from "./placesOf";

/** What a person typed to say which sites are meant. */
export interface NamedPlaces extends TypedPair {
    context?: Record<string, string>;
    kubeconfig?: Record<string, string>;
    recordNamespace?: string;
}

/** The sites as a person named their clusters, else as the project is configured. */
export async function placesFor(
    command: string,
    request: NamedPlaces,
    { resolve }: { resolve: typeof resolvePair },
): Promise<Places> {
    const named = namedSites(request);
    const [first, second, ...more] = named;
    const wantsProject = request.project !== undefined || request.stack !== undefined;
    if (first !== undefined && second !== undefined && !wantsProject) {
        if (more.length > 0) {
            throw new Error(`expected two sites; found ${named.join(", ")} with --context and --kubeconfig`);
        }
        return placesOfNames([first, second], request);
    }
    try {
        const places = placesOfPair(await resolve(pairOptionsOf(request)), request);
        const stranger = named.find((name) => places.every(({ site }) => site !== name));
        if (stranger !== undefined) {
            throw new Error(
                `there is no site ${stranger}: the sites are ${places.map(({ site }) => site).join(" and ")}`,
            );
        }
        return places;
    } catch (error) {
        throw new Error(`${render(messageOf(error))}. ${withoutProject(command)}`);
    }
}

function withoutProject(command: string): string {
    return `Without a project or its state: name the clusters of both sites, as in trident-dr ${command} --context-east prod-east --context-west prod-west`;
}
