/** The same properties without those that are undefined: in a record, absent and undefined must not be told apart. */
export function defined<T extends object>(properties: T): Defined<T> {
    return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as Defined<T>;
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
