import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import axios, { type AxiosInstance } from "axios";
import type { SiteDescriptor } from "../site";

/** The array of a site as its administrator: for what the product may not, such as `/lab/faults`. */
export async function ontapAdmin({ ontap }: SiteDescriptor): Promise<AxiosInstance> {
    return axios.create({
        baseURL: ontap.url,
        auth: ontap.users.admin,
        httpsAgent: new Agent({ ca: await readFile(ontap.caFile) }),
        timeout: 10_000,
        proxy: false,
    });
}
