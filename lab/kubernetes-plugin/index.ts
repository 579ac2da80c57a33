/** What the package offers: a Kubernetes plugin for the Pulumi CLI where the real one is not installed. */
export { installKubernetesPlugin, type InstalledPlugin, type InstallOptions } from "./install";
