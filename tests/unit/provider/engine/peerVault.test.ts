import assert from "node:assert/strict";
import type { ApplicationInputs } from "../../../../provider/engine/inputs";
import { patienceWithPeer } from "../../../../provider/engine/peerVault";
import { emptyRecord } from "../../../../provider/roles/record";
import type { Role } from "../../../../provider/roles/record";
import { noSeal } from "../../../../provider/support/seal";
import { peerBudget } from "../../../../provider/vaults/appVault";
import { goodInputs } from "./goodInputs";

describe("the patience with the other site's vault", () => {
    const patience = (role: Role | undefined, given: Partial<ApplicationInputs>) => {
        const peerRecord =
            role === undefined
                ? { known: false, why: "its state backend does not answer" }
                : { known: true, record: { ...emptyRecord("shop", "west", "east"), role, epoch: 1, serial: 3 } };
        return patienceWithPeer({ ...goodInputs(), peerRecord, ...given } as ApplicationInputs, noSeal);
    };

    it("is short for an acknowledged takeover from a site that served", () => {
        assert.equal(patience("active", { acknowledgements: { takeover: 2 } }), 1_000);
    });

    it("is the whole budget where the site has handed over, or nobody knows: its final snapshot may be there", () => {
        assert.equal(patience("stood-down", { acknowledgements: { takeover: 2 } }), peerBudget);
        assert.equal(patience(undefined, { acknowledgements: { takeover: 2 } }), peerBudget);
    });

    it("is the whole budget where nobody takes over", () => {
        assert.equal(patience("active", {}), peerBudget);
        assert.equal(patience("active", { acknowledgements: { takeover: 2 }, active: "west" }), peerBudget);
    });
});
