import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

type Severity = keyof typeof severities;
const severities = { info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR };

/** The engine, as the place where a plugin's messages to the user go. */
export class Engine {
    private client: EngineClient | undefined;

    constructor(address: string | undefined) {
        this.attach(address);
    }

    attach(address: string | undefined): void {
        this.client = address === undefined ? undefined : new EngineClient(address, credentials.createInsecure());
    }

    /** A message that stays. */
    log(severity: Severity, urn: string, message: string): void {
        this.send(severity, urn, message, false);
    }

    /** What is shown beside the resource until the next status; "" clears it. */
    status(urn: string, message: string): void {
        this.send("info", urn, message, true);
    }

    private send(severity: Severity, urn: string, message: string, ephemeral: boolean): void {
        const request = new LogRequest();
        request.setSeverity(severities[severity]);
        request.setUrn(urn);
        request.setMessage(message);
        request.setEphemeral(ephemeral);
        // A message that is lost must not fail the operation it is about.
        this.client?.log(request, () => undefined);
    }
}
