import assert from "node:assert/strict";
import { resolvePair, type PairOptions } from "../../../../cli/project/pair";
import { ProjectProblem } from "../../../../cli/project/problem";
import type { ConfigurationValue, Project } from "../../../../cli/project/project";
import { configuredPair } from "../configuredPair";

/** What the CLI prints of a stack that is configured as a site. */
function configured(
    site: string,
    { namespace = "dr", more = {} }: { namespace?: string; more?: Record<string, unknown> } = {},
): Record<string, ConfigurationValue> {
    const values: Record<string, unknown> = {
        ...configuredPair(site),
        applications: [{ name: "shop", namespaces: ["shop"] }],
        ...more,
    };
    const plain = Object.entries(values).map(([key, value]): [string, ConfigurationValue] => [
        `${namespace}:${key}`,
        { value: typeof value === "string" ? value : JSON.stringify(value), secret: false },
    ]);
    return Object.fromEntries([...plain, [`${namespace}:ontapPassword`, { secret: true }]]);
}

class FakeProject implements Project {
    readonly name = "dr";
    readonly folder = "/project";
    readonly read: string[] = [];

    constructor(private readonly configurations: Record<string, Record<string, ConfigurationValue>>) {}

    stacks(): Promise<string[]> {
        return Promise.resolve(Object.keys(this.configurations));
    }

    isRunning(): Promise<boolean> {
        return Promise.reject(new Error("nothing is run here"));
    }

    configuration(stack: string): Promise<Record<string, ConfigurationValue>> {
        this.read.push(stack);
        return Promise.resolve(this.configurations[stack]!);
    }

    decrypted(): Promise<Record<string, string>> {
        return Promise.reject(new Error("nothing needs the secrets of a stack here"));
    }

    outputs(): Promise<Record<string, unknown>> {
        return Promise.resolve({});
    }

    configure(): Promise<void> {
        return Promise.reject(new Error("nothing is changed here"));
    }

    preview(): Promise<never> {
        return Promise.reject(new Error("nothing is run here"));
    }

    up(): Promise<never> {
        return Promise.reject(new Error("nothing is run here"));
    }
}

const east = configured("east");
const west = configured("west");
const unrelated: Record<string, ConfigurationValue> = { "aws:region": { value: "eu-central-1", secret: false } };

function resolve(configurations: Record<string, Record<string, ConfigurationValue>>, options: PairOptions = {}) {
    return resolvePair(options, () => Promise.resolve(new FakeProject(configurations)));
}

async function refused(
    configurations: Record<string, Record<string, ConfigurationValue>>,
    options: PairOptions = {},
): Promise<string> {
    const error = await resolve(configurations, options).then(
        () => assert.fail("expected a refusal"),
        (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ProjectProblem, String(error));
    return error.message;
}

describe("the pair of a user's project", () => {
    it("is the two stacks that are configured as its sites, whatever else there is", async () => {
        const { namespace, sites } = await resolve({ "dr-one": west, network: unrelated, "dr-two": east });
        assert.equal(namespace, "dr");
        assert.deepEqual(
            sites.map(({ name, peer, stack }) => ({ name, peer, stack })),
            [
                { name: "east", peer: "west", stack: "dr-two" },
                { name: "west", peer: "east", stack: "dr-one" },
            ],
        );
        assert.deepEqual(sites[0].settings.applications[0]!.every, { amount: 5, unit: "minutes" });
    });

    it("knows which secrets its stacks have, without decrypting any", async () => {
        const secret: ConfigurationValue = { secret: true };
        const { sites } = await resolve({ east: { ...east, "dr:kubeconfig": secret, "dr:pairKey": secret }, west });
        assert.deepEqual(
            sites.map(({ hasKubeconfig, hasPairKey }) => [hasKubeconfig, hasPairKey]),
            [
                [true, true],
                [false, false],
            ],
        );
    });

    it("reads only the stacks that are named, where both are", async () => {
        const project = new FakeProject({ one: east, two: west, three: east });
        const stacks = { east: "one", west: "two" };
        const { sites } = await resolvePair({ stacks }, () => Promise.resolve(project));
        assert.deepEqual(
            sites.map(({ stack }) => stack),
            ["one", "two"],
        );
        assert.deepEqual(project.read, ["one", "two"]);
    });

    it("prefers, of several stacks for a site, the one that the other site reads", async () => {
        const byName = await resolve({ east, "east-lost": east, west });
        assert.equal(byName.sites[0].stack, "east");
        const named = configured("west", { more: { peerStack: "acme/dr/east-new" } });
        const byPeerStack = await resolve({ "east-old": east, "east-new": east, west: named });
        assert.equal(byPeerStack.sites[0].stack, "east-new");
    });

    it("refuses in one sentence what it cannot tell, with what to do next", async () => {
        for (const [configurations, options, sentence] of [
            [{}, {}, /^no stack of project dr is configured as a site of a pair: configure two, .* --project$/],
            [{ network: unrelated }, {}, /^no stack of project dr is configured as a site of a pair/],
            [
                { prod: east },
                {},
                /^project dr has a stack for east \(prod\) and none for west: make it with "pulumi stack init west", and configure it with site: west$/,
            ],
            [
                { one: east, two: east, west },
                {},
                /^2 stacks are configured as east \(one, two\): name one with --stack-east one$/,
            ],
            [{ east, west }, { stacks: { east: "nope" } }, /^project dr has no stack nope: it has east, west$/],
            [
                { east, west },
                { stacks: { east: "west" } },
                /^stack west is configured as west, not as east: correct --stack-east$/,
            ],
            [{ east, west }, { stacks: { north: "east" } }, /^there is no site north: the sites are east and west$/],
            [
                { east, west: configured("wset") },
                {},
                /^stack west is configured with site: wset, and its sites are east and west: correct it with "pulumi config set site <site> --stack west"$/,
            ],
            [
                { east, west: configured("north", { more: { sites: { north: {}, south: {} } } }) },
                {},
                /^stacks east and west of project dr have not the same two sites: east and west in the one, north and south in the other; name them alike in both$/,
            ],
            [
                { east: { ...east, ...configured("east", { namespace: "archive" }) }, west },
                {},
                /^project dr configures several pairs, under dr and archive: name one with --namespace$/,
            ],
            [{ east, west }, { namespace: "archive" }, /^project dr configures no pair under archive/],
        ] as const) {
            assert.match(await refused(configurations, options), sentence);
        }
    });

    it("chooses one of several pairs by the namespace of its keys", async () => {
        const both = (site: string) => ({ ...configured(site), ...configured(site, { namespace: "archive" }) });
        const { namespace } = await resolve({ east: both("east"), west: both("west") }, { namespace: "archive" });
        assert.equal(namespace, "archive");
    });

    it("reports all that is wrong with a stack's configuration, and asks for no secret", async () => {
        const wrong = configured("west", { more: { active: "wset", maxlag: "1h" } });
        const said = await refused({ east, west: wrong });
        assert.match(said, /^the configuration of stack west is not valid, and nothing was done:/);
        assert.match(said, /dr:active: expected one of east, west; found "wset" \(did you mean "west"\?\)/);
        assert.match(said, /dr:maxlag: expected no such key/);
        assert.doesNotMatch(said, /ontapUsername|ontapPassword|vaultCredentials|peeringPassphrase/);
    });
});
