/** Why a command cannot do what was asked, in one sentence that says what to do next. */
export class ProjectProblem extends Error {
    constructor(message: string) {
        super(message);
        this.name = "ProjectProblem";
    }
}
