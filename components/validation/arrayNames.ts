import { expectedArrayName, isArrayName } from "../../provider/clients/ontap/names";
import { describe, type Problem } from "./problems";

/** The name of something on an array, such as an SVM or a policy. */
export function arrayNameProblems(key: string, value: unknown): Problem[] {
    return isArrayName(value) ? [] : [{ key, expected: expectedArrayName, found: describe(value) }];
}

/** The same for a name that may be left out. */
export function optionalArrayNameProblems(key: string, value: unknown): Problem[] {
    return value === undefined ? [] : arrayNameProblems(key, value);
}
