import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * Settings of a bucket that is created here.
 *
 * @example
 * { oldVersionDays: 90 }
 */
export interface AwsBucketArgs {
    /**
     * ARN of the KMS key that encrypts the bucket.
     * @default Amazon's own S3 key (AES256)
     */
    kmsKeyArn?: pulumi.Input<string>;
    /**
     * Days after which replaced or deleted versions of objects are removed.
     * @default 30
     */
    oldVersionDays?: number;
}

/** Where archives are kept, and how the cluster opens it. */
export interface AwsBucketPlace {
    /** Name of the bucket. */
    bucket: pulumi.Input<string>;
    /** Path below which the user may read and write. @default the whole bucket */
    prefix?: pulumi.Input<string>;
    /** Whether the cluster opens the bucket by its own identity: no user and no key are created. @default false */
    useIAM?: boolean;
}

/**
 * A private bucket for a vault: nothing in it is public, everything is encrypted and versioned, and it requires TLS. With
 * it comes a user that may do what Trident Protect does, below the vault's prefix and nowhere else.
 *
 * @example
 * const bucket = new AwsBucket("archive", { bucket: "trident-dr-east", prefix: "shop" });
 */
export class AwsBucket extends pulumi.ComponentResource {
    /** Name of the bucket. */
    declare readonly bucketName: pulumi.Output<string>;
    /** What Trident Protect may do, as JSON: the user's policy, or with `useIAM` the policy for the cluster's role. */
    declare readonly accessPolicy: pulumi.Output<string>;
    /** The user's access key; undefined with `useIAM`. Secret. */
    declare readonly accessKeyID: pulumi.Output<string | undefined>;
    /** The user's secret key; undefined with `useIAM`. Secret. */
    declare readonly secretAccessKey: pulumi.Output<string | undefined>;

    constructor(name: string, place: AwsBucketPlace, args: AwsBucketArgs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("trident-dr:index:AwsBucket", name, {}, opts);
        const bucket = makeBucket(name, place, this);
        encrypt(name, bucket, args, this);
        keepVersions(name, bucket, args, this);
        closeToThePublic(name, bucket, this);
        this.bucketName = bucket.bucket;
        this.accessPolicy = accessPolicy(bucket.arn, place.prefix);
        const key = place.useIAM === true ? undefined : makeKey(name, this.accessPolicy, this);
        this.accessKeyID = pulumi.secret(key?.id);
        this.secretAccessKey = pulumi.secret(key?.secret);
        this.registerOutputs({
            bucketName: this.bucketName,
            accessPolicy: this.accessPolicy,
            accessKeyID: this.accessKeyID,
            secretAccessKey: this.secretAccessKey,
        });
    }
}

/** Loaded only where a bucket is created: users with buckets of their own do not need the AWS package. */
function amazon(): typeof aws {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a constructor cannot await an import()
    return require("@pulumi/aws") as typeof aws;
}

function makeBucket(name: string, place: AwsBucketPlace, parent: pulumi.Resource): aws.s3.Bucket {
    // After a disaster the archives are needed: `pulumi destroy` leaves the bucket where it is. It is not protected as
    // well, because then no site with a bucket of its own could be destroyed at all.
    return new (amazon().s3.Bucket)(`${name}-bucket`, { bucket: place.bucket }, { parent, retainOnDelete: true });
}

function encrypt(name: string, bucket: aws.s3.Bucket, args: AwsBucketArgs, parent: pulumi.Resource): void {
    const applyServerSideEncryptionByDefault =
        args.kmsKeyArn === undefined
            ? { sseAlgorithm: "AES256" }
            : { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.kmsKeyArn };
    new (amazon().s3.BucketServerSideEncryptionConfiguration)(
        `${name}-encryption`,
        { bucket: bucket.bucket, rules: [{ applyServerSideEncryptionByDefault, bucketKeyEnabled: true }] },
        { parent },
    );
}

function keepVersions(name: string, bucket: aws.s3.Bucket, args: AwsBucketArgs, parent: pulumi.Resource): void {
    const versioning = new (amazon().s3.BucketVersioning)(
        `${name}-versioning`,
        { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
        { parent },
    );
    new (amazon().s3.BucketLifecycleConfiguration)(
        `${name}-old-versions`,
        {
            bucket: bucket.bucket,
            rules: [
                {
                    id: "remove-old-versions",
                    status: "Enabled",
                    filter: {},
                    noncurrentVersionExpiration: { noncurrentDays: args.oldVersionDays ?? 30 },
                    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
                },
            ],
        },
        { parent, dependsOn: [versioning] },
    );
}

function closeToThePublic(name: string, bucket: aws.s3.Bucket, parent: pulumi.Resource): void {
    const block = new (amazon().s3.BucketPublicAccessBlock)(
        `${name}-public-access-block`,
        {
            bucket: bucket.bucket,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
        { parent },
    );
    new (amazon().s3.BucketPolicy)(
        `${name}-tls-only`,
        { bucket: bucket.bucket, policy: tlsOnly(bucket.arn) },
        // Amazon rejects simultaneous changes of a bucket's access.
        { parent, dependsOn: [block] },
    );
}

function makeKey(name: string, policy: pulumi.Output<string>, parent: pulumi.Resource): aws.iam.AccessKey {
    const { iam } = amazon();
    const user = new iam.User(`${name}-user`, { path: "/trident-dr/" }, { parent });
    new iam.UserPolicy(`${name}-access`, { user: user.name, policy }, { parent });
    return new iam.AccessKey(`${name}-access-key`, { user: user.name }, { parent });
}

function tlsOnly(arn: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "TlsOnly",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [arn, pulumi.interpolate`${arn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}

/** Reading, writing, deleting and listing objects below the prefix; no other bucket, no other action. */
function accessPolicy(arn: pulumi.Input<string>, prefix: pulumi.Input<string> | undefined): pulumi.Output<string> {
    return pulumi.output(prefix).apply((given) => {
        const folder = (given ?? "").replace(/^\/+|\/+$/g, "");
        const within = folder === "" ? {} : { Condition: { StringLike: { "s3:prefix": [folder, `${folder}/*`] } } };
        const objects = folder === "" ? "*" : `${folder}/*`;
        return pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
                { Sid: "Locate", Effect: "Allow", Action: "s3:GetBucketLocation", Resource: arn },
                { Sid: "List", Effect: "Allow", Action: "s3:ListBucket", Resource: arn, ...within },
                {
                    Sid: "Objects",
                    Effect: "Allow",
                    Action: [
                        "s3:GetObject",
                        "s3:PutObject",
                        "s3:DeleteObject",
                        "s3:AbortMultipartUpload",
                        "s3:ListMultipartUploadParts",
                    ],
                    Resource: pulumi.interpolate`${arn}/${objects}`,
                },
            ],
        });
    });
}
