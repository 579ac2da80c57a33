/** A resource's properties as Pulumi passes them. */
export type Properties = Record<string, unknown>;

export interface CheckFailure {
    /** Name of the property, or "" for the resource as a whole. */
    property: string;
    reason: string;
}

export interface CheckResult<Inputs = Properties> {
    inputs: Inputs;
    failures?: CheckFailure[];
}

export interface DiffResult {
    changes: boolean;
}

export interface CreateResult<Outputs = Properties> {
    id: string;
    outs: Outputs;
}

export interface UpdateResult<Outputs = Properties> {
    outs: Outputs;
}

/** What a resource is now; an empty id says that it does not exist. */
export interface ReadResult<Outputs = Properties> {
    id: string;
    props: Outputs;
    inputs?: Properties;
}
