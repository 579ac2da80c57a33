import { Cluster } from "../cluster";
import { Schedule } from "../state";

/** The Gregorian calendar repeats after 400 years, weekdays included. */
const cycle = 146_097 * 86_400_000;
const minute = 60_000;

/** The first whole minute after `from` (UTC, milliseconds) that fits a cron; undefined when none does in four years. */
function nextFit(cron: NonNullable<Schedule["cron"]>, from: number): number | undefined {
    const has = (list: number[] | undefined, value: number) =>
        list === undefined || list.length === 0 || list.includes(value);
    let at = (Math.floor(from / minute) + 1) * minute;
    const end = at + 4 * 366 * 86_400_000;
    while (at < end) {
        const date = new Date(at);
        const dayFits =
            has(cron.months, date.getUTCMonth() + 1) &&
            has(cron.days, date.getUTCDate()) &&
            has(cron.weekdays, date.getUTCDay());
        if (!dayFits) {
            at = Math.floor(at / 86_400_000 + 1) * 86_400_000;
        } else if (!has(cron.hours, date.getUTCHours())) {
            at = Math.floor(at / 3_600_000 + 1) * 3_600_000;
        } else if (!has(cron.minutes, date.getUTCMinutes())) {
            at += minute;
        } else {
            return at;
        }
    }
    return undefined;
}

/**
 * Fires the cluster's cron schedules. They run on a time of their own, which passes `speed` times as fast as the clock:
 * at 60 a five-minute schedule fires every five seconds.
 */
export class Cron {
    private stopped = false;
    private readonly planned = new Map<string, () => void>();

    constructor(
        private readonly cluster: Cluster,
        private readonly fire: (schedule: string) => void,
    ) {}

    /** Plans every schedule that is not planned yet; to be called again when one is added. */
    plan(): void {
        for (const schedule of this.cluster.state.schedules) {
            if (schedule.cron && !this.planned.has(schedule.uuid)) {
                this.planNext(schedule.uuid);
            }
        }
    }

    private planNext(uuid: string): void {
        const cron = this.cluster.state.schedules.find((one) => one.uuid === uuid)?.cron;
        const { speed } = this.cluster.clock;
        const now = (Date.now() * speed) % cycle;
        const next = cron && nextFit(cron, now);
        if (this.stopped || next === undefined) {
            this.planned.delete(uuid);
            return;
        }
        const cancel = this.cluster.clock.after((next - now) / speed, () => {
            if ((Date.now() * speed) % cycle >= next) {
                this.fire(uuid);
            }
            this.planNext(uuid);
        });
        this.planned.set(uuid, cancel);
    }

    stop(): void {
        this.stopped = true;
        this.planned.forEach((cancel) => cancel());
        this.planned.clear();
    }
}
