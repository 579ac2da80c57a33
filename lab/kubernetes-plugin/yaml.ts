// A file of its own, so that it is loaded when a program first decodes YAML, and only what is used of the library.
export { parseAllDocuments } from "yaml";
