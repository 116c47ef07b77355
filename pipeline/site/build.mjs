// Bundles src/ and styles/ into dist/assets with content-hashed names, and writes dist/manifest.json.
// The folder is built beside the old one and put in its place at the end: a reader of dist never sees half a build.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const fresh = join(here, `dist.${process.pid}`);
const assets = join(fresh, "assets");

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  outdir: assets,
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  logLevel: "warning",
};

await rm(fresh, { recursive: true, force: true });
await mkdir(assets, { recursive: true });
const results = await Promise.all([
  build({ ...shared, entryPoints: ["src/site.ts"], format: "esm", splitting: true }),
  // A classic script, so that it runs before the first paint.
  build({ ...shared, entryPoints: ["src/early.ts"], format: "iife" }),
  build({ ...shared, entryPoints: ["styles/site.css"], loader: { ".woff2": "file" } }),
]);

/** The built file of each source that starts a bundle: entry points and dynamically imported modules. */
const built = new Map();
for (const { metafile } of results) {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint) built.set(output.entryPoint, basename(path));
  }
}

/** What the page's script imports at once: named in the page, so that the browser does not find it out one by one. */
const outputs = results[0].metafile.outputs;
const entry = Object.keys(outputs).find((path) => outputs[path].entryPoint === "src/site.ts");
const imported = outputs[entry].imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => basename(path));

const icon = await readFile(join(here, "icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8).toUpperCase()}.svg`;
await writeFile(join(assets, iconName), icon);

const names = (await readdir(assets)).sort();
const asset = async (name) => {
  const bytes = await readFile(join(assets, name));
  return { key: `assets/${name}`, integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}` };
};
const manifest = {
  script: await asset(built.get("src/site.ts")),
  early: await asset(built.get("src/early.ts")),
  modules: await Promise.all(imported.sort().map(asset)),
  style: await asset(built.get("styles/site.css")),
  icon: await asset(iconName),
  fonts: names.filter((name) => name.endsWith(".woff2") && name.includes("-latin-wght-normal")).map((name) => `assets/${name}`),
  files: names.map((name) => `assets/${name}`),
};
await writeFile(join(fresh, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");

const dist = join(here, "dist");
const old = join(here, `dist.old.${process.pid}`);
await rename(dist, old).catch((error) => {
  if (error.code !== "ENOENT") throw error;
});
await rename(fresh, dist);
await rm(old, { recursive: true, force: true });
