import { Outcomes } from "../../../provider/engine/outcomes";
import { MirrorRoleHandler } from "../../../provider/handlers/mirrorRole";
import { ProviderProcess } from "../../../provider/process/providerProcess";
import { FakeSite, roleInputs } from "../../unit/cli/fakeSite";
import { active } from "../../unit/provider/roles/situations";

/** What a program at west passes whose configuration asks for a takeover. */
export const takeoverInputs = JSON.parse(
    JSON.stringify(
        roleInputs({
            peerRecord: { known: true, record: active("east", 1) },
            active: "west",
            acknowledgements: { takeover: 2 },
        }),
    ),
) as Record<string, unknown>;

/** The provider's own handler, in the process that the engine starts for it, at a site that is no more than a fake. */
export async function roleAtWest(): Promise<MirrorRoleHandler> {
    const site = new FakeSite();
    await site.setUp();
    return new MirrorRoleHandler(new ProviderProcess(), new Outcomes(), (run, inputs) => site.open(run, inputs));
}
