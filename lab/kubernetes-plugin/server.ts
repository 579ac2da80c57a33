import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderService, type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginInfo, type PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type Change } from "./diff";
import { type Engine } from "./engine";
import { InitFailedError, KubernetesProvider } from "./provider";
import { decode, encode, type Properties } from "./values";
import { pluginVersion } from "./version";

/**
 * Serves the provider on a free port of 127.0.0.1, over `pulumirpc.ResourceProvider`. What is not offered answers
 * UNIMPLEMENTED.
 */
export async function serveProvider(
    engine: Engine,
    onCancel: () => void = () => undefined,
): Promise<{ port: number; close(): void }> {
    // State can be large: the protocol's default of 4 MB is not enough.
    const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
    const server = new grpc.Server(unlimited);
    server.addService(ResourceProviderService, implementation(engine, onCancel) as grpc.UntypedServiceImplementation);
    const port = await new Promise<number>((resolve, reject) => {
        const credentials = grpc.ServerCredentials.createInsecure();
        server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
            error === null ? resolve(bound) : reject(error),
        );
    });
    return { port, close: () => server.forceShutdown() };
}

function implementation(engine: Engine, onCancel: () => void): Partial<IResourceProviderServer> {
    const provider = new KubernetesProvider(engine);
    let secrets = false;
    const pack = (properties: Properties): ReturnType<typeof encode> => encode(properties, secrets);

    return {
        getPluginInfo: unary(async (_: Empty) => {
            const info = new PluginInfo();
            info.setVersion(pluginVersion);
            return info;
        }),

        attach: unary(async (request: PluginAttach) => {
            engine.attach(request.getAddress());
            return new Empty();
        }),

        getSchema: unary(async (_: rpc.GetSchemaRequest) => {
            const response = new rpc.GetSchemaResponse();
            response.setSchema(
                JSON.stringify({ name: "kubernetes", version: pluginVersion, resources: {}, functions: {} }),
            );
            return response;
        }),

        checkConfig: unary(async (request: rpc.CheckRequest) => {
            const response = new rpc.CheckResponse();
            response.setInputs(request.getNews());
            return response;
        }),

        diffConfig: unary(async (request: rpc.DiffRequest) => {
            const { changed, replaces } = await provider.diffConfig(
                decode(request.getOlds()),
                decode(request.getNews()),
            );
            const response = new rpc.DiffResponse();
            response.setChanges(
                changed.length > 0 ? rpc.DiffResponse.DiffChanges.DIFF_SOME : rpc.DiffResponse.DiffChanges.DIFF_NONE,
            );
            response.setDiffsList(changed);
            response.setReplacesList(replaces);
            return response;
        }),

        configure: unary(async (request: rpc.ConfigureRequest) => {
            secrets = request.getAcceptsecrets();
            await provider.configure(Object.fromEntries(request.getVariablesMap().toArray()));
            const response = new rpc.ConfigureResponse();
            response.setAcceptsecrets(true);
            response.setSupportspreview(true);
            response.setSupportsAutonamingConfiguration(true);
            return response;
        }),

        check: unary(async (request: rpc.CheckRequest) => {
            const autonaming = request.getAutonaming();
            const inputs = await provider.check({
                urn: request.getUrn(),
                olds: decode(request.getOlds()),
                news: decode(request.getNews()),
                seed: request.getRandomseed_asU8(),
                autonaming: autonaming && {
                    disabled: autonaming.getMode() === rpc.CheckRequest.AutonamingOptions.Mode.DISABLE,
                    proposal: autonaming.getProposedName(),
                },
            });
            const response = new rpc.CheckResponse();
            response.setInputs(pack(inputs));
            return response;
        }),

        diff: unary(async (request: rpc.DiffRequest) => {
            const { changes, deleteBeforeReplace } = await provider.diff({
                urn: request.getUrn(),
                olds: decode(request.getOlds()),
                news: decode(request.getNews()),
                ignore: request.getIgnorechangesList(),
            });
            return diffResponse(changes, deleteBeforeReplace);
        }),

        create: unary(async (request: rpc.CreateRequest) => {
            const state = await provider.create({
                urn: request.getUrn(),
                news: decode(request.getProperties()),
                preview: request.getPreview(),
                timeout: request.getTimeout(),
            });
            const response = new rpc.CreateResponse();
            response.setId(state.id);
            response.setProperties(pack(state.properties));
            return response;
        }, pack),

        read: unary(async (request: rpc.ReadRequest) => {
            const state = await provider.read({
                urn: request.getUrn(),
                id: request.getId(),
                properties: decode(request.getProperties()),
                inputs: decode(request.getInputs()),
            });
            const response = new rpc.ReadResponse();
            response.setId(state.id);
            if (state.id !== "") {
                response.setProperties(pack(state.properties));
                response.setInputs(pack(state.inputs ?? {}));
            }
            return response;
        }, pack),

        update: unary(async (request: rpc.UpdateRequest) => {
            const state = await provider.update({
                urn: request.getUrn(),
                olds: decode(request.getOlds()),
                news: decode(request.getNews()),
                preview: request.getPreview(),
                timeout: request.getTimeout(),
                ignore: request.getIgnorechangesList(),
            });
            const response = new rpc.UpdateResponse();
            response.setProperties(pack(state.properties));
            return response;
        }, pack),

        delete: unary(async (request: rpc.DeleteRequest) => {
            await provider.delete({
                urn: request.getUrn(),
                id: request.getId(),
                properties: decode(request.getProperties()),
                timeout: request.getTimeout(),
            });
            return new Empty();
        }, pack),

        invoke: unary(async (request: rpc.InvokeRequest) => {
            const response = new rpc.InvokeResponse();
            response.setReturn(pack(await provider.invoke(request.getTok(), decode(request.getArgs()))));
            return response;
        }),

        cancel: unary(async (_: Empty) => {
            provider.cancel();
            onCancel();
            return new Empty();
        }),
    };
}

type Pack = (properties: Properties) => ReturnType<typeof encode>;

function unary<Request, Response>(
    answer: (request: Request) => Promise<Response>,
    pack?: Pack,
): grpc.handleUnaryCall<Request, Response> {
    return (call, callback) => {
        answer(call.request).then(
            (response) => callback(null, response),
            (error: unknown) => callback(rpcError(error as Error, pack)),
        );
    };
}

/** An object that exists although its operation failed travels with the error, so that the engine keeps it. */
function rpcError(error: Error, pack: Pack | undefined): Partial<grpc.StatusObject> {
    const code = grpc.status.UNKNOWN;
    if (!(error instanceof InitFailedError) || pack === undefined) {
        return { code, details: error.message };
    }
    const detail = new ErrorResourceInitFailed();
    detail.setId(error.state.id);
    detail.setProperties(pack(error.state.properties));
    detail.setReasonsList([error.message]);
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status();
    status.setCode(code);
    status.setMessage(error.message);
    status.addDetails(packed);
    const metadata = new grpc.Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
    return { code, details: error.message, metadata };
}

function diffResponse(changes: Change[], deleteBeforeReplace: boolean): rpc.DiffResponse {
    const response = new rpc.DiffResponse();
    response.setChanges(
        changes.length > 0 ? rpc.DiffResponse.DiffChanges.DIFF_SOME : rpc.DiffResponse.DiffChanges.DIFF_NONE,
    );
    response.setReplacesList(changes.filter((change) => change.replace).map((change) => change.path));
    response.setDeletebeforereplace(deleteBeforeReplace);
    response.setHasdetaileddiff(true);
    for (const { path, kind, replace } of changes) {
        const { ADD, ADD_REPLACE, UPDATE, UPDATE_REPLACE, DELETE, DELETE_REPLACE } = rpc.PropertyDiff.Kind;
        const kinds = {
            add: [ADD, ADD_REPLACE],
            update: [UPDATE, UPDATE_REPLACE],
            delete: [DELETE, DELETE_REPLACE],
        } as const;
        const change = new rpc.PropertyDiff();
        change.setKind(kinds[kind][replace ? 1 : 0]);
        change.setInputdiff(kind === "delete");
        response.getDetaileddiffMap().set(path, change);
    }
    return response;
}
