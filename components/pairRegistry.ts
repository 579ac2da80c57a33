import * as pulumi from "@pulumi/pulumi";
import { cycleProblems, neighboursOf, type OrderedItem } from "./order";
import { ProgramEnd } from "./programEnd";
import { describe, type Problem, refuse } from "./validation/problems";

/** The place of a protected item among those of its pair, as its role receives it. */
export interface RoleOrder {
    /** Whether it is one of several: its failure is then reported at the end, when the others have had their turn. */
    together: boolean;
    before: RecordPlace[];
    after: RecordPlace[];
    /** URNs of the roles that go first. */
    waitsFor: string[];
}

/** Where the role record of an item is, and where earlier versions kept it. */
interface RecordPlace {
    application: string;
    namespace: string;
    before?: string;
}

/** An item that is to serve at this site. */
interface ServedItem extends RecordPlace {
    /** The epoch that may begin without the other site. */
    takeover?: number;
}

/** The protected items of a pair in their order. It is complete once the program has declared everything. */
export class PairRegistry {
    private readonly end: ProgramEnd;
    private readonly items: OrderedItem[] = [];
    private readonly roles = new Map<string, pulumi.Output<string>>();
    /** The outputs report what each of several items came to; without them nobody would learn of a failure. */
    private outputsReport = false;

    constructor(
        private readonly pair: string,
        private readonly sites: { site: string; peer: string },
    ) {
        this.end = new ProgramEnd(pair);
    }

    /**
     * Gives an item its place, before its role is declared.
     * @throws InvalidInput when the name is taken, when it would come after itself, or after the outputs
     */
    add(item: OrderedItem): void {
        refuse(`The pair of ${this.sites.site} and ${this.sites.peer}`, [
            ...(this.items.some(({ name }) => name === item.name)
                ? [{ key: "application", expected: "each application once", found: `${describe(item.name)} twice` }]
                : []),
            ...(this.outputsReport
                ? [
                      {
                          key: "application",
                          expected: `every application before outputs() or next() of the pair ${this.pair} is called`,
                          found: `${describe(item.name)} after it`,
                      },
                  ]
                : []),
        ]);
        this.items.push(item);
        this.end.declared();
        const after = new Map(this.items.map((each) => [each.name, each.after]));
        refuse(`The application ${item.name}`, cycleProblems("after", item.name, after));
    }

    /** The URN of an item's role, for those that go after it. */
    addRole(item: string, urn: pulumi.Output<string>): void {
        this.roles.set(item, urn);
    }

    /**
     * Ends the declarations, so that the roles can take their turns.
     * @returns every item, and the URN of every role
     * @throws InvalidInput when one comes after an item that does not exist
     */
    close(): { items: string[]; roles: pulumi.Output<string>[] } {
        this.items.forEach((item) => this.refuseUnknown(item));
        this.outputsReport = true;
        this.end.reach();
        return { items: this.items.map(({ name }) => name), roles: [...this.roles.values()] };
    }

    /**
     * The place of an item, once the program has declared all of them. Its role thereby waits for those that go first:
     * where it is to serve, those that it comes after; where it is to stand down, those that come after it.
     */
    orderOf(name: string): pulumi.Output<RoleOrder> {
        const order = this.end.reached.then(() => this.placeOf(name), notLookedAt(`role of ${name}`));
        return pulumi.output(order) as pulumi.Output<RoleOrder>;
    }

    /** What is to serve at this site, once the program has declared everything. */
    served(): pulumi.Output<ServedItem[]> {
        return pulumi.output(this.end.reached.then(() => this.servedItems(), notLookedAt("peering")));
    }

    /** Whether all that there is leaves the mirror at this site, once the program has declared everything. */
    leaving(): pulumi.Output<boolean> {
        const leaves = () => this.items.length > 0 && this.items.every((item) => item.leaves === true);
        return pulumi.output(this.end.reached.then(leaves, notLookedAt("peering")));
    }

    private servedItems(): ServedItem[] {
        return this.items
            .filter(({ serves }) => serves)
            .map((item) => ({
                ...recordOf(item),
                ...(item.takeover === undefined ? {} : { takeover: item.takeover }),
            }));
    }

    private placeOf(name: string): Place {
        const item = this.items.find((each) => each.name === name)!;
        this.refuseUnknown(item);
        const { before, after } = neighboursOf(item, this.items);
        const first = (item.serves ? before : after).filter(({ serves }) => serves === item.serves);
        return {
            together: this.items.length > 1 && this.outputsReport,
            before: before.map(recordOf),
            after: after.map(recordOf),
            waitsFor: first.map((each) => this.roles.get(each.name) ?? ""),
        };
    }

    private refuseUnknown({ name, after }: OrderedItem): void {
        const known = this.items.map((item) => item.name);
        refuse(
            `The application ${name}`,
            after
                .filter((other) => !known.includes(other))
                .map((other): Problem => ({ key: "after", expected: "names of applications", found: describe(other) })),
        );
    }
}

/** A role order whose URNs are not known yet. */
type Place = Omit<RoleOrder, "waitsFor"> & { waitsFor: pulumi.Input<string>[] };

function recordOf({ name, namespace, before }: OrderedItem): RecordPlace {
    return { application: name, namespace, ...(before === undefined ? {} : { before }) };
}

function notLookedAt(what: string) {
    return (reason: Error): never => {
        throw new pulumi.RunError(`The ${what} was not looked at, and nothing was changed for it: ${reason.message}.`);
    };
}
