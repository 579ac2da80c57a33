/**
 * What the package offers: a simulator of one ONTAP cluster to be started in a program, and the certificates that such
 * a program needs to talk to it.
 */
export type { ClientCertificates, SimulatorOptions } from "./options";
export { interclusterPort } from "./options";
export { Authority, type CertificateFiles, selfSigned, type Subject } from "./pki";
export { freeAddress, type Simulator, startSimulator } from "./simulator";
