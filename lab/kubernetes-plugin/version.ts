/** Version of the real plugin that the stand-in behaves as: that of the `@pulumi/kubernetes` the programs use. */
export const pluginVersion = "4.34.2";
