import { strict as assert } from "node:assert";
import { cronProblems, longestGapMinutes } from "../../../components/schedules/cron";

describe("when volumes are replicated", () => {
    it("may be the name of a schedule, or times", () => {
        for (const good of ["5min", { minutes: [0, 30] }, { minutes: [5], hours: [2, 14], weekdays: [0, 6] }]) {
            assert.deepEqual(cronProblems("schedule", good), []);
        }
    });

    const bad: [value: unknown, key: string, expected: RegExp][] = [
        ["", "schedule", /name of a cron schedule/],
        [5, "schedule", /its times, such as \{ minutes: \[0, 30\] \}/],
        [{}, "schedule.minutes", /the minutes of the hour/],
        [{ minutes: [60] }, "schedule.minutes", /from 0 to 59/],
        [{ minutes: [] }, "schedule.minutes", /a list of whole numbers/],
        [{ minutes: [0], hours: "two" }, "schedule.hours", /from 0 to 23/],
        [{ minutes: [0], interval: "PT5M" }, "schedule.interval", /no such key/],
    ];
    for (const [value, key, expected] of bad) {
        it(`is refused as ${JSON.stringify(value)}`, () => {
            const problems = cronProblems("schedule", value);
            assert.deepEqual(
                problems.map((problem) => problem.key),
                [key],
            );
            assert.match(problems[0]!.expected, expected);
        });
    }

    it("tells the longest time from one moment to the next, where that is known here", () => {
        assert.equal(longestGapMinutes("5min"), 5);
        assert.equal(longestGapMinutes("weekly"), 7 * 24 * 60);
        assert.equal(longestGapMinutes("somebody's own"), undefined);
        assert.equal(longestGapMinutes({ minutes: [0, 20, 30] }), 30);
        assert.equal(longestGapMinutes({ minutes: [0], hours: [1, 5] }), 20 * 60);
    });

    it("follows days of the week, of the month and months", () => {
        const day = 24 * 60;
        assert.equal(longestGapMinutes({ minutes: [0], weekdays: [0] }), 7 * day - 23 * 60);
        assert.equal(longestGapMinutes({ minutes: [0], hours: [2], weekdays: [1, 2, 3, 4, 5] }), 3 * day);
        assert.equal(longestGapMinutes({ minutes: [0], hours: [2, 14], days: [1] }), 31 * day - 12 * 60);
        assert.equal(longestGapMinutes({ minutes: [30], months: [1, 7] }), 153 * day + 60);
        assert.equal(longestGapMinutes({ minutes: [0], hours: [0], days: [29], months: [2] }), (4 * 365 + 1) * day);
    });

    it("does not know how often a schedule fires that never does, or that names both kinds of days", () => {
        assert.equal(longestGapMinutes({ minutes: [0], days: [30], months: [2] }), undefined);
        assert.equal(longestGapMinutes({ minutes: [0], days: [1], weekdays: [0] }), undefined);
    });
});
