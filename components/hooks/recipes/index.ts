import { fileSystem } from "./fileSystem";
import { mongodb } from "./mongodb";
import { mysql } from "./mysql";
import { postgresql } from "./postgresql";
import type { Recipe } from "./recipe";

export type RecipeName = "postgresql" | "mysql" | "mariadb" | "mongodb" | "file-system";

export const recipes: Readonly<Record<RecipeName, Recipe>> = {
    postgresql,
    mysql,
    // The same by another name: the script takes the client that is there.
    mariadb: mysql,
    mongodb,
    "file-system": fileSystem,
};

export const recipeNames = Object.keys(recipes) as RecipeName[];
