// Generates src/gen from descriptor sets: `npm run gen -- contract.binpb [more.binpb ...]`.
// The validation rules stay out of the generated code: forms take them from the daemon's own
// descriptor set when they are needed, which keeps the first load small.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: npm run gen -- FILE.binpb [MORE.binpb ...]");
  process.exit(2);
}
rmSync("src/gen", { recursive: true, force: true });
for (const file of files) {
  const rules = readFileSync(file).includes("buf/validate/validate.proto") ? ["--exclude-type", "buf.validate"] : [];
  const { status } = spawnSync(
    "node_modules/.bin/buf",
    ["generate", `${file}#format=binpb`, "--template", "buf.gen.yaml", ...rules],
    { stdio: "inherit" },
  );
  if (status !== 0) process.exit(status ?? 1);
}
// The well-known types come with @bufbuild/protobuf.
rmSync("src/gen/google/protobuf", { recursive: true, force: true });
