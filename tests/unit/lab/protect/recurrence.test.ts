import assert from "node:assert/strict";
import fc from "fast-check";
import {
    mirrorRuleErrors,
    nextDue,
    parseRule,
    timetableErrors,
    timetableRecurrence,
} from "../../../../lab/protect/recurrence";

const everyFive = "DTSTART:20220101T000200Z\nRRULE:FREQ=MINUTELY;INTERVAL=5";

function custom(recurrenceRule: string): string[] {
    return timetableErrors({ granularity: "Custom", recurrenceRule });
}

describe("when a Schedule is due", () => {
    it("keeps the phase of DTSTART on the real clock", () => {
        const clock = { anchor: new Date("2026-03-01T00:00:00Z"), speed: 1 };
        const due = nextDue(parseRule(everyFive), new Date("2026-03-01T10:00:00Z"), clock);
        assert.equal(due?.toISOString(), "2026-03-01T10:02:00.000Z");
        assert.equal(nextDue(parseRule(everyFive), due!, clock)?.toISOString(), "2026-03-01T10:07:00.000Z");
    });

    it("divides intervals by the speed", () => {
        const anchor = new Date("2026-03-01T00:00:00Z");
        const clock = { anchor, speed: 60 };
        const first = nextDue(parseRule(everyFive), anchor, clock)!;
        assert.equal(first.getTime() - anchor.getTime(), 2_000);
        assert.equal(nextDue(parseRule(everyFive), first, clock)!.getTime() - first.getTime(), 5_000);
    });

    it("is always later than asked, and by no more than the interval", () => {
        const clock = { anchor: new Date("2026-03-01T00:00:00Z"), speed: 60 };
        const property = fc.property(
            fc.integer({ min: 0, max: 30 * 86_400_000 }),
            fc.integer({ min: 5, max: 59 }),
            (ms, minutes) => {
                const after = new Date(clock.anchor.getTime() + ms);
                const rule = parseRule(`DTSTART:20220101T000200Z\nRRULE:FREQ=MINUTELY;INTERVAL=${minutes}`);
                const wait = nextDue(rule, after, clock)!.getTime() - after.getTime();
                assert.ok(wait >= 0 && wait <= minutes * 1_000 + 1, `${wait} ms`);
            },
        );
        fc.assert(property, { numRuns: 200 });
    });

    it("knows the four plain granularities", () => {
        const clock = { anchor: new Date("2026-03-04T00:00:00Z"), speed: 1 };
        const after = new Date("2026-03-04T12:34:00Z");
        const due = (timetable: object) =>
            nextDue(timetableRecurrence({ granularity: "", ...timetable }), after, clock)?.toISOString();
        assert.equal(due({ granularity: "Hourly", minute: "15" }), "2026-03-04T13:15:00.000Z");
        assert.equal(due({ granularity: "Daily", hour: "2", minute: "0" }), "2026-03-05T02:00:00.000Z");
        assert.equal(
            due({ granularity: "Weekly", dayOfWeek: "7", hour: "1", minute: "5" }),
            "2026-03-08T01:05:00.000Z",
        );
        assert.equal(
            due({ granularity: "Monthly", dayOfMonth: "-1", hour: "0", minute: "0" }),
            "2026-03-31T00:00:00.000Z",
        );
    });
});

describe("what a Schedule's time may be", () => {
    it("lets good ones pass", () => {
        assert.deepEqual(custom(everyFive), []);
        assert.deepEqual(custom("DTSTART:20220101T000200Z\nRRULE:FREQ=DAILY;BYHOUR=3;BYMINUTE=0"), []);
        assert.deepEqual(timetableErrors({ granularity: "Daily", hour: "0", minute: "0" }), []);
        assert.deepEqual(timetableErrors({ granularity: "Monthly", hour: "0", minute: "0", dayOfMonth: "-1" }), []);
    });

    it("wants five minutes at least, said expressly", () => {
        assert.match(custom(everyFive.replace("=5", "=4")).join(), /INTERVAL of at least 5 with MINUTELY, found 4/);
        assert.match(
            custom(everyFive.replace(";INTERVAL=5", "")).join(),
            /INTERVAL of at least 5 with MINUTELY, found none/,
        );
    });

    it("names what is wrong", () => {
        assert.match(custom("").join(), /expected a rule with granularity Custom/);
        assert.match(custom("RRULE:FREQ=DAILY").join(), /expected "DTSTART/);
        assert.match(custom(everyFive.replace("MINUTELY", "SECONDLY")).join(), /FREQ to be one of/);
        assert.match(custom(`${everyFive};BYSETPOS=1`).join(), /found BYSETPOS/);
        assert.match(custom(everyFive.replace("2022", "2922")).join(), /DTSTART in the past/);
        assert.match(
            timetableErrors({ granularity: "Daily", hour: "24", minute: "0" }).join(),
            /spec.hour: .*found "24"/,
        );
        assert.match(
            timetableErrors({ granularity: "Weekly", hour: "1", minute: "0" }).join(),
            /spec.dayOfWeek: .*found none/,
        );
        assert.match(
            timetableErrors({ granularity: "Hourly", minute: "1", recurrenceRule: everyFive }).join(),
            /expected none/,
        );
    });

    it("allows a mirror less: frequency and interval, minutes or hours", () => {
        assert.deepEqual(mirrorRuleErrors(everyFive.replace("=5", "=1")), []);
        assert.match(
            mirrorRuleErrors(everyFive.replace("MINUTELY", "DAILY")).join(),
            /MINUTELY, HOURLY, found "DAILY"/,
        );
        assert.match(mirrorRuleErrors(`${everyFive};BYHOUR=3`).join(), /expected only FREQ, INTERVAL, found BYHOUR/);
    });
});
