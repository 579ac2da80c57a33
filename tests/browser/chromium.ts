import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../lab/tools";
import { madeOnce } from "../../lab/tools/cache";
import { devDependencies } from "../../package.json";

export interface Chromium {
    executable: string;
    environment: Record<string, string>;
}

/**
 * The Chromium that an npm package brings, with the libraries that it needs and one family of fonts, so that a page looks
 * the same on every machine, and a machine needs nothing installed. `TRIDENT_DR_CHROMIUM` names another one.
 */
export async function ensureChromium(): Promise<Chromium> {
    const own = process.env.TRIDENT_DR_CHROMIUM;
    if (own) {
        return { executable: own, environment: {} };
    }
    if (process.platform !== "linux" || process.arch !== "x64") {
        throw new Error(
            `the package @sparticuz/chromium has a Chromium for Linux on x64, and this is ${process.platform} on ${process.arch}: name one of your own in TRIDENT_DR_CHROMIUM`,
        );
    }
    const versions = ["@sparticuz/chromium", "dejavu-fonts-ttf"].map((name) => devDependencies[name as "mocha"]);
    const folder = path.join(cacheFolder(), "browser", ["chromium", ...versions].join("-"));
    await madeOnce(folder, () => unpack(folder), {
        onWait: () => console.log("waiting for Chromium, which another run unpacks …"),
    });
    return {
        executable: path.join(folder, "chromium"),
        environment: { LD_LIBRARY_PATH: path.join(folder, "al2023", "lib"), FONTCONFIG_PATH: folder },
    };
}

async function unpack(folder: string): Promise<void> {
    console.log("unpacking Chromium, some seconds …");
    const unfinished = `${folder}.${randomUUID()}.unfinished`;
    try {
        await mkdir(unfinished);
        // The package unpacks into the folder for temporary files, and its libraries only where it takes this for a Lambda.
        await promisify(execFile)(process.execPath, ["-e", 'require("@sparticuz/chromium").executablePath()'], {
            cwd: __dirname,
            env: { ...process.env, TMPDIR: unfinished, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" },
        });
        await addFonts(unfinished, folder);
        await rename(unfinished, folder);
    } catch (error) {
        await rm(unfinished, { recursive: true, force: true });
        throw error;
    }
}

/** @param folder where `unfinished` will be */
async function addFonts(unfinished: string, folder: string): Promise<void> {
    const source = path.join(path.dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
    const files = (await readdir(source)).filter((file) => /^DejaVuSans(Mono)?(-Bold)?\.ttf$/.test(file));
    await Promise.all(files.map((file) => cp(path.join(source, file), path.join(unfinished, "dejavu", file))));
    await writeFile(
        path.join(unfinished, "fonts.conf"),
        `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(folder, "dejavu")}</dir>
  <cachedir>${path.join(folder, "fonts-cache")}</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`,
    );
}
