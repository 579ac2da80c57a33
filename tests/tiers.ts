/** Tests that need the same things. Each tier runs in a mocha process of its own. */
export interface Tier {
    specs: readonly string[];
    /** Whether it needs what the lab is built from: on a fresh machine that takes minutes, longer than a test may take. */
    needsTools: boolean;
    mochaArgs: readonly string[];
}

/** In the order in which `npm test` runs them, with the sample in place of the whole: what fails soonest comes first. */
export const tiers = {
    // Everything pure: no lab, no built tool, no network. What it leaves open keeps it from ending, and so is found.
    unit: { specs: ["tests/unit/**/*.test.ts"], needsTools: false, mochaArgs: [] },
    // Our pages in a real browser, which a package of npm brings.
    browser: { specs: ["tests/browser/**/*.test.ts"], needsTools: false, mochaArgs: [] },
    // Servers that are killed in the middle of a call leave clients behind whose sockets nobody closes: hence --exit.
    integration: {
        specs: ["tests/integration/**/*.test.ts", "lab/**/tests/**/*.test.ts"],
        needsTools: true,
        mochaArgs: ["--exit", "--ignore", "lab/**/node_modules/**"],
    },
    // A lab that failed to come up may leave its processes' pipes open, and the report must come nevertheless.
    "e2e-sample": { specs: ["tests/e2e/*.test.ts"], needsTools: true, mochaArgs: ["--exit"] },
    e2e: { specs: ["tests/e2e/**/*.test.ts"], needsTools: true, mochaArgs: ["--exit"] },
} as const satisfies Record<string, Tier>;

export type TierName = keyof typeof tiers;

export function isTier(name: string): name is TierName {
    return name in tiers;
}

/** Where a test file belongs, by its folder. */
export function tierOf(file: string): TierName {
    const match = /(?:^|\/)tests\/(unit|browser|integration|e2e)\//.exec(file.replaceAll("\\", "/"));
    return (match?.[1] as "unit" | "browser" | "integration" | "e2e" | undefined) ?? "integration";
}
