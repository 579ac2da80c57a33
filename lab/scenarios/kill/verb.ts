import type { SiteName } from "../../lab";

/** What a person does besides `pulumi up`, while a verb is being carried out. */
export interface Operator {
    /** Sets values of a stack's configuration, among those of the program: `active`, `takeover`, `discard`. */
    configure(site: SiteName, values: Readonly<Record<string, string | number>>): Promise<void>;
    /** Sets `unprotect` of the application. */
    unprotect(site: SiteName, value: boolean): Promise<void>;
    /** Runs `pulumi up`, which must succeed. */
    up(site: SiteName): Promise<void>;
    /** The site answers no more, until it is brought back: then its application writes as if nothing had happened. */
    takeAway(site: SiteName): Promise<void>;
    /** Returns once the application writes at the site. */
    bringBack(site: SiteName): Promise<void>;
    /** Waits until the application writes at a site. */
    awaitWrites(site: SiteName): Promise<void>;
}

/** One round of a verb, between the site that serves when it begins and the other one. */
export interface Round {
    operator: Operator;
    from: SiteName;
    to: SiteName;
    /** The epoch in which the round begins. */
    epoch: number;
}

/** Which of a round's two sites. */
export type Place = "from" | "to";

/** One run of `pulumi up`. */
export interface Run {
    name: string;
    at: Place;
    /** What the site is for the application when the run is done. */
    reaches: string;
    /** What is done before it. */
    before?(round: Round): Promise<void>;
}

/** A verb as it is typed: what is configured, and at which sites `pulumi up` then follows. */
export interface Verb {
    /** Brings both sites to where the first run of a round can begin. */
    prepare(round: Round): Promise<void>;
    /** The runs, in order; each is killed in turn. */
    runs: readonly Run[];
    /** Epochs that begin in one round. */
    epochs: number;
    /** Where the application is served when a round is over: the next one begins there. */
    serves: Place;
    /** The site whose writes are given up by leave. Nobody's in a planned change. */
    givesUp?: Place;
}
