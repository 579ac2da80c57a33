import type { StackConfiguration } from "../../../components/settings/read";

/** A certificate that was made for these tests; its key was thrown away. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBjTCCATOgAwIBAgIUK6XyUNsKrusfIdBu0s0xQvCg4OIwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQdHJpZGVudC1kciB0ZXN0czAgFw0yNjExMjIxODI1MTJaGA8y
MTI2MTAyOTE4MjUxMlowGzEZMBcGA1UEAwwQdHJpZGVudC1kciB0ZXN0czBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABGnT7O3WGWS2HsMjxajRL+9YkpGBOmU5lvbt
XVnuv4ESkqFdJpsHluPBSP356tyw2MY5+uoy+EoTRmiH3rH1UJOjUzBRMB0GA1Ud
DgQWBBSxYIOE6Ow4PrA77hTu2Ng5Boz+TTAfBgNVHSMEGDAWgBSxYIOE6Ow4PrA7
7hTu2Ng5Boz+TTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQD3
rYlpPg1pejkPa1ManGmXYf35WQkC88ndiI4WJ+QW2AIgCzGdaiizBO3JvaK7geqo
KxHuoAz3A/JN2AXuft9rayY=
-----END CERTIFICATE-----
`;

/** No output may hold any of these. */
export const canaries = {
    ontapPassword: "canary-ontap",
    tridentPassword: "canary-trident",
    peeringPassphrase: "canary-passphrase",
    eastKey: "canary-east-key",
    westKey: "canary-west-key",
};

/** A configuration that is good: east and west, seen from east. A fresh copy each time, to be spoilt. */
export function goodValues() {
    const site = (name: string, number: number) => ({
        kubernetes: { context: name } as Record<string, unknown>,
        ontap: {
            url: `https://10.0.${number}.5`,
            certificate,
            svm: `svm_${name}`,
            cluster: `ontap-${name}`,
            dataLif: `10.0.${number}.6`,
            interclusterAddresses: [`10.0.${number}.7`, `10.0.${number}.8`],
            tridentUsername: "trident",
        } as Record<string, unknown>,
        vault: {
            type: "GenericS3",
            bucket: `bucket-${name}`,
            endpoint: `s3.${name}.example:9000`,
            rootCA: certificate,
        } as Record<string, unknown>,
    });
    return {
        site: "east",
        active: "east",
        sites: { east: site("east", 1), west: site("west", 2) } as Record<string, ReturnType<typeof site>>,
        applications: [{ name: "shop", namespaces: ["shop", "shop-data"] }] as Record<string, unknown>[],
        ontapUsername: "product",
        ontapPassword: canaries.ontapPassword,
        tridentPassword: canaries.tridentPassword,
        peeringPassphrase: canaries.peeringPassphrase,
        vaultCredentials: {
            east: { accessKeyID: "east-id", secretAccessKey: canaries.eastKey },
            west: { accessKeyID: "west-id", secretAccessKey: canaries.westKey },
        } as Record<string, Record<string, unknown>>,
    };
}

export function configurationOf(values: object, rest: Partial<StackConfiguration> = {}): StackConfiguration {
    return {
        namespace: "trident-dr:",
        values: values as Record<string, unknown>,
        plain: new Set(),
        environment: {},
        stack: "organization/project/east",
        ...rest,
    };
}

/** The same as Pulumi hands it over: every value a text, structures as JSON. */
export function rawConfiguration(values: object): Record<string, string> {
    return Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
            `trident-dr:${key}`,
            typeof value === "string" ? value : JSON.stringify(value),
        ]),
    );
}
