import { z } from "zod";
import { openString } from "./answers";
import type { Calls } from "./calls";
import { apiPath } from "./paths";

const cronSchema = z.object({
    minutes: z.array(z.number()).optional(),
    hours: z.array(z.number()).optional(),
    days: z.array(z.number()).optional(),
    months: z.array(z.number()).optional(),
    weekdays: z.array(z.number()).optional(),
});

const scheduleSchema = z.object({
    uuid: z.string(),
    name: z.string(),
    type: openString<"cron" | "interval">().optional(),
    cron: cronSchema.optional(),
});

/** When a cron schedule fires; a list that is left out means every one. Weekdays: 0 is Sunday. */
export type Cron = z.infer<typeof cronSchema>;

/** A schedule (`/cluster/schedules` of ONTAP's REST API). SnapMirror takes those of type `cron` only. */
export type Schedule = z.infer<typeof scheduleSchema>;

/** Schedules of a cluster. */
export class Schedules {
    constructor(private readonly calls: Calls) {}

    async byName(name: string): Promise<Schedule | undefined> {
        const found = await this.calls.all("/cluster/schedules", scheduleSchema, {
            name,
            fields: "uuid,name,type,cron",
        });
        return found.find((one) => one.name === name);
    }

    create(name: string, cron: Cron, about?: string): Promise<void> {
        return this.calls.write("POST", "/cluster/schedules", { about: about ?? name, body: { name, cron } });
    }

    setCron(uuid: string, cron: Cron, about?: string): Promise<void> {
        return this.calls.write("PATCH", apiPath`/cluster/schedules/${uuid}`, { about, body: { cron } });
    }
}
