import type { Situation } from "../situation";
import { abandon } from "./abandon";
import { keepServing, stopServing } from "./active";
import type { Decision } from "./decision";
import { rejoin, serveByDiscard } from "./displaced";
import { becomeStandby, serveFirst } from "./none";
import { follow, takeOver } from "./standby";
import { wasUnmanaged } from "./predicates";
import { changeOfMind, followAfterStandingDown } from "./stoodDown";
import { unmanage } from "./unmanage";

/** Decides for a site with no unfinished run: by its role, and by whether it is the one that should serve. */
export function decideByRole(situation: Situation): Decision {
    const { own, configuration } = situation;
    if (configuration.unmanage === true || (configuration.unprotect === true && wasUnmanaged(own))) {
        return unmanage(situation);
    }
    if (configuration.unprotect === true) {
        return abandon(situation);
    }
    const wanted = configuration.active === configuration.site;
    switch (own.role) {
        case "none":
            return wanted ? serveFirst(situation) : becomeStandby(situation);
        case "active":
            return wanted ? keepServing(situation) : stopServing(situation);
        case "stood-down":
            return wanted ? changeOfMind(situation) : followAfterStandingDown(situation);
        case "standby":
            return wanted ? takeOver(situation) : follow(situation);
        case "displaced":
            return wanted ? serveByDiscard(situation) : rejoin(situation);
    }
}
