import type { Level, StatusDocument } from "../../../../cli/status/document";
import { worst } from "../../../../cli/status/document";
import { evaluate } from "../../../../cli/status/evaluate";
import type { ItemFacts } from "../../../../cli/status/facts";
import { healthy, itemFacts, mirrored, now, quiet, record, siteFacts, unknownSite } from "./facts";

/** Three items: one is well, one has drifted, one is not protected. docs/status.md shows them. */
export function sample(items: readonly ItemFacts[] = threeItems()): StatusDocument {
    const judged = items.map((item) => evaluate(item, now));
    return {
        schema: 1,
        readAt: now.toISOString(),
        level: worst(judged.map(({ level }): Level => level)),
        sites: [
            { site: "east", reached: true },
            { site: "west", reached: true },
        ],
        items: judged,
    };
}

export function threeItems(): ItemFacts[] {
    const rejoins = "pulumi config set active west --stack east; pulumi up --stack east: it stands aside and rejoins";
    const archive = itemFacts(
        siteFacts("east", { role: "displaced", epoch: 2 }),
        siteFacts("west", { role: "active", epoch: 2 }, { next: rejoins }),
        "archive",
    );
    const mirror = { ...mirrored.mirror!, recoveryPoint: { snapshot: "custom-7", takenAt: "2026-11-22T02:50:00Z" } };
    const crm = itemFacts(
        siteFacts(
            "east",
            { role: "active", epoch: 3 },
            { due: { is: "plan", verb: "hold", calls: ["start-schedules: apply Schedule crm/crm"] } },
        ),
        siteFacts("west", { role: "standby", epoch: 3 }, { health: { ...mirrored, mirror } }),
        "crm",
    );
    return [healthy(), { ...archive, kind: "volumes" }, crm];
}

/** As many as a large pair has, with each kind of trouble among them. */
export function manyItems(count: number): ItemFacts[] {
    return Array.from({ length: count }, (_, index) => {
        const name = `app-${String(index + 1).padStart(3, "0")}`;
        const all = healthy(name);
        switch (index % 25) {
            case 3:
                return { ...threeItems()[1]!, item: name };
            case 7:
                return { ...threeItems()[2]!, item: name };
            case 11:
                return itemFacts(all.sites[0], unknownSite("west", { lastKnown: "standby in epoch 1" }), name);
            case 17:
                return itemFacts(
                    all.sites[0],
                    siteFacts(
                        "west",
                        { role: "standby" },
                        { health: { ...mirrored, workloads: [`Deployment ${name}/web`], barrierStands: false } },
                    ),
                    name,
                );
            default:
                return index % 2 === 0
                    ? all
                    : itemFacts(
                          siteFacts("east", { role: "standby", epoch: 4 }),
                          siteFacts(
                              "west",
                              { role: "active", epoch: 4 },
                              { health: quiet, record: record("west", "active", 4) },
                          ),
                          name,
                      );
        }
    });
}
