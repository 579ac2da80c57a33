import { Recent } from "./recent";

/**
 * Reads of several askers in one collection. The first few things are read one by one; from then on all of it is read at
 * once, and serves the others. An answer is given again for some seconds, so that this is for plans only: what is
 * executed goes by what it reads itself.
 */
export class SharedCollection<All> {
    private readonly apart: Recent<unknown>;
    private readonly whole: Recent<All | undefined>;

    /**
     * @param readAll all of it; undefined where it cannot be had, and things have to be read one by one
     * @param mostApart things that are read one by one before all of them are read at once
     */
    constructor(
        private readonly readAll: () => Promise<All | undefined>,
        now: () => number = Date.now,
        private readonly mostApart = 3,
    ) {
        this.apart = new Recent(now);
        this.whole = new Recent(now);
    }

    /**
     * One thing.
     *
     * @param what tells it from the others
     * @param read reads it alone
     * @param find the same among all
     */
    async get<One>(what: string, read: () => Promise<One>, find: (all: All) => One): Promise<One> {
        const isAlone = this.apart.has(what) || (this.apart.size < this.mostApart && !this.whole.has("all"));
        const all = isAlone ? undefined : await this.whole.get("all", this.readAll);
        return all === undefined ? this.apart.get(what, read) : find(all);
    }
}
