import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Engine } from "../../../../lab/kubernetes-plugin/engine";
import { serveProvider } from "../../../../lab/kubernetes-plugin/server";
import { decode, encode, type Properties } from "../../../../lab/kubernetes-plugin/values";

export const defaultUrn = "urn:pulumi:dev::test::kubernetes:core/v1:Secret::credentials";

/** The part of the Pulumi engine that talks to one plugin: a client for it, and an ear for its messages. */
export class TestEngine {
    /** Messages of the plugin, in order. Those that only last until the next one start with a "~". */
    readonly messages: string[] = [];
    private constructor(
        private readonly server: grpc.Server,
        private readonly plugin: { close(): void },
        readonly client: ResourceProviderClient,
    ) {}

    static async start(): Promise<TestEngine> {
        const server = new grpc.Server();
        const heard: { engine?: TestEngine } = {};
        server.addService(EngineService, {
            log: ({ request }: { request: LogRequest }, callback: grpc.sendUnaryData<Empty>) => {
                heard.engine?.messages.push((request.getEphemeral() ? "~" : "") + request.getMessage());
                callback(null, new Empty());
            },
        } as grpc.UntypedServiceImplementation);
        const port = await new Promise<number>((resolve, reject) =>
            server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
                error ? reject(error) : resolve(bound),
            ),
        );
        const plugin = await serveProvider(new Engine(`127.0.0.1:${port}`));
        const client = new ResourceProviderClient(`127.0.0.1:${plugin.port}`, grpc.credentials.createInsecure());
        heard.engine = new TestEngine(server, plugin, client);
        return heard.engine;
    }

    stop(): void {
        this.client.close();
        this.plugin.close();
        this.server.forceShutdown();
    }

    async configure(variables: Record<string, string>): Promise<rpc.ConfigureResponse> {
        const request = new rpc.ConfigureRequest();
        request.setAcceptsecrets(true);
        for (const [key, value] of Object.entries(variables)) {
            request.getVariablesMap().set(`kubernetes:config:${key}`, value);
        }
        return call((done) => this.client.configure(request, done));
    }

    async check(news: Properties, olds: Properties = {}, urn = defaultUrn): Promise<Properties> {
        const request = new rpc.CheckRequest();
        request.setUrn(urn);
        request.setOlds(encode(olds, true));
        request.setNews(encode(news, true));
        request.setRandomseed(new Uint8Array([1, 2, 3]));
        const response = await call<rpc.CheckResponse>((done) => this.client.check(request, done));
        return decode(response.getInputs());
    }

    async diff(olds: Properties, news: Properties, ignore: string[] = []): Promise<rpc.DiffResponse.AsObject> {
        const request = new rpc.DiffRequest();
        request.setUrn(defaultUrn);
        request.setOlds(encode(olds, true));
        request.setNews(encode(news, true));
        request.setIgnorechangesList(ignore);
        const response = await call<rpc.DiffResponse>((done) => this.client.diff(request, done));
        return response.toObject();
    }

    async create(
        inputs: Properties,
        options: { preview?: boolean; timeout?: number } = {},
    ): Promise<{ id: string; properties: Properties }> {
        const request = new rpc.CreateRequest();
        request.setUrn(defaultUrn);
        request.setProperties(encode(inputs, true));
        request.setPreview(options.preview ?? false);
        request.setTimeout(options.timeout ?? 0);
        const response = await call<rpc.CreateResponse>((done) => this.client.create(request, done));
        return { id: response.getId(), properties: decode(response.getProperties()) };
    }

    async update(olds: Properties, news: Properties, preview = false): Promise<Properties> {
        const request = new rpc.UpdateRequest();
        request.setUrn(defaultUrn);
        request.setOlds(encode(olds, true));
        request.setNews(encode(news, true));
        request.setPreview(preview);
        const response = await call<rpc.UpdateResponse>((done) => this.client.update(request, done));
        return decode(response.getProperties());
    }

    async read(
        id: string,
        properties: Properties,
        inputs: Properties,
        urn = defaultUrn,
    ): Promise<{ id: string; properties: Properties; inputs: Properties }> {
        const request = new rpc.ReadRequest();
        request.setUrn(urn);
        request.setId(id);
        request.setProperties(encode(properties, true));
        request.setInputs(encode(inputs, true));
        const response = await call<rpc.ReadResponse>((done) => this.client.read(request, done));
        return {
            id: response.getId(),
            properties: decode(response.getProperties()),
            inputs: decode(response.getInputs()),
        };
    }

    async delete(id: string, properties: Properties, timeout = 0): Promise<void> {
        const request = new rpc.DeleteRequest();
        request.setUrn(defaultUrn);
        request.setId(id);
        request.setProperties(encode(properties, true));
        request.setTimeout(timeout);
        await call<Empty>((done) => this.client.delete(request, done));
    }
}

/** Detail of an error that says: the object exists, keep it. Undefined if the error carries none. */
export function initFailure(error: unknown): { id: string; reasons: string[]; properties: Properties } | undefined {
    const [details] = (error as grpc.ServiceError).metadata.get("grpc-status-details-bin");
    if (details === undefined) {
        return undefined;
    }
    const status = Status.deserializeBinary(details as Buffer);
    const detail = status
        .getDetailsList()[0]!
        .unpack<rpc.ErrorResourceInitFailed>(
            (bytes: Uint8Array) => rpc.ErrorResourceInitFailed.deserializeBinary(bytes),
            "pulumirpc.ErrorResourceInitFailed",
        )!;
    return { id: detail.getId(), reasons: detail.getReasonsList(), properties: decode(detail.getProperties()) };
}

export async function call<Response>(
    start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
    return new Promise((resolve, reject) =>
        start((error, response) => (error === null ? resolve(response) : reject(error))),
    );
}
