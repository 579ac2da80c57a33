import { strict as assert } from "node:assert";
import { MirroredApplication, type MirroredApplicationArgs } from "../../../components/mirroredApplication";
import { MirroredVolumes, type MirroredVolumesArgs } from "../../../components/mirroredVolumes";
import type { SitePairArgs } from "../../../components/sitePair";
import { emptyRecord } from "../../../provider/roles/record";
import { declareEast, declareVaults } from "./east";
import { declare } from "./harness";

interface Own {
    shop?: Partial<MirroredApplicationArgs>;
    archive?: Partial<MirroredVolumesArgs>;
}

/** What the peering at east is told that east is to serve, of the application `shop` and the volumes `archive`. */
async function servedAtEast(said: Partial<SitePairArgs>, own: Own = {}, preview = false) {
    return (await peeringAtEast(said, own, preview)).serves;
}

async function peeringAtEast(said: Partial<SitePairArgs>, { shop, archive }: Own = {}, preview = false) {
    const { find } = await declare(
        (options) => {
            const { pair, backend } = declareEast(options, said);
            const vaults = declareVaults(pair, options);
            const same = { pair, backend, vaults };
            new MirroredApplication("shop", { ...same, namespaces: ["shop", "shop-data"], ...shop }, options);
            new MirroredVolumes("archive", { ...same, volumes: ["archive01"], ...archive }, options);
        },
        {
            preview,
            outputs: (type) =>
                type.endsWith("MirrorRole") ? { record: emptyRecord("any", "east", "west") } : { next: "" },
        },
    );
    return find("ontap-peering").inputs;
}

const shop = { application: "shop", namespace: "trident-dr", before: "shop" };
const archive = { application: "archive", namespace: "trident-protect" };
const cluster = { context: "east" };

describe("a peering is told what its site is to serve", () => {
    for (const preview of [false, true]) {
        it(`everything that the pair's site serves, with its records${preview ? ", in a preview" : ""}`, async () => {
            assert.deepEqual(await servedAtEast({}, {}, preview), { cluster, items: [shop, archive] });
        });
    }

    it("nothing where the other site is to serve", async () => {
        assert.equal(await servedAtEast({ active: "west" }), undefined);
    });

    it("what is to be served here by itself, and not what is to be served elsewhere", async () => {
        const here = await servedAtEast({ active: "west" }, { archive: { active: "east" } });
        assert.deepEqual(here, { cluster, items: [archive] });
        const elsewhere = await servedAtEast({}, { archive: { active: "west" } });
        assert.deepEqual(elsewhere, { cluster, items: [shop] });
    });

    it("and which takeover was acknowledged, for each item", async () => {
        const said = { acknowledgements: { takeover: 2 } };
        assert.deepEqual(await servedAtEast(said, { archive: { acknowledgements: { takeover: 4 } } }), {
            cluster,
            items: [
                { ...shop, takeover: 2 },
                { ...archive, takeover: 4 },
            ],
        });
    });

    it("and that all leaves the mirror, where nothing is left that needs it", async () => {
        const leavingAtEast = async (own: Own) => (await peeringAtEast({ active: "west" }, own)).leaving;
        const [gone, leftAlone] = [{ unprotect: true }, { unmanage: true }];
        assert.equal(await leavingAtEast({ shop: gone, archive: leftAlone }), true);
        assert.equal(await leavingAtEast({ shop: gone }), undefined);
        assert.equal(await leavingAtEast({}), undefined);
    });
});
