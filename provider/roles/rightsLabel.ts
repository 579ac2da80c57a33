/** Marks the Roles and RoleBindings that `trident-dr-rbac` prints: they are the site's own, and no part of an application. */
export const rightsLabel = { name: "trident-dr.pulumi.com/rights", value: "true" };
