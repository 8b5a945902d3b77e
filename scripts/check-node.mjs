import { readFileSync } from "node:fs";

// Plain JavaScript, because it runs before anything is installed, on whatever Node there is.

const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const wanted = engines.node.replace(/[^\d.]/g, "");
const [[wantedMajor, wantedMinor], [major, minor]] = [wanted, process.versions.node].map((version) =>
  version.split(".").map(Number),
);
if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
  console.error(`Skyscope needs Node ${wanted} or later, and this is ${process.versions.node}`);
  process.exit(1);
}
