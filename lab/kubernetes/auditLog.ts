import { z } from "zod";
import { productUser } from "./controlPlane";

/** Who asked, as an event of an audit log says it. */
export const askedBy = z.object({ username: z.string() });

/** An audit log has what the product asked, and what others wrote into the status of AppMirrorRelationships. */
export function isOfProduct({ user }: { user: z.infer<typeof askedBy> }): boolean {
    return user.username === productUser;
}
