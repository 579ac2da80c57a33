import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
    addFinalizer,
    type Cluster,
    type Controller,
    isDeleting,
    type KubeObject,
    messageOf,
    type ReconcileResult,
    refOf,
    removeFinalizer,
    runController,
    scaled,
} from "../controllers";
import type { SiteDescriptor } from "../site";
import { driverName, kinds, type PersistentVolume, tridentFinalizer } from "./kinds";
import { Ontap } from "./ontap";

/** One ONTAP SVM that Trident may put volumes on. */
export interface Backend {
    name: string;
    uuid: string;
    driver: string;
    svm: string;
    aggregates: string[];
    ontap: Ontap;
    replicationPolicy?: string;
    replicationSchedule?: string;
}

interface BackendConfig extends KubeObject {
    spec: {
        version?: number;
        backendName?: string;
        storageDriverName?: string;
        managementLIF?: string;
        dataLIF?: string;
        svm?: string;
        /** The only aggregate to be used, instead of all those of the SVM. */
        aggregate?: string;
        trustedCACertificate?: string;
        credentials?: { name?: string; type?: string };
        deletionPolicy?: string;
        replicationPolicy?: string;
        replicationSchedule?: string;
    };
    status?: {
        phase?: string;
        lastOperationStatus?: string;
        message?: string;
        deletionPolicy?: string;
        backendInfo?: { backendName?: string; backendUUID?: string };
    };
}

/** A backend that is described but was not taken into use, or not yet since Trident started. */
export class BackendMissing extends Error {}

const retryMs = 30_000;

/** The backends in use, by what TridentBackendConfigs say; each is checked against its ONTAP before it counts. */
export class Backends {
    private readonly byConfig = new Map<string, Backend>();
    private readonly tried = new Map<string, string>();

    constructor(
        private readonly cluster: Cluster,
        private readonly site: SiteDescriptor,
    ) {}

    /** Follows TridentBackendConfigs and the Secrets they name. */
    run(): Controller {
        return runController<BackendConfig>({
            cluster: this.cluster,
            kind: kinds.backendConfig,
            concurrency: 2,
            reconcile: (config) => this.reconcile(config),
            gone: async (ref) => this.forget(`${ref.namespace}/${ref.name}`),
            triggers: [{ kind: kinds.secret, concerns: (secret) => this.configsWith(secret) }],
        });
    }

    /** All in use, in the order of their names. */
    all(): Backend[] {
        return [...this.byConfig.values()].sort((a, b) => a.name.localeCompare(b.name));
    }

    /** @throws BackendMissing */
    byUuid(uuid: string): Backend {
        const backend = this.all().find((candidate) => candidate.uuid === uuid);
        if (backend === undefined) {
            throw new BackendMissing(`backend ${uuid} is not in use`);
        }
        return backend;
    }

    /** The backend and FlexVol of a PV that Trident made; undefined for anyone else's PV. */
    volumeOf(pv: PersistentVolume): { backend: Backend; flexvol: string } | undefined {
        const csi = pv.spec.csi;
        const { backendUUID, internalName } = csi?.volumeAttributes ?? {};
        if (csi?.driver !== driverName || backendUUID === undefined || internalName === undefined) {
            return undefined;
        }
        return { backend: this.byUuid(backendUUID), flexvol: internalName };
    }

    private readonly secretUsers = new Map<string, Set<string>>();

    private configsWith(secret: KubeObject): { namespace?: string; name: string }[] {
        const users = this.secretUsers.get(`${secret.metadata.namespace}/${secret.metadata.name}`) ?? [];
        return [...users].map((name) => ({ namespace: secret.metadata.namespace, name }));
    }

    private forget(key: string): void {
        this.byConfig.delete(key);
        this.tried.delete(key);
    }

    private async reconcile(config: BackendConfig): Promise<ReconcileResult> {
        const { namespace = "", name } = config.metadata;
        const key = `${namespace}/${name}`;
        if (isDeleting(config)) {
            return this.remove(config, key);
        }
        await addFinalizer(this.cluster, config, tridentFinalizer);
        const known = config.status?.backendInfo?.backendUUID !== undefined;
        try {
            const secretName = config.spec.credentials?.name;
            if (secretName !== undefined) {
                const users = this.secretUsers.get(`${namespace}/${secretName}`) ?? new Set<string>();
                this.secretUsers.set(`${namespace}/${secretName}`, users.add(name));
            }
            const secret =
                secretName === undefined
                    ? undefined
                    : await this.cluster.get(kinds.secret, { namespace, name: secretName });
            const inputs = fingerprint([config.spec, secret?.data]);
            if (this.tried.get(key) === inputs && this.byConfig.has(key)) {
                return undefined;
            }
            const backend = await this.connect(config, secretName, secret);
            await this.writeBackendObject(config, backend);
            await this.writeStatus(config, {
                phase: "Bound",
                lastOperationStatus: "Success",
                message: `Backend '${backend.name}' ${known ? "updated" : "created"}`,
                deletionPolicy: config.spec.deletionPolicy ?? "delete",
                backendInfo: { backendName: backend.name, backendUUID: backend.uuid },
            });
            this.byConfig.set(key, backend);
            this.tried.set(key, inputs);
            return undefined;
        } catch (error) {
            const verb = known ? "update" : "create";
            await this.writeStatus(config, {
                phase: known ? "Bound" : "Unbound",
                lastOperationStatus: "Failed",
                message: `Failed to ${verb} backend; ${messageOf(error)}`,
                deletionPolicy: config.spec.deletionPolicy ?? "delete",
            });
            return { requeueAfterMs: Math.max(500, scaled(retryMs, this.site.speed)) };
        }
    }

    private async connect(config: BackendConfig, secretName?: string, secret?: KubeObject): Promise<Backend> {
        const { spec, metadata } = config;
        const { version, storageDriverName: driver, managementLIF, svm } = spec;
        if (version !== 1) {
            throw new Error(`expected version 1 in the spec, found ${JSON.stringify(version)}`);
        }
        if (driver !== "ontap-nas") {
            throw new Error(`expected storageDriverName "ontap-nas", found ${JSON.stringify(driver)}`);
        }
        if (managementLIF === undefined || svm === undefined) {
            throw new Error("expected managementLIF and svm in the spec");
        }
        if (secretName === undefined) {
            throw new Error("expected credentials.name in the spec");
        }
        if (secret === undefined) {
            throw new Error(`there is no Secret ${metadata.namespace}/${secretName}`);
        }
        const secretText = (field: string): string => {
            const encoded = (secret.data as Record<string, string> | undefined)?.[field];
            if (encoded === undefined) {
                throw new Error(`expected ${field} in the Secret ${metadata.namespace}/${secretName}, found none`);
            }
            return Buffer.from(encoded, "base64").toString("utf8");
        };
        const trusted = spec.trustedCACertificate;
        const ontap = new Ontap({
            managementLif: managementLIF,
            username: secretText("username"),
            password: secretText("password"),
            ca: trusted === undefined ? readFileSync(this.site.ontap.caFile, "utf8") : pemOf(trusted),
            speed: this.site.speed,
        });
        await ontap.cluster();
        const found = await ontap.svm(svm);
        if (found === undefined) {
            throw new Error(`there is no SVM ${svm} on ${managementLIF}`);
        }
        if (found.aggregates.length === 0) {
            throw new Error(`the SVM ${svm} has no aggregate`);
        }
        if (spec.aggregate !== undefined && !found.aggregates.includes(spec.aggregate)) {
            throw new Error(`the SVM ${svm} may not use an aggregate ${spec.aggregate}`);
        }
        return {
            name: spec.backendName ?? `ontapnas_${spec.dataLIF ?? managementLIF}`,
            uuid: config.status?.backendInfo?.backendUUID ?? uuidFrom(metadata.uid ?? metadata.name),
            driver,
            svm,
            aggregates: spec.aggregate === undefined ? found.aggregates : [spec.aggregate],
            ontap,
            replicationPolicy: spec.replicationPolicy,
            replicationSchedule: spec.replicationSchedule,
        };
    }

    /** The TridentBackend: its fields stand at the top of the object, the driver's under `config.ontap_config`. */
    private async writeBackendObject(config: BackendConfig, backend: Backend): Promise<void> {
        const { spec, metadata } = config;
        await this.cluster.serverSideApply(
            {
                ...kinds.backend,
                metadata: {
                    name: `tbe-${backend.uuid.slice(0, 5)}`,
                    namespace: metadata.namespace,
                    finalizers: [tridentFinalizer],
                },
                backendName: backend.name,
                backendUUID: backend.uuid,
                configRef: metadata.uid,
                online: true,
                state: "online",
                version: "1",
                config: {
                    ontap_config: {
                        version: 1,
                        storageDriverName: backend.driver,
                        managementLIF: spec.managementLIF,
                        dataLIF: spec.dataLIF,
                        svm: backend.svm,
                        replicationPolicy: spec.replicationPolicy,
                        replicationSchedule: spec.replicationSchedule,
                    },
                },
            },
            { fieldManager: "trident" },
        );
    }

    private async remove(config: BackendConfig, key: string): Promise<ReconcileResult> {
        const uuid = config.status?.backendInfo?.backendUUID;
        if (uuid !== undefined && (config.spec.deletionPolicy ?? "delete") === "delete") {
            const pvs = await this.cluster.list<PersistentVolume>(kinds.pv);
            const used = pvs.filter((pv) => pv.spec.csi?.volumeAttributes?.backendUUID === uuid).length;
            if (used > 0) {
                await this.writeStatus(config, {
                    phase: "Deleting",
                    lastOperationStatus: "Failed",
                    message: `Backend still has ${used} volumes`,
                });
                return { requeueAfterMs: Math.max(500, scaled(retryMs, this.site.speed)) };
            }
            const backends = await this.cluster.list(kinds.backend, { namespace: config.metadata.namespace });
            for (const backend of backends.filter((candidate) => candidate.backendUUID === uuid)) {
                await this.cluster.delete(kinds.backend, refOf(backend));
                await removeFinalizer(this.cluster, backend, tridentFinalizer);
            }
        }
        this.forget(key);
        await removeFinalizer(this.cluster, config, tridentFinalizer);
        return undefined;
    }

    private async writeStatus(config: BackendConfig, status: NonNullable<BackendConfig["status"]>): Promise<void> {
        const merged = { ...config.status, ...status };
        // An equal status must not be written: each write would wake this very controller again.
        if (JSON.stringify(sorted(merged)) !== JSON.stringify(sorted(config.status ?? {}))) {
            await this.cluster.patchStatus(kinds.backendConfig, refOf(config), status);
        }
    }
}

function sorted(object: object): [string, unknown][] {
    return Object.entries(object).sort(([a], [b]) => a.localeCompare(b));
}

function fingerprint(parts: unknown): string {
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A uuid that is always the same for the same text, so that a restart before the first status finds the same backend. */
function uuidFrom(text: string): string {
    const hex = createHash("sha256").update(text).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Trident takes the certificate in base64; a PEM that was not encoded is taken too. */
function pemOf(certificate: string): string {
    return certificate.includes("-----BEGIN") ? certificate : Buffer.from(certificate, "base64").toString("utf8");
}
