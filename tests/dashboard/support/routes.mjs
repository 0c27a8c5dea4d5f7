// The REST answers of the fake server: [method, pattern, answer].
import * as views from "./views.mjs";

export function problem(status, code, detail, hint, more = {}) {
  const body = { type: `urn:clique:problem:${code}`, title: code.replaceAll("_", " "), status, detail, instance: "test-request", code, hint, ...more };
  return { status, body };
}

const ok = (body, headers = {}) => ({ status: 200, body, headers });
const none = () => ({ status: 204, headers: {} });

const session_body = (world) => ({ user: world.user, csrf: "csrf-of-the-test", stores: [...world.tenants.values()].map((x) => x.store) });

function open_session({ world, state }) {
  const id = `s${state.sessions.size + 1}`;
  state.sessions.add(id);
  return ok(session_body(world), { "Set-Cookie": `clique=${id}; HttpOnly; SameSite=Lax; Path=/` });
}

/** A view of one store; unknown stores are not told from other people's. */
const of_store = (run) => (context) => {
  const tenant = context.world.tenants.get(context.params[0]);
  return tenant ? run(tenant, context) : problem(404, "not_found", "there is no such store, or it is not yours", "check the id");
};
const view = (run) => of_store((tenant, context) => ok(run(tenant, context.query)));
const change = (run) => of_store((tenant, context) => (tenant.store.role === "viewer" ? problem(403, "forbidden", "viewers only read", "ask an owner") : run(tenant, context)));

function login(context) {
  const { email, password } = context.body;
  if (email !== "owner@example.com" || password !== "correct horse") return problem(401, "unauthorized", "e-mail or password is wrong", "check both, then try again");
  return open_session(context);
}

function login_once(context) {
  return context.body.secret === "once-secret-1" ? open_session(context) : problem(401, "unauthorized", "this link was used already or has expired", "ask for a new one");
}

function logout({ state }) {
  state.sessions.clear();
  return none();
}

function start_job(tenant, { params, push }) {
  let job = tenant.jobs.find((x) => x.feature === params[1]);
  if (!job) tenant.jobs.push((job = { feature: params[1], title: params[1], error: null, result: null, unit: "records" }));
  if (job.state !== "running") Object.assign(job, { state: "running", done: 0, total: 200, unit: "records", rate_per_minute: 600, eta: null, finished_at: null, error: null, result: null, started_at: "2026-03-14T14:09:26Z" });
  push.publish(tenant.store.id);
  return { status: 202, body: { job } };
}

function cancel_job(tenant, { params, push }) {
  const job = tenant.jobs.find((x) => x.feature === params[1]);
  if (!job) return problem(404, "not_found", "there is no such job", "");
  Object.assign(job, { state: "cancelled", finished_at: "2026-03-14T14:09:26Z" });
  push.publish(tenant.store.id);
  return { status: 202, body: { job } };
}

function drop_letter(tenant, { params, push }, status) {
  tenant.letters = tenant.letters.filter((x) => x.id !== params[1]);
  tenant.deliveries = { ...tenant.deliveries, dead_letters: tenant.letters.length };
  push.publish(tenant.store.id);
  return { status, headers: {} };
}

function save_settings(tenant, { body, request }) {
  if (request.headers["if-match"] !== `"${tenant.version}"`)
    return problem(412, "conflict", `the settings are at version ${tenant.version}`, "look at what changed, then save again", {
      version: tenant.version,
      changed: Object.keys(body).filter((x) => body[x] !== tenant.settings[x]),
    });
  if (body.display_name === "refuse me") return problem(422, "bad_input", "1 setting is wrong", "correct the field", { errors: { display_name: "this name is taken" } });
  tenant.settings = body;
  tenant.version += 1;
  return ok(views.settings(tenant), { ETag: `"${tenant.version}"` });
}

function create_key({ world, body }) {
  const key = { id: String(world.next_key++), name: body.name, role: body.role, store_id: body.store_id ?? null, created_at: "2026-03-14T14:09:26Z", last_used_at: null };
  world.keys.push(key);
  return { status: 201, body: { key, secret: "clq_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" } };
}

function delete_key({ world, params }) {
  world.keys = world.keys.filter((x) => x.id !== params[0]);
  return none();
}

const store = "^/api/v1/stores/(\\d+)";
export const routes = [
  ["POST", /^\/auth\/login$/, login],
  ["POST", /^\/auth\/once$/, login_once],
  ["POST", /^\/auth\/logout$/, logout],
  ["GET", /^\/api\/v1\/me$/, ({ world }) => ok(session_body(world))],
  ["GET", /^\/api\/v1\/stores$/, ({ world }) => ok({ items: session_body(world).stores })],
  ["GET", new RegExp(`${store}/overview$`), view(views.overview)],
  ["GET", new RegExp(`${store}/orders$`), view(views.orders)],
  ["GET", new RegExp(`${store}/orders/(\\d+)$`), of_store((tenant, { params }) => {
    const found = views.order(tenant, params[1]);
    return found ? ok(found) : problem(404, "not_found", `there is no order ${params[1]} in this store`, "check the number");
  })],
  ["GET", new RegExp(`${store}/products$`), view(views.products)],
  ["GET", new RegExp(`${store}/sync$`), view(views.sync)],
  ["POST", new RegExp(`${store}/jobs/([a-z_]+)$`), change(start_job)],
  ["DELETE", new RegExp(`${store}/jobs/([a-z_]+)$`), change(cancel_job)],
  ["GET", new RegExp(`${store}/webhooks$`), view(views.webhooks)],
  ["GET", new RegExp(`${store}/dead-letters$`), view(views.dead_letters)],
  ["POST", new RegExp(`${store}/dead-letters/(\\d+)/replay$`), change((tenant, context) => drop_letter(tenant, context, 202))],
  ["DELETE", new RegExp(`${store}/dead-letters/(\\d+)$`), change((tenant, context) => drop_letter(tenant, context, 204))],
  ["GET", new RegExp(`${store}/settings$`), of_store((tenant) => ok(views.settings(tenant), { ETag: `"${tenant.version}"` }))],
  ["PUT", new RegExp(`${store}/settings$`), change(save_settings)],
  ["GET", new RegExp(`${store}/reconciliation$`), view(views.reconciliation)],
  ["GET", /^\/api\/v1\/keys$/, ({ world }) => ok({ items: world.keys })],
  ["POST", /^\/api\/v1\/keys$/, create_key],
  ["DELETE", /^\/api\/v1\/keys\/(\d+)$/, delete_key],
];
