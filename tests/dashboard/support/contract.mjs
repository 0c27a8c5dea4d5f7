// Holds JSON answers to net/openapi.json, so that neither the fake nor the real server drifts from it.
import { readFileSync } from "node:fs";

import { need } from "./need.mjs";

const Ajv = need("ajv/dist/2020").default;
const document = JSON.parse(readFileSync(new URL("../../../net/openapi.json", import.meta.url), "utf8"));

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: "contract", components: document.components });

/** The documented path that a path is an instance of. */
function documented(path) {
  const found = Object.keys(document.paths).find((pattern) => new RegExp(`^${pattern.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(path));
  return found && [found, document.paths[found]];
}

/** What is wrong with an answer, as sentences; empty when it keeps the contract. */
export function faults_of(method, path, status, body) {
  const [pattern, item] = documented(path) ?? [];
  if (!item) return [`${path} is not in the contract`];
  const operation = item[method.toLowerCase()];
  if (!operation) return [`${method} ${pattern} is not in the contract`];
  let response = operation.responses[String(status)];
  if (!response) return [`${method} ${pattern} answered ${status}, which is not in the contract`];
  if (response.$ref) response = document.components.responses[response.$ref.split("/").at(-1)];
  const content = response.content && Object.values(response.content)[0];
  if (!content?.schema?.$ref) return [];
  const validate = ajv.getSchema(`contract${content.schema.$ref}`);
  if (validate(body)) return [];
  return validate.errors.map((x) => `${method} ${pattern} ${status}: ${x.instancePath || "/"} ${x.message}`);
}
