/** Name of an executable that the lab runs. */
export type ToolName =
    | "pulumi"
    | "pulumi-language-nodejs"
    | "etcd"
    | "kube-apiserver"
    | "kube-controller-manager"
    | "kube-scheduler"
    | "kubectl"
    | "kwok"
    | "versitygw";

/** Name of an executable that only tests run. */
export type TestToolName = "fake-gcs-server";

/** An executable as it may be found ready-made on this machine. */
export interface Executable<Name extends string = ToolName> {
    name: Name;
    /** Package whose `main` it is. */
    package: string;
    /** Where besides the cache it is looked for, in this order. */
    places: readonly ("KUBEBUILDER_ASSETS" | "PATH")[];
    /** Versions that will do, as a semver range; undefined where any will. */
    accepts?: string;
    /** Arguments that make it print its version. */
    versionArguments: readonly string[];
}

/** One Go module below `lab/tools`, and the executables that one `go build` makes of it. */
export interface ToolModule<Name extends string = ToolName> {
    /** Folder below `lab/tools` with the module's go.mod and go.sum. */
    folder: string;
    version: string;
    executables: readonly Executable<Name>[];
    /** `-X` settings of the linker: variable → value. */
    stamps: Readonly<Record<string, string>>;
    /** What a first build takes on two cores, for the progress line. */
    usualTime: string;
}

const kubernetesVersion = "v1.36.3";
const kubernetesStamps = {
    "k8s.io/component-base/version.gitVersion": kubernetesVersion,
    "k8s.io/component-base/version.gitMajor": "1",
    "k8s.io/component-base/version.gitMinor": "36",
};
const pulumiVersionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

function controlPlanePart(name: ToolName, places: Executable["places"] = ["PATH"]): Executable {
    return {
        name,
        package: `k8s.io/kubernetes/cmd/${name}`,
        places,
        // The parts of a control plane may not differ by more than a minor version (Kubernetes version skew policy).
        accepts: "~1.36",
        versionArguments: ["--version"],
    };
}

/** Every tool of the lab, in the order in which they are built. Versions stand in each module's go.mod as well. */
export const toolModules: readonly ToolModule[] = [
    {
        folder: "etcd",
        version: "v3.6.16",
        executables: [
            {
                name: "etcd",
                package: "go.etcd.io/etcd/server/v3",
                places: ["KUBEBUILDER_ASSETS", "PATH"],
                accepts: ">=3.5.0 <4",
                versionArguments: ["--version"],
            },
        ],
        stamps: {},
        usualTime: "20 s",
    },
    {
        folder: "kubernetes",
        version: kubernetesVersion,
        executables: [
            controlPlanePart("kube-apiserver", ["KUBEBUILDER_ASSETS", "PATH"]),
            controlPlanePart("kube-controller-manager"),
            controlPlanePart("kube-scheduler"),
            {
                name: "kubectl",
                package: "k8s.io/kubernetes/cmd/kubectl",
                places: ["PATH", "KUBEBUILDER_ASSETS"],
                versionArguments: ["version", "--client"],
            },
        ],
        stamps: kubernetesStamps,
        usualTime: "4 minutes",
    },
    {
        folder: "kwok",
        version: "v0.7.0",
        executables: [
            {
                name: "kwok",
                package: "sigs.k8s.io/kwok/cmd/kwok",
                places: ["PATH"],
                accepts: ">=0.7.0 <0.8.0",
                versionArguments: ["--version"],
            },
        ],
        stamps: {},
        usualTime: "80 s",
    },
    {
        folder: "versitygw",
        version: "v1.8.0",
        executables: [
            {
                name: "versitygw",
                package: "github.com/versity/versitygw/cmd/versitygw",
                places: ["PATH"],
                accepts: ">=1.8.0 <2",
                versionArguments: ["--version"],
            },
        ],
        stamps: { "main.Version": "v1.8.0" },
        usualTime: "60 s",
    },
    {
        folder: "language-nodejs",
        version: "v3.60.0",
        executables: [
            {
                name: "pulumi-language-nodejs",
                package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
                places: ["PATH"],
                accepts: ">=3.60.0 <4",
                versionArguments: ["-version"],
            },
        ],
        stamps: { [pulumiVersionVariable]: "v3.60.0" },
        usualTime: "15 s",
    },
    {
        folder: "pulumi",
        version: "v3.254.0",
        executables: [
            {
                name: "pulumi",
                package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
                places: ["PATH"],
                accepts: ">=3.216.0 <4",
                versionArguments: ["version"],
            },
        ],
        stamps: { [pulumiVersionVariable]: "v3.254.0" },
        usualTime: "3 minutes",
    },
];

/** What no lab needs: built when a test asks for it. */
export const testModules: readonly ToolModule<TestToolName>[] = [
    {
        folder: "fake-gcs-server",
        version: "v1.56.1",
        executables: [
            {
                name: "fake-gcs-server",
                package: "github.com/fsouza/fake-gcs-server",
                // It does not tell its version.
                places: [],
                versionArguments: [],
            },
        ],
        stamps: {},
        usualTime: "90 s",
    },
];
