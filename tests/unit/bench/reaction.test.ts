import assert from "node:assert/strict";
import { reactionsIn } from "../../../bench/reaction";
import { productUser } from "../../../lab/kubernetes/controlPlane";

const at = (millisecond: number) => new Date(1_000_000 + millisecond).toISOString().replace("Z", "000Z");
const mirror = { resource: "appmirrorrelationships", apiGroup: "protect.trident.netapp.io" };

const event = (
    verb: string,
    object: object,
    [received, completed = received + 2]: [number, number?],
    username = productUser,
) =>
    JSON.stringify({
        stage: "ResponseComplete",
        ...{ verb, user: { username }, objectRef: object, requestURI: "/" },
        ...{ requestReceivedTimestamp: at(received), stageTimestamp: at(completed) },
    });
const status = (namespace: string, time: number) =>
    event("patch", { ...mirror, namespace, name: namespace, subresource: "status" }, [time], "admin");
const watch = (namespace: string, from: number, to: number) => event("watch", { ...mirror, namespace }, [from, to]);
const get = (namespace: string, time: number) => event("get", { resource: "services", namespace }, [time]);

describe("the time from the state of a mirror to the next request", () => {
    const since = new Date(1_000_000);
    const reactions = (...lines: string[]) => reactionsIn(lines, ["shop", "crm"], since);

    it("is that from the last status that was written while it was watched, for each application", () => {
        const found = reactions(
            ...[watch("shop", 100, 950), status("shop", 500), status("shop", 900), get("shop", 940), get("shop", 990)],
            ...[watch("crm", 100, 805), status("crm", 800), get("crm", 870)],
        );
        assert.deepEqual(found, [40, 70]);
    });

    it("is that of the last wait, whatever was asked before it", () => {
        const found = reactions(
            ...[get("shop", 50), watch("shop", 100, 210), status("shop", 200), get("shop", 220)],
            ...[watch("shop", 300, 410), status("shop", 400), get("shop", 460), status("shop", 600)],
        );
        assert.deepEqual(found, [60]);
    });

    it("counts neither what the product itself wrote nor what happens elsewhere or happened before", () => {
        const own = event("patch", { ...mirror, namespace: "shop", name: "shop", subresource: "status" }, [850]);
        const found = reactions(
            ...[watch("shop", 100, 900), status("shop", 700), status("crm", 890), get("crm", 705), own],
            ...[watch("crm", -500, -100), status("crm", -150), get("crm", -90)],
        );
        assert.deepEqual(found, [150]);
    });

    it("is none where nothing was waited for, or nothing followed", () => {
        assert.deepEqual(reactions(status("shop", 100), get("shop", 200)), []);
        assert.deepEqual(reactions(watch("shop", 100, 200), get("shop", 250)), []);
        assert.deepEqual(reactions(watch("shop", 100, 200), status("shop", 190)), []);
    });
});
