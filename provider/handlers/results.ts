/** What the methods of a dynamic provider answer, as far as handlers use it. */

export interface Failure {
    property: string;
    reason: string;
}

export interface CheckResult {
    inputs: unknown;
    failures?: Failure[];
}

export interface DiffResult {
    changes: boolean;
}

export interface CreateResult {
    id: string;
    outs: Record<string, unknown>;
}

export interface UpdateResult {
    outs: Record<string, unknown>;
}

export interface ReadResult {
    id: string;
    props: Record<string, unknown>;
    inputs: Record<string, unknown>;
}
