import assert from "node:assert/strict";
import { SwitchFigures } from "../../../bench/measures/switchFigures";
import { wayNames } from "../../../bench/peers/ways";

describe("the rows of planned switches", () => {
    const figures = new SwitchFigures({ size: 1, latency: "default" });
    figures.add(
        { name: "up", withoutService: 4, commands: 15 },
        { name: wayNames.kubectl, withoutService: 1.5, commands: 4 },
        0.5,
    );
    figures.add(
        { name: "trident-dr switch", withoutService: 2.5, commands: 16 },
        { name: wayNames.ansible, withoutService: 7, commands: 30 },
        0.7,
    );
    const rows = figures.rows();
    const row = (measure: string, peer: string) =>
        rows.find((one) => one.measure === measure && one.peer?.name === peer);

    it("hold each of our ways against each of the peers', whichever lap they shared", () => {
        const [byHand, byCommand] = ["switch", "switch, trident-dr switch"].map((way) =>
            row(`${way}: time without service`, wayNames.kubectl),
        );
        assert.deepEqual([byHand?.ours?.median, byHand?.peer?.median, byHand?.met], [4, 1.5, false]);
        assert.deepEqual([byCommand?.ours?.median, byCommand?.peer?.median, byCommand?.met], [2.5, 1.5, true]);
        assert.equal(byCommand?.idle, 0.6);
    });

    it("hold all commands against half of Ansible's", () => {
        const met = ["switch", "switch, trident-dr switch"].map(
            (way) => row(`${way}: all commands`, wayNames.ansible)?.met,
        );
        assert.deepEqual(met, [true, false]);
        assert.equal(row("switch: all commands", wayNames.kubectl)?.goal, "");
    });

    it("say that NetApp's roles lead nowhere back", () => {
        const missing = rows.filter(({ notRun }) => notRun !== undefined).map(({ measure }) => measure);
        assert.deepEqual(missing, [
            "switch: all commands, NetApp's roles",
            "switch, trident-dr switch: all commands, NetApp's roles",
        ]);
    });
});
