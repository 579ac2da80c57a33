/** Disaster recovery for Kubernetes applications on NetApp storage, as code: the components that a program uses. */
export {};
