/** One record of the application, as it stands in a file on its volume. */
export interface VolumeRecord {
    /** Counts from 1, and goes on where the file ends when another pod takes over. */
    n: number;
    /** Unique among all records of all sites. */
    id: string;
    site: string;
    pod: string;
    /** ISO 8601, with milliseconds. */
    time: string;
}

/** The file that holds an application's records, on each volume. */
export const recordsFile = "records.jsonl";

/** One line for each record; what is not a whole record, such as a line that was cut off, is left out. */
export function parseRecords<T>(text: string, isRecord: (value: unknown) => value is T): T[] {
    return text.split("\n").flatMap((line) => {
        try {
            const value: unknown = JSON.parse(line);
            return isRecord(value) ? [value] : [];
        } catch {
            return [];
        }
    });
}

export function isVolumeRecord(value: unknown): value is VolumeRecord {
    const record = value as Partial<VolumeRecord> | null;
    return typeof record?.n === "number" && typeof record.id === "string" && typeof record.time === "string";
}
