import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { objectiveProblems } from "../../../components/schedules/objective";
import {
    every,
    everyProblems,
    mirrorRuleProblems,
    parseEvery,
    recurrenceObjective,
    type MirrorSchedule,
    recurrenceOf,
    snapshotRuleProblems,
    spreadFor,
    defaultMaxLag,
} from "../../../components/schedules/recurrence";

const start = "DTSTART:20250101T000000Z\nRRULE:";
const now = new Date("2026-01-01T00:00:00Z");

/** The one problem of a rule, as a user reads it. */
function refusal(rule: unknown, check = snapshotRuleProblems): string {
    const problems = check("rule", rule, now);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    return `expected ${problems[0]!.expected}; found ${problems[0]!.found}`;
}

describe("applications that are replicated at the same interval", () => {
    const ruleOf = (application: string, schedule: MirrorSchedule) =>
        recurrenceOf(spreadFor(application, schedule)).snapshot;
    const minuteOf = (application: string, schedule: MirrorSchedule) =>
        Number(/T00(\d\d)00Z/.exec(ruleOf(application, schedule))![1]);
    const names = Array.from({ length: 100 }, (_, index) => `application-${index}`);

    it("begin at different minutes of the interval, up to an hour, and always at the same one", () => {
        const minutes = (schedule: MirrorSchedule) => names.map((name) => minuteOf(name, schedule));
        assert.deepEqual([...new Set(minutes(every(5, "minutes")))].sort(), [0, 1, 2, 3, 4]);
        for (const schedule of [every(1, "hours"), every(2, "days")]) {
            const found = minutes(schedule);
            assert.ok(new Set(found).size > 30, String(found));
            assert.ok(Math.max(...found) <= 59);
            assert.deepEqual(found, minutes(schedule));
        }
    });

    it("keep the interval, and the mirror looks a minute later", () => {
        assert.deepEqual(recurrenceOf(spreadFor("shop", every(1, "hours"))), {
            snapshot: "DTSTART:20250101T004700Z\nRRULE:FREQ=HOURLY;INTERVAL=1",
            mirror: "DTSTART:20250101T004800Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
        });
    });

    it("are replicated at the times of a rule where one is given", () => {
        const { recurrenceRule } = every(1, "hours");
        assert.equal(ruleOf("shop", { recurrenceRule }), recurrenceRule);
    });
});

describe("how old replication may be when a switch begins", () => {
    for (const [title, schedule, expected] of [
        ["three intervals of minutes", every(5, "minutes"), "15m"],
        ["three intervals of hours", every(2, "hours"), "360m"],
        ["three days", every(1, "days"), "4320m"],
        ["three hours, at ten past each", { recurrenceRule: `${start}FREQ=HOURLY;BYMINUTE=10` }, "180m"],
        ["three days, at half past one", { recurrenceRule: `${start}FREQ=DAILY;BYHOUR=1;BYMINUTE=30` }, "4320m"],
        ["three weeks", { recurrenceRule: `${start}FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0` }, "30240m"],
        [
            "three nights of a rule for working hours",
            { recurrenceRule: `${start}FREQ=MINUTELY;INTERVAL=15;BYHOUR=8,9,10,11,12,13,14,15,16,17` },
            `${3 * (14 * 60 + 15)}m`,
        ],
        [
            "three intervals of a mirror that looks less often than there are snapshots",
            { recurrenceRule: `${start}FREQ=MINUTELY;INTERVAL=5`, mirrorRecurrenceRule: `${start}FREQ=HOURLY` },
            "180m",
        ],
        ["three weeks of a weekly rule", { recurrenceRule: `${start}FREQ=WEEKLY;BYDAY=SU;BYHOUR=2` }, "30240m"],
        [
            "three of the longest of months, of one that has no 31st",
            { recurrenceRule: `${start}FREQ=MONTHLY;BYMONTHDAY=31` },
            `${3 * 61 * 1440}m`,
        ],
        ["three intervals that are longer than anybody looks ahead", every(500, "days"), `${1500 * 1440}m`],
    ] as const) {
        it(`is ${title}`, () => assert.equal(defaultMaxLag(schedule), expected));
    }
});

describe("how old the standby site's data may become", () => {
    const hourly = { recurrenceRule: `${start}FREQ=HOURLY` };

    it("is an interval, the wait for the mirror, and the transfer", () => {
        assert.equal(recurrenceObjective(every(5, "minutes")).minutes, 15);
        assert.equal(recurrenceObjective(every(1, "hours")).minutes, 70);
        assert.deepEqual(recurrenceObjective({ ...hourly, mirrorRecurrenceRule: `${start}FREQ=HOURLY` }), {
            minutes: 125,
            why: "60m of the schedule, 60m until the mirror looks for it, 5m for the transfer",
        });
    });

    it("is refused where it is more than is demanded", () => {
        const objective = recurrenceObjective(hourly);
        assert.deepEqual(objectiveProblems("maxRpo", undefined, objective), []);
        assert.deepEqual(objectiveProblems("maxRpo", "70m", objective), []);
        assert.deepEqual(objectiveProblems("maxRpo", "1h", objective), [
            {
                key: "maxRpo",
                expected:
                    "70m at least (60m of the schedule, 5m until the mirror looks for it, 5m for the transfer), or a schedule that fires more often",
                found: "1h",
            },
        ]);
        assert.match(objectiveProblems("maxRpo", "1h", undefined)[0]!.expected, /not known here/);
    });
});

describe("every", () => {
    it("writes the rule of a Schedule, and the mirror's a minute later", () => {
        assert.deepEqual(recurrenceOf(every(5, "minutes")), {
            snapshot: "DTSTART:20250101T000000Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
            mirror: "DTSTART:20250101T000100Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
        });
        assert.deepEqual(recurrenceOf(every(2, "hours")), {
            snapshot: "DTSTART:20250101T000000Z\nRRULE:FREQ=HOURLY;INTERVAL=2",
            mirror: "DTSTART:20250101T000100Z\nRRULE:FREQ=MINUTELY;INTERVAL=5",
        });
    });

    it("writes only rules that Trident Protect takes", () => {
        fc.assert(
            fc.property(
                fc.integer({ min: 5, max: 9999 }),
                fc.constantFrom("minutes", "hours", "days"),
                (amount, unit) => {
                    const recurrence = recurrenceOf(every(amount, unit as "minutes"));
                    assert.deepEqual(snapshotRuleProblems("", recurrence.snapshot, now), []);
                    assert.deepEqual(mirrorRuleProblems("", recurrence.mirror, now), []);
                },
            ),
            { numRuns: 50 },
        );
    });

    it("refuses less than five minutes, and what is no number of units", () => {
        assert.throws(() => every(4, "minutes"), {
            message:
                'every(4, "minutes") is not valid (1 problem), and nothing was touched:\n' +
                "  every: expected a whole number of minutes, 5 at least; found 4",
        });
        assert.deepEqual(everyProblems("k", 1.5, "hours"), [
            { key: "k", expected: "a whole number of hours, 1 at least", found: "1.5" },
        ]);
        assert.deepEqual(everyProblems("k", 5, "minuts"), [
            { key: "k", expected: "a unit of minutes, hours, days", found: '"minuts" (did you mean "minutes"?)' },
        ]);
    });

    it("reads what configuration says", () => {
        assert.deepEqual(parseEvery("5 minutes"), { amount: 5, unit: "minutes" });
        assert.deepEqual(parseEvery("1 hour"), { amount: 1, unit: "hours" });
        assert.equal(parseEvery("often"), undefined);
    });
});

describe("the rule of a Schedule", () => {
    it("may have every part that the definition names", () => {
        for (const rule of [
            "FREQ=MINUTELY;INTERVAL=5",
            "FREQ=MINUTELY;INTERVAL=15;BYHOUR=8,9,10",
            "FREQ=HOURLY",
            "FREQ=HOURLY;INTERVAL=6;BYMINUTE=0,30",
            "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=3;BYMINUTE=15",
            "FREQ=MONTHLY;BYMONTHDAY=1,-1",
            "FREQ=MONTHLY;BYDAY=-1SU",
        ]) {
            assert.deepEqual(snapshotRuleProblems("rule", start + rule, now), [], rule);
        }
    });

    it("is refused when it is not of RFC 5545's form", () => {
        const form = 'expected "DTSTART:<UTC time>Z", a line break, and "RRULE:FREQ=…;INTERVAL=…" (RFC 5545); found ';
        assert.equal(refusal("*/5 * * * *"), `${form}"*/5 * * * *"`);
        assert.equal(refusal(undefined), `${form}nothing`);
        assert.equal(refusal("RRULE:FREQ=HOURLY"), `${form}"RRULE:FREQ=HOURLY"`);
        assert.match(refusal(`${start}FREQ`), /^expected "DTSTART/);
        assert.match(refusal(`${start}FREQ=HOURLY;FREQ=DAILY`), /^expected "DTSTART/);
        assert.match(refusal("DTSTART:20250101T000000\nRRULE:FREQ=HOURLY"), /^expected "DTSTART/);
    });

    it("is refused when it starts in the future, or at no time at all", () => {
        assert.equal(
            refusal("DTSTART:20300101T000000Z\nRRULE:FREQ=HOURLY"),
            "expected a DTSTART in the past; found DTSTART:20300101T000000Z",
        );
        assert.match(refusal("DTSTART:20250231T000000Z\nRRULE:FREQ=HOURLY"), /^expected a DTSTART that is a time/);
    });

    it("is refused when it comes more often than every five minutes", () => {
        const least = "expected at least 5 minutes between two occurrences; found ";
        assert.equal(refusal(`${start}FREQ=MINUTELY;INTERVAL=4`), `${least}4 minutes`);
        assert.equal(refusal(`${start}FREQ=HOURLY;BYMINUTE=0,1`), `${least}1 minute`);
        assert.equal(refusal(`${start}FREQ=HOURLY;BYMINUTE=2,58`), `${least}4 minutes`);
        assert.equal(refusal(`${start}FREQ=MINUTELY`), "expected an INTERVAL, which MINUTELY needs; found none");
    });

    it("is refused when it has parts or values that Trident Protect does not know", () => {
        assert.equal(
            refusal(`${start}FREQ=HOURLY;COUNT=3`),
            "expected only FREQ, INTERVAL, BYMINUTE, BYHOUR, BYDAY, BYMONTHDAY; found COUNT",
        );
        assert.equal(
            refusal(`${start}FREQ=SECONDLY;INTERVAL=600`),
            "expected FREQ of MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY; found FREQ=SECONDLY",
        );
        assert.equal(refusal(`${start}FREQ=HOURLY;BYMINUTE=60`), "expected a valid BYMINUTE; found BYMINUTE=60");
        assert.equal(refusal(`${start}FREQ=WEEKLY;BYDAY=XX`), "expected a valid BYDAY; found BYDAY=XX");
        assert.equal(refusal(`${start}FREQ=HOURLY;INTERVAL=0`), "expected a valid INTERVAL; found INTERVAL=0");
    });

    it("is refused at once when it can never come true", () => {
        assert.match(
            refusal(`${start}FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30`),
            /^expected a rule with at least one occurrence within 400 days/,
        );
        assert.match(
            refusal(`${start}FREQ=HOURLY;INTERVAL=12;BYHOUR=5`),
            /^expected a rule with at least one occurrence within 400 days/,
        );
    });
});

describe("the rule of a mirror", () => {
    it("knows FREQ and INTERVAL only, by minutes or hours", () => {
        assert.deepEqual(mirrorRuleProblems("rule", `${start}FREQ=MINUTELY;INTERVAL=1`, now), []);
        assert.equal(
            refusal(`${start}FREQ=HOURLY;BYMINUTE=3`, mirrorRuleProblems),
            "expected only FREQ, INTERVAL; found BYMINUTE",
        );
        assert.equal(
            refusal(`${start}FREQ=DAILY`, mirrorRuleProblems),
            "expected FREQ of MINUTELY, HOURLY; found FREQ=DAILY",
        );
    });

    it("looks every five minutes when the snapshots' rule cannot be followed", () => {
        const { mirror } = recurrenceOf({ recurrenceRule: `${start}FREQ=WEEKLY;BYDAY=MO;BYHOUR=3` });
        assert.equal(mirror, "DTSTART:20250101T000100Z\nRRULE:FREQ=MINUTELY;INTERVAL=5");
    });

    it("is the user's own where there is one", () => {
        const mirrorRecurrenceRule = `${start}FREQ=MINUTELY;INTERVAL=10`;
        assert.equal(
            recurrenceOf({ recurrenceRule: `${start}FREQ=HOURLY`, mirrorRecurrenceRule }).mirror,
            mirrorRecurrenceRule,
        );
    });
});
