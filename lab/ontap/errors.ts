/**
 * An error as ONTAP REST reports it. `code` is a string on the wire (docs/facts/ontap.md#errors).
 * Thrown inside a job it becomes the job's failure; thrown before one it becomes the answer.
 */
export class OntapFailure extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
        readonly target?: string,
    ) {
        super(message);
    }

    body(): object {
        return {
            error: {
                message: this.message,
                code: this.code,
                ...(this.target === undefined ? {} : { target: this.target }),
            },
        };
    }
}

export function missingEntry(target = "uuid"): OntapFailure {
    return new OntapFailure(404, "4", "entry doesn't exist", target);
}

export function badValue(value: unknown, field: string, expected: string): OntapFailure {
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    return new OntapFailure(
        400,
        "262197",
        `The value "${shown}" is invalid for field "${field}" (<${expected}>)`,
        field,
    );
}

export function unexpectedArgument(name: string): OntapFailure {
    return new OntapFailure(400, "262179", `Unexpected argument "${name}".`, name);
}

export function missingValue(field: string): OntapFailure {
    return new OntapFailure(400, "2", `Missing value for field "${field}".`, field);
}

/** The peer did not answer, or the link to it is down. */
export class PeerUnreachable extends Error {}
