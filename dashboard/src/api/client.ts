import createClient, { type Middleware } from "openapi-fetch";

import { csrf, forget_session } from "~/state/session";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Session = Schemas["session"];
export type Store = Schemas["store"];
export type Sales = Schemas["sales"];
export type SalesDay = Schemas["sales_day"];
export type SalesHour = Schemas["sales_hour"];
export type Overview = Schemas["overview"];
export type Freshness = Schemas["freshness"];
export type ReconciliationSummary = Schemas["reconciliation_summary"];
export type ReconciliationDay = Schemas["reconciliation_day"];
export type Order = Schemas["order"];
export type OrderDetail = Schemas["order_detail"];
export type LedgerEntry = Schemas["ledger_entry"];
export type Product = Schemas["product"];
export type Variant = Schemas["variant"];
export type Job = Schemas["job"];
export type Month = Schemas["month"];
export type Subscription = Schemas["subscription"];
export type Deliveries = Schemas["deliveries"];
export type DeadLetter = Schemas["dead_letter"];
export type Settings = Schemas["settings"];
export type ApiKey = Schemas["api_key"];
export type Role = Schemas["role"];
export type Problem = Schemas["problem"];

/** Every call that changes something carries the session's CSRF token; a 401 ends the session in this tab. */
const session_rules: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrf()) request.headers.set("X-CSRF-Token", csrf());
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && !schemaPath.startsWith("/auth/")) forget_session();
  },
};

export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(session_rules);
