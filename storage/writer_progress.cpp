// Our own books: jobs, subscriptions, freshness, certificates, reconciliation. A decision that comes later
// with the same instant wins, because these rows are written by us, one decision after the other.
#include "storage/writer_flush.hpp"

namespace clique::writing {

namespace {

const pg::statement upsert_jobs{
    "upsert_jobs",
    "INSERT INTO job_log AS t (store_id, feature, state, memory, done, total, unit, error, outcome, started_at, "
    "finished_at, due_at) SELECT u.store, u.feature, u.state, u.memory::jsonb, u.done, u.total, u.unit, u.error, "
    "nullif(u.outcome, '')::jsonb, u.started_at, u.finished_at, u.due_at "
    "FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int8[], $7::text[], $8::text[], "
    "$9::text[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[]) AS u(store, feature, state, memory, done, "
    "total, unit, error, outcome, started_at, finished_at, due_at) "
    "ON CONFLICT (store_id, feature) DO UPDATE SET state = excluded.state, memory = excluded.memory, "
    "done = excluded.done, total = excluded.total, unit = excluded.unit, error = excluded.error, "
    "outcome = excluded.outcome, started_at = excluded.started_at, finished_at = excluded.finished_at, "
    "due_at = coalesce(excluded.due_at, t.due_at)"};
const pg::statement upsert_subscriptions{
    "upsert_subscriptions",
    "INSERT INTO webhook_subscriptions AS t (store_id, topic, state, gid, reason, at, registered_at) "
    "SELECT u.store, u.topic, u.state, u.gid, u.reason, u.at, CASE WHEN u.state = 'registered' THEN u.at END "
    "FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) "
    "AS u(store, topic, state, gid, reason, at) "
    "ON CONFLICT (store_id, topic) DO UPDATE SET state = excluded.state, gid = excluded.gid, reason = excluded.reason, "
    "at = excluded.at, registered_at = CASE WHEN excluded.state = 'registered' "
    "THEN coalesce(t.registered_at, excluded.at) END WHERE t.at <= excluded.at"};
const std::string source_sql =
    upsert("source_state",
           {{"store_id", "int8"}, {"source", "text"}, {"state", "text"}, {"reason", "text"}, {"as_of", "timestamptz"}},
           2, "t.as_of <= excluded.as_of");
const pg::statement upsert_sources{"upsert_sources", source_sql};
const std::string month_sql = upsert("import_months",
                                     {{"store_id", "int8"},
                                      {"month", "text"},
                                      {"theirs", "int8"},
                                      {"ours", "int8"},
                                      {"state", "text"},
                                      {"verified_at", "timestamptz"}},
                                     2, "t.verified_at <= excluded.verified_at");
const pg::statement upsert_months{"upsert_months", month_sql};
const std::string reconciliation_sql = upsert("reconciliation_days",
                                              {{"store_id", "int8"},
                                               {"day", "date"},
                                               {"orders_ours", "int8"},
                                               {"orders_theirs", "int8"},
                                               {"total_ours", "int8"},
                                               {"total_theirs", "int8"},
                                               {"state", "text"},
                                               {"cause", "text"},
                                               {"checked_at", "timestamptz"}},
                                              2, "t.checked_at <= excluded.checked_at");
const pg::statement upsert_reconciliation{"upsert_reconciliation", reconciliation_sql};
const pg::statement insert_logs{
    "insert_sync_logs",
    "INSERT INTO sync_logs (store_id, source, at, what, outcome) SELECT u.store, u.source, u.at, u.what, "
    "coalesce(nullif(u.outcome, ''), '{}')::jsonb FROM unnest($1::int8[], $2::text[], $3::timestamptz[], $4::text[], "
    "$5::text[]) AS u(store, source, at, what, outcome) ON CONFLICT DO NOTHING"};

/// The newest rows of a kind per store and name, or nothing.
template <class T, class K, class V>
std::vector<of<T>> latest(const flush& from, K key, V version) {
  return newest(
      from.rows.all<T>(),
      [&](const auto& x) {
        return std::pair{x.store, key(*x.what)};
      },
      [&](const auto& x) { return version(*x.what); }, true);
}

/// One array parameter per function, after that of the stores.
template <class T, class... F>
pg::params arrays(const std::vector<of<T>>& xs, F... fields) {
  pg::params with;
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  (with.add_array(column(xs, [&](const auto& x) { return fields(*x.what); })), ...);
  return with;
}

void write_jobs(work& into, const flush& from) {
  const auto xs = latest<job_row>(
      from, [](const auto& x) { return x.feature; }, [](const auto&) { return 0; });
  if (xs.empty())
    return;
  using t = job_row;
  into.push_back({upsert_jobs, arrays(
                                   xs, [](const t& x) { return x.feature; }, [](const t& x) { return x.state; },
                                   [](const t& x) { return x.memory; }, [](const t& x) { return x.done; },
                                   [](const t& x) { return x.total; }, [](const t& x) { return x.unit; },
                                   [](const t& x) { return x.error; }, [](const t& x) { return x.outcome; },
                                   [](const t& x) { return x.started_at; }, [](const t& x) { return x.finished_at; },
                                   [](const t& x) { return x.due_at; })});
}

void write_subscriptions(work& into, const flush& from) {
  const auto xs = latest<subscription_row>(
      from, [](const auto& x) { return x.topic; }, [](const auto& x) { return x.at; });
  if (xs.empty())
    return;
  using t = subscription_row;
  into.push_back({upsert_subscriptions, arrays(
                                            xs, [](const t& x) { return x.topic; }, [](const t& x) { return x.state; },
                                            [](const t& x) { return x.gid; }, [](const t& x) { return x.reason; },
                                            [](const t& x) { return x.at; })});
}

void write_sources(work& into, const flush& from) {
  const auto xs = latest<source_row>(
      from, [](const auto& x) { return x.source; }, [](const auto& x) { return x.as_of; });
  if (xs.empty())
    return;
  using t = source_row;
  into.push_back({upsert_sources, arrays(
                                      xs, [](const t& x) { return x.source; }, [](const t& x) { return x.state; },
                                      [](const t& x) { return x.reason; }, [](const t& x) { return x.as_of; })});
}

void write_months(work& into, const flush& from) {
  const auto xs = latest<month_row>(
      from, [](const auto& x) { return x.month; }, [](const auto& x) { return x.verified_at; });
  if (xs.empty())
    return;
  using t = month_row;
  into.push_back({upsert_months, arrays(
                                     xs, [](const t& x) { return x.month; }, [](const t& x) { return x.theirs; },
                                     [](const t& x) { return x.ours; }, [](const t& x) { return x.state; },
                                     [](const t& x) { return x.verified_at; })});
}

void write_reconciliation(work& into, const flush& from) {
  const auto xs = latest<reconciliation_row>(
      from, [](const auto& x) { return x.on; }, [](const auto& x) { return x.checked_at; });
  if (xs.empty())
    return;
  pg::params with;
  const auto each = [&](auto f) { with.add_array(column(xs, [&](const auto& x) { return f(*x.what); })); };
  using t = reconciliation_row;
  with.add_array(column(xs, [](const auto& x) { return x.store; }));
  with.add_day_array(column(xs, [](const auto& x) { return x.what->on; }));
  each([](const t& x) { return x.orders_ours; });
  each([](const t& x) { return x.orders_theirs; });
  each([](const t& x) { return x.total_ours; });
  each([](const t& x) { return x.total_theirs; });
  each([](const t& x) { return x.state; });
  each([](const t& x) { return x.cause; });
  each([](const t& x) { return x.checked_at; });
  into.push_back({upsert_reconciliation, std::move(with)});
}

void write_logs(work& into, const flush& from) {
  const auto& xs = from.rows.all<sync_log_row>();
  if (xs.empty())
    return;
  using t = sync_log_row;
  into.push_back({insert_logs, arrays(
                                   xs, [](const t& x) { return x.source; }, [](const t& x) { return x.at; },
                                   [](const t& x) { return x.what; }, [](const t& x) { return x.outcome; })});
}

} // namespace

void write_progress(work& into, const flush& from) {
  write_jobs(into, from);
  write_subscriptions(into, from);
  write_sources(into, from);
  write_months(into, from);
  write_reconciliation(into, from);
  write_logs(into, from);
}

} // namespace clique::writing
