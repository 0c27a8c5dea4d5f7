import { createRequire } from "node:module";

/** Packages are installed beside the dashboard, not beside these tests. */
export const need = createRequire(new URL("../../../dashboard/package.json", import.meta.url));
