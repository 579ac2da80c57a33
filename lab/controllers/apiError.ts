/** What the API server answered instead of success. */
export class ApiError extends Error {
    constructor(
        /** HTTP status. */
        readonly status: number,
        /** `reason` of the Status object: `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`… */
        readonly reason: string,
        message: string,
    ) {
        super(message);
        this.name = "ApiError";
    }

    get notFound(): boolean {
        return this.status === 404;
    }

    /** Someone else wrote the object since it was read. */
    get conflict(): boolean {
        return this.status === 409 && this.reason !== "AlreadyExists";
    }

    get alreadyExists(): boolean {
        return this.status === 409 && this.reason === "AlreadyExists";
    }
}
