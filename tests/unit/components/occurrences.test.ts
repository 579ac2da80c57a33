import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { RRule } from "rrule";
import { daysLookedAt, gapsOf, occurrencesOf, type RecurrenceRule } from "../../../components/schedules/occurrences";

const day = 24 * 60 * 60_000;

function ruleOf(start: string, text: string): RecurrenceRule {
    return {
        start: new Date(start),
        parts: new Map(text.split(";").map((part) => part.split("=") as [string, string])),
    };
}

/** What the library makes of it that others evaluate rules with: minutes since the beginning of the first day. */
function byLibrary({ start, parts }: RecurrenceRule, days: number): number[] {
    const text = [...parts].map(([name, value]) => `${name}=${value}`).join(";");
    const first = Math.floor(start.getTime() / day) * day;
    // Its end is what bounds it: without one it follows some rules for minutes.
    const until = new Date(first + days * day - 1);
    const rule = new RRule({ ...RRule.parseString(text), dtstart: start, until });
    const minutes = rule.all().map((date) => Math.floor((date.getTime() - first) / 60_000));
    // It lists those of one day in the order in which the rule names them.
    return minutes.sort((left, right) => left - right);
}

function firstOf(rule: RecurrenceRule, days: number): number[] {
    return [...occurrencesOf(rule)].filter((minute) => minute < days * 24 * 60);
}

describe("occurrences of a recurrence rule", () => {
    for (const text of [
        "FREQ=MINUTELY;INTERVAL=7",
        "FREQ=HOURLY;INTERVAL=5;BYMINUTE=40,20",
        "FREQ=DAILY;INTERVAL=3;BYHOUR=22,1;BYMINUTE=30,0",
        "FREQ=DAILY;BYDAY=2MO,FR",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;BYHOUR=3",
        "FREQ=WEEKLY;BYMONTHDAY=1,2,3",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=-1SU,+2TU;BYHOUR=12",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=MO,2TU",
    ]) {
        it(`are those of the rrule library: ${text}`, () => {
            for (const start of ["2025-01-01T00:00:00Z", "2024-02-29T13:37:42Z", "2023-12-31T23:59:00Z"]) {
                const rule = ruleOf(start, text);
                const days = text.startsWith("FREQ=MINUTELY") ? 10 : daysLookedAt;
                assert.deepEqual(firstOf(rule, days), byLibrary(rule, days), start);
            }
        });
    }

    // The library never ends with some of these.
    it("are every so many minutes or hours, where hour, minute and day are among those that are listed", () => {
        const start = "2025-01-29T05:10:00Z";
        const cases: [text: string, everyMinutes: number, isListed: (date: Date) => boolean][] = [
            [
                "FREQ=MINUTELY;INTERVAL=15;BYHOUR=8,9,17;BYDAY=TU,WE,TH,FR",
                15,
                (date) => [8, 9, 17].includes(date.getUTCHours()) && [2, 3, 4, 5].includes(date.getUTCDay()),
            ],
            [
                "FREQ=MINUTELY;INTERVAL=5;BYMONTHDAY=31;BYHOUR=3",
                5,
                (date) => date.getUTCDate() === 31 && date.getUTCHours() === 3,
            ],
            [
                "FREQ=HOURLY;INTERVAL=6;BYHOUR=5,11;BYMONTHDAY=-1",
                360,
                (date) => [5, 11].includes(date.getUTCHours()) && [31, 28].includes(date.getUTCDate()),
            ],
        ];
        for (const [text, interval, isListed] of cases) {
            const rule = ruleOf(start, text);
            const first = Math.floor(rule.start.getTime() / day) * day;
            const expected = Array.from(
                { length: Math.floor((40 * 24 * 60) / interval) },
                (_, index) => 310 + index * interval,
            )
                .filter((minute) => minute < 33 * 24 * 60)
                .filter((minute) => isListed(new Date(first + minute * 60_000)));
            assert.ok(expected.length > 3, text);
            assert.deepEqual(firstOf(rule, 33), expected, text);
        }
    });

    it("take milliseconds, whatever the rule", () => {
        for (const text of [
            "FREQ=MINUTELY;INTERVAL=15;BYHOUR=8,9,10,11,12,13,14,15,16,17;BYDAY=TU,WE,TH,FR",
            "FREQ=MINUTELY;INTERVAL=5;BYMONTHDAY=31;BYHOUR=3",
            "FREQ=MINUTELY;INTERVAL=1439;BYMINUTE=1;BYHOUR=1;BYDAY=MO;BYMONTHDAY=29",
        ]) {
            const began = process.cpuUsage();
            gapsOf(ruleOf("2025-01-01T00:00:00Z", text));
            const { user, system } = process.cpuUsage(began);
            assert.ok(user + system < 500_000, `${text}: ${user + system} microseconds`);
        }
    });

    it("are followed through a year without a 29 February, whenever the rule begins", () => {
        for (const start of ["2024-01-01T00:00:00Z", "2025-06-15T00:00:00Z"]) {
            assert.equal(gapsOf(ruleOf(start, "FREQ=MONTHLY;BYMONTHDAY=29"))!.longest, 59 * 24 * 60, start);
        }
        const friday = ruleOf("2025-01-01T00:00:00Z", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13");
        assert.equal(gapsOf(friday)!.longest, 427 * 24 * 60);
        const leapDay = ruleOf("2025-02-01T00:00:00Z", "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=29");
        assert.equal(gapsOf(leapDay), undefined, "it does not come true within a year");
    });

    it("have a shortest and a longest time between them", () => {
        const start = "2025-01-01T00:00:00Z";
        assert.deepEqual(gapsOf(ruleOf(start, "FREQ=HOURLY;BYMINUTE=0,20")), { shortest: 20, longest: 40 });
        assert.deepEqual(gapsOf(ruleOf(start, "FREQ=DAILY;INTERVAL=500")), {
            shortest: Infinity,
            longest: daysLookedAt * 24 * 60,
        });
        assert.equal(gapsOf(ruleOf(start, "FREQ=HOURLY;INTERVAL=12;BYHOUR=5")), undefined);
        assert.equal(gapsOf(ruleOf(start, "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;BYDAY=2MO")), undefined);
    });

    it("are those of the rrule library, whatever a rule by days says", () => {
        const list = <T>(value: fc.Arbitrary<T>) => fc.uniqueArray(value, { minLength: 1, maxLength: 3 });
        const part = (name: string, values: fc.Arbitrary<(string | number)[]>) =>
            fc.option(values.map((all) => `${name}=${all.join(",")}`));
        const text = fc
            .tuple(
                fc.constantFrom("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"),
                fc.integer({ min: 1, max: 3 }).map((interval) => `INTERVAL=${interval}`),
                part("BYMINUTE", list(fc.integer({ min: 0, max: 59 }))),
                part("BYHOUR", list(fc.integer({ min: 0, max: 23 }))),
                part("BYDAY", list(fc.constantFrom("MO", "WE", "SA", "2TU", "-1FR"))),
                part("BYMONTHDAY", list(fc.constantFrom(1, 15, 31, -1, -30))),
            )
            .map((parts) => parts.filter((one) => one !== null).join(";"));
        const start = fc.integer({ min: 0, max: 2_000_000 }).map((minute) => new Date(Date.UTC(2024, 0, 1, 0, minute)));
        fc.assert(
            fc.property(text, start, (rule, from) => {
                const declared = ruleOf(from.toISOString(), rule);
                assert.deepEqual(firstOf(declared, daysLookedAt), byLibrary(declared, daysLookedAt));
            }),
            { numRuns: 20 },
        );
    });
});
