#include "storage/reader.hpp"

#include "storage/call_codec.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace clique {

namespace {

const pg::statement read_store{
    "read_store", "SELECT shop, name, currency_code, iana_timezone, array_to_string(scopes, ','), connection, "
                  "installed_at FROM shopify_stores WHERE store_id = $1"};
#define CLIQUE_JOB_COLUMNS                                                                                             \
  "feature, state, memory::text, done, total, unit, error, coalesce(outcome::text, ''), started_at, finished_at, "     \
  "due_at"
const pg::statement read_job{"read_job",
                             "SELECT " CLIQUE_JOB_COLUMNS " FROM job_log WHERE store_id = $1 AND feature = $2"};
const pg::statement read_jobs{"read_jobs",
                              "SELECT " CLIQUE_JOB_COLUMNS " FROM job_log WHERE store_id = $1 ORDER BY feature"};
#undef CLIQUE_JOB_COLUMNS
const pg::statement read_edits{"read_edits", "SELECT order_id, max(committed_at) FROM order_edits WHERE store_id = $1 "
                                             "AND order_id = ANY ($2) GROUP BY order_id"};
const pg::statement read_stock{
    "read_stock",
    "SELECT variant_id, product_id, item_id, title, sku, barcode, price, compare_at_price, unit_cost, "
    "listed_available, "
    "tracked, continue_selling, position, updated_at, available, coalesce(by_location::text, '{}'), "
    "coalesce((SELECT p.status FROM products p WHERE p.store_id = $1 AND p.product_id = f.product_id), ''), "
    "coalesce((SELECT jsonb_object_agg(s.location_id, (extract(epoch FROM s.updated_at) * 1000000)::bigint) "
    "FROM stock_levels s WHERE s.store_id = $1 AND s.item_id = f.item_id)::text, '{}') FROM variant_facts f "
    "WHERE store_id = $1 AND (store_id, variant_id) IN (SELECT store_id, variant_id FROM variants WHERE store_id = $1 "
    "AND item_id = ANY ($2) UNION SELECT store_id, variant_id FROM variants WHERE store_id = $1 AND variant_id = ANY "
    "($2)) "
    "ORDER BY variant_id"};
const pg::statement read_subscriptions{"read_subscriptions",
                                       "SELECT topic, state, gid, reason, at FROM "
                                       "webhook_subscriptions WHERE store_id = $1 ORDER BY topic"};
const pg::statement read_settings{"read_settings",
                                  "SELECT version, settings::text FROM user_settings WHERE store_id = $1 "
                                  "ORDER BY version DESC LIMIT 1"};
const pg::statement read_totals{
    "read_order_totals",
    "SELECT u.day, t.orders, t.total FROM unnest($2::date[], $3::timestamptz[], $4::timestamptz[]) AS u(day, start, "
    "stop) "
    "CROSS JOIN LATERAL (SELECT count(*) AS orders, coalesce(sum(o.total), 0)::int8 AS total FROM orders o "
    "WHERE o.store_id = $1 AND o.created_at >= u.start AND o.created_at < u.stop AND o.gone_at IS NULL) t ORDER BY "
    "u.day",
    std::chrono::seconds{15}};
const pg::statement read_months{"read_months", "SELECT month, theirs, ours, state, verified_at FROM import_months "
                                               "WHERE store_id = $1 ORDER BY month"};
const pg::statement read_sources{
    "read_sources", "SELECT source, state, reason, as_of FROM source_state WHERE store_id = $1 ORDER BY source"};
const pg::statement read_versions{"read_order_versions", "SELECT order_id, greatest(updated_at, gone_at) FROM orders "
                                                         "WHERE store_id = $1 AND order_id = ANY ($2)"};
const pg::statement read_cursor{"read_cursor", "SELECT seq FROM store_cursor WHERE store_id = $1 AND child = $2"};
const pg::statement read_outbox{"read_outbox", "SELECT id, feature, call::text FROM outbox WHERE store_id = $1 "
                                               "AND feature = ANY ($2) ORDER BY id"};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> result;
  while (!list.empty()) {
    const auto end = list.find(',');
    result.emplace_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  }
  return result;
}

store_facts store_of(const pg::rows& from, store_id id) {
  store_facts result;
  result.id = id;
  result.shop = from.text(0, 0);
  result.name = from.text(0, 1);
  // Empty until the first shop read; an unknown zone is treated as UTC rather than stopping the store.
  if (auto unit = currency::parse(from.text(0, 2)))
    result.unit = *unit;
  if (auto zone = calendar::of(from.text(0, 3)))
    result.zone = *zone;
  result.scopes = split(from.text(0, 4));
  result.connection = static_cast<connection_row::state>(from.int64(0, 5));
  result.installed_at = from.maybe_time(0, 6);
  return result;
}

job_row job_of(const pg::rows& from, std::size_t i) {
  job_row result;
  result.feature = from.text(i, 0);
  result.state = from.text(i, 1);
  result.memory = from.text(i, 2);
  result.done = from.int64(i, 3);
  result.total = from.maybe_int64(i, 4);
  result.unit = from.text(i, 5);
  result.error = from.text(i, 6);
  result.outcome = from.text(i, 7);
  result.started_at = from.maybe_time(i, 8);
  result.finished_at = from.maybe_time(i, 9);
  result.due_at = from.maybe_time(i, 10);
  return result;
}

std::map<shopify_id, std::int64_t> numbers_by_location(std::string_view object) {
  std::map<shopify_id, std::int64_t> result;
  const auto levels = nlohmann::json::parse(object, nullptr, false);
  for (const auto& [key, value] : levels.items()) {
    shopify_id location = 0;
    if (std::from_chars(key.data(), key.data() + key.size(), location).ec == std::errc{} && value.is_number_integer())
      result[location] = value.get<std::int64_t>();
  }
  return result;
}

stored_variant variant_of(const pg::rows& from, std::size_t i) {
  stored_variant result;
  auto& x = result.what;
  x.id = from.int64(i, 0);
  x.product_id = from.int64(i, 1);
  x.inventory_item_id = from.maybe_int64(i, 2);
  x.title = from.text(i, 3);
  x.sku = from.text(i, 4);
  x.barcode = from.text(i, 5);
  x.price = from.int64(i, 6);
  x.compare_at_price = from.maybe_int64(i, 7);
  x.unit_cost = from.maybe_int64(i, 8);
  x.available = from.maybe_int64(i, 9);
  x.tracked = from.boolean(i, 10);
  x.continue_selling = from.boolean(i, 11);
  x.position = static_cast<int>(from.int64(i, 12));
  x.updated_at = from.time(i, 13);
  result.available = from.maybe_int64(i, 14);
  result.by_location = numbers_by_location(from.text(i, 15));
  result.product_status = from.text(i, 16);
  for (const auto& [location, n] : numbers_by_location(from.text(i, 17)))
    result.level_versions[location] = time_point{std::chrono::microseconds{n}};
  return result;
}

/// What the answers after the first three (opening, store, job) hold, in order of asking.
void fill(snapshot& into, reads bit, const pg::rows& from) {
  for (std::size_t i = 0; i < from.size(); ++i)
    switch (bit) {
    case reads::edits:
      into.edits[from.int64(i, 0)] = from.time(i, 1);
      break;
    case reads::stock:
      into.variants.push_back(variant_of(from, i));
      break;
    case reads::subscriptions:
      into.subscriptions.push_back({std::string{from.text(i, 0)}, std::string{from.text(i, 1)},
                                    std::string{from.text(i, 2)}, std::string{from.text(i, 3)}, from.time(i, 4)});
      break;
    case reads::settings:
      into.settings_version = from.int64(i, 0);
      into.settings = from.text(i, 1);
      break;
    case reads::order_totals:
      into.order_totals.push_back({from.date(i, 0), from.int64(i, 1), from.int64(i, 2)});
      break;
    case reads::months:
      into.months.push_back({std::string{from.text(i, 0)}, from.int64(i, 1), from.int64(i, 2),
                             std::string{from.text(i, 3)}, from.time(i, 4)});
      break;
    case reads::jobs:
      into.jobs.push_back(job_of(from, i));
      break;
    case reads::sources:
      into.sources.push_back(
          {std::string{from.text(i, 0)}, std::string{from.text(i, 1)}, std::string{from.text(i, 2)}, from.time(i, 3)});
      break;
    case reads::order_versions:
      into.order_versions[from.int64(i, 0)] = from.time(i, 1);
      break;
    case reads::nothing:
      break;
    }
}

pg::work_item totals_query(std::int64_t of, const calendar& zone, std::span<const std::int64_t> about) {
  std::vector<day> days;
  std::vector<time_point> starts, stops;
  for (const auto x : about) {
    if (x < 0 || x > 100'000) // an id of something else: the feature asks for several kinds of facts
      continue;
    const day on{std::chrono::days{x}};
    days.push_back(on);
    starts.push_back(zone.start_of(on));
    stops.push_back(zone.start_of(on + std::chrono::days{1}));
  }
  pg::params with;
  with.add(of).add_day_array(days).add_array(starts).add_array(stops);
  return {read_totals, std::move(with)};
}

} // namespace

reader::reader(pg::connection conn, std::string webhook_address)
    : conn_{std::move(conn)}, webhook_address_{std::move(webhook_address)} {
}

result<snapshot> reader::load(store_id store, std::string_view feature, reads needs,
                              std::span<const std::int64_t> about) {
  const auto of = raw(store);
  const auto plain = [&](const pg::statement& what) {
    pg::work_item item{what, pg::params{}};
    item.with.add(of);
    return item;
  };
  const auto narrowed = [&](const pg::statement& what) {
    pg::work_item item{what, pg::params{}};
    item.with.add(of).add_array(about);
    return item;
  };

  std::vector<pg::work_item> work;
  work.push_back(pg::open_stores(std::span{&of, 1}));
  work.push_back(plain(read_store));
  work.push_back(plain(read_job));
  work.back().with.add(feature);
  std::vector<reads> asked;
  const auto ask_for = [&](reads bit, pg::work_item item) {
    asked.push_back(bit);
    work.push_back(std::move(item));
  };
  if (wants(needs, reads::edits) && !about.empty())
    ask_for(reads::edits, narrowed(read_edits));
  if (wants(needs, reads::stock) && !about.empty())
    ask_for(reads::stock, narrowed(read_stock));
  if (wants(needs, reads::subscriptions))
    ask_for(reads::subscriptions, plain(read_subscriptions));
  if (wants(needs, reads::settings))
    ask_for(reads::settings, plain(read_settings));
  if (wants(needs, reads::months))
    ask_for(reads::months, plain(read_months));
  if (wants(needs, reads::jobs))
    ask_for(reads::jobs, plain(read_jobs));
  if (wants(needs, reads::sources))
    ask_for(reads::sources, plain(read_sources));
  if (wants(needs, reads::order_versions) && !about.empty())
    ask_for(reads::order_versions, narrowed(read_versions));

  auto answers = pg::transaction(conn_, std::move(work));
  if (!answers)
    return answers.error();
  const auto& head = (*answers)[1];
  if (head.empty())
    return error{ec::not_found, fmt::format("store {} is gone", of), ""};
  snapshot result;
  result.store = store_of(head, store);
  result.store.webhook_address = webhook_address_;
  if ((*answers)[2].empty())
    result.job.feature = feature;
  else
    result.job = job_of((*answers)[2], 0);
  for (std::size_t i = 0; i < asked.size(); ++i)
    fill(result, asked[i], (*answers)[i + 3]);

  // The days' limits depend on the store's zone, which is only known now.
  if (wants(needs, reads::order_totals) && !about.empty()) {
    std::vector<pg::work_item> second;
    second.push_back(pg::open_stores(std::span{&of, 1}));
    second.push_back(totals_query(of, result.store.zone, about));
    auto totals = pg::transaction(conn_, std::move(second));
    if (!totals)
      return totals.error();
    fill(result, reads::order_totals, (*totals)[1]);
  }
  return result;
}

result<child_start> reader::start_of(store_id store, child who, std::span<const std::string> features) {
  const auto of = raw(store);
  std::vector<pg::work_item> work;
  work.push_back(pg::open_stores(std::span{&of, 1}));
  work.push_back({read_cursor, pg::params{}});
  work.back().with.add(of).add(to_string(who));
  work.push_back({read_outbox, pg::params{}});
  work.back().with.add(of).add_array(features);
  auto answers = pg::transaction(conn_, std::move(work));
  if (!answers)
    return answers.error();
  child_start result;
  if (const auto& cursor = (*answers)[1]; !cursor.empty())
    result.cursor = cursor.int64(0, 0);
  const auto& calls = (*answers)[2];
  for (std::size_t i = 0; i < calls.size(); ++i) {
    auto decoded = decode_call(calls.text(i, 2));
    if (!decoded)
      return decoded.error();
    result.calls.push_back({calls.int64(i, 0), std::string{calls.text(i, 1)}, std::move(*decoded)});
  }
  return result;
}

} // namespace clique
