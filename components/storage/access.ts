import type { DeclaredObject, ExistingObject } from "../../provider/resources/declaredObjects";
import { firstBackendName } from "./tridentBackend";

/** What a component declares, and what it takes as somebody else made it. */
export interface UsedObjects {
    declared: readonly DeclaredObject[];
    existing: readonly ExistingObject[];
}

interface RoleAccessInput {
    tridentBackends: string[];
    tridentSecrets: string[];
    existing: { objects: string[]; tridentSecrets: string[]; vaultSecrets: string[] };
}

/**
 * How a role's rights differ from those for what is declared by default; undefined where they do not, so that nothing
 * appears in the inputs of a role that uses none of it.
 */
export function roleAccess(storage: UsedObjects, vaults: UsedObjects | undefined): RoleAccessInput | undefined {
    const existing = [...storage.existing, ...(vaults?.existing ?? [])];
    const all = [...storage.declared, ...storage.existing];
    return existing.length === 0 && namesOf(all, "tridentbackendconfigs").every((name) => name === firstBackendName)
        ? undefined
        : {
              tridentBackends: namesOf(all, "tridentbackendconfigs"),
              tridentSecrets: namesOf(storage.declared, "secrets"),
              existing: {
                  objects: existing
                      .filter(({ plural }) => plural !== "secrets")
                      .map(({ plural, name }) => `${plural}/${name}`),
                  tridentSecrets: namesOf(storage.existing, "secrets"),
                  vaultSecrets: namesOf(vaults?.existing ?? [], "secrets"),
              },
          };
}

function namesOf(objects: readonly DeclaredObject[], kind: string): string[] {
    return objects.filter(({ plural }) => plural === kind).map(({ name }) => name);
}
