import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// A zone far from every store's: whatever leaks the machine's zone into a figure shows.
process.env.TZ = "America/Los_Angeles";

export default defineConfig({
  resolve: { alias: { "~": fileURLToPath(new URL("src", import.meta.url)) } },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
