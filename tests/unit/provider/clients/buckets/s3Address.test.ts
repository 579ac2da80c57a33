import assert from "node:assert/strict";
import { s3AddressOf } from "../../../../../provider/clients/buckets/s3Address";

describe("where a bucket's server is", () => {
    for (const [endpoint, host, region] of [
        ["s3.amazonaws.com", undefined, "us-east-1"],
        ["s3.eu-central-1.amazonaws.com", undefined, "eu-central-1"],
        ["s3-eu-west-1.amazonaws.com:443", undefined, "eu-west-1"],
        ["s3.us-gov-west-1.amazonaws.com", undefined, "us-gov-west-1"],
        ["s3.cn-north-1.amazonaws.com.cn", undefined, "cn-north-1"],
        ["bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com", "as declared", "eu-west-1"],
        ["s3-fips.us-gov-east-1.amazonaws.com", "as declared", "us-gov-east-1"],
        ["s3.dualstack.eu-north-1.amazonaws.com", "as declared", "eu-north-1"],
        ["s3.eu-central-1.objects.example", "as declared", "eu-central-1"],
        ["my-minio-1.example:9000", "as declared", "us-east-1"],
        ["127.0.0.1:9000", "as declared", "us-east-1"],
        ["s3.eu-west-1.amazonaws.com.example", "as declared", "eu-west-1"],
    ] as const) {
        it(`is ${host ?? "Amazon's own host"} in ${region} for ${endpoint}`, () => {
            assert.deepEqual(s3AddressOf(endpoint), { host: host === undefined ? undefined : endpoint, region });
        });
    }
});
