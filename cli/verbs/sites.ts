import type { ParsedSettings } from "../../components/settings/schema";
import type { RoleRecord } from "../../provider/roles/record";
import type { AheadResult, HandedOver } from "../takeoverAhead";

/** The two stacks of a pair, as far as a verb reads and drives them. A test puts a fake of two stacks in their place. */
export interface BothSites {
    /** Name of the project. */
    readonly project: string;
    /** What the keys of its configuration begin with, such as `archive:`; empty where that is the project's namespace. */
    readonly keyPrefix: string;
    readonly sites: readonly SiteStack[];
    /** Reads both stacks afresh: their configuration, and what they published. It asks no cluster and no array. */
    read(): Promise<Reading>;
    /** Changes the configuration of a site's stack, all of it or nothing. */
    set(site: string, changes: readonly Change[]): Promise<void>;
    /** What `pulumi up` would do with a configuration that is changed like this; nothing is changed. */
    preview(site: string, changes: readonly Change[]): Promise<Outcome>;
    /**
     * `pulumi up` without a preview; it is told each line as it comes.
     *
     * @param onRecord told the record that an item has after it, as soon as that is written. Not every run tells it
     */
    up(site: string, onLine: (line: string) => void, onRecord?: (record: RoleRecord) => void): Promise<Outcome>;
    /** Makes ready to take over items at a site in this process, while the other one still hands over. */
    takeoverAhead(site: string, items: readonly string[]): TakeoverAhead;
}

/** Planned takeovers in this process, each ahead of the run that takes it into the stack's state. */
export interface TakeoverAhead {
    take(item: string, by: HandedOver, onLine: (line: string) => void): Promise<AheadResult>;
}

export interface SiteStack {
    readonly name: string;
    readonly stack: string;
}

/** A value of a stack's configuration, by its key without a namespace: `active`, or `applications[0].unprotect`. */
export interface Change {
    readonly key: string;
    readonly value: string | number | boolean;
}

/** By site. */
export type Reading = Readonly<Record<string, SiteReading>>;

export interface SiteReading {
    readonly settings: ParsedSettings;
    readonly items: Readonly<Record<string, Reported>>;
}

/** What a stack published about an item. */
export interface Reported {
    readonly record?: RoleRecord;
    readonly unreadable?: string;
    readonly establishing: boolean;
}

/** How a run of the CLI ended. */
export interface Outcome {
    readonly ok: boolean;
    /** What it said of the items, a line each. */
    readonly lines: readonly string[];
    /** Of a preview: whether anything would be changed. */
    readonly changes: boolean;
    /** Why it failed; empty where it did not. */
    readonly why: string;
}
