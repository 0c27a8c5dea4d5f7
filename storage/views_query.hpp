#pragma once

// What the views share: the store's head, query parameters, cursors, sales sums.

#include "core/money.hpp"
#include "core/rows.hpp"
#include "storage/views.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace clique::viewing {

using nlohmann::json;

/// The store as every view needs it.
struct store_head {
  std::int64_t id = 0;
  std::string shop, name, currency_code, connection, reason;
  int exponent = 2;
  calendar zone;
  json settings; ///< with defaults filled in
  std::int64_t settings_version = 0;

  /// as_of, currency, currency_exponent, timezone
  json envelope(time_point now) const;
};

/// A view's surroundings.
struct view_of {
  pg::connection& on;
  store_head head;
  time_point now;

  /// Runs *work* in a transaction that is open to this store only. @returns the answers of *work*.
  result<std::vector<pg::rows>> ask(std::vector<pg::work_item> work) const;
  /// A statement whose first parameter is the store.
  pg::work_item item(const pg::statement& what) const;
};

/// Reads query parameters; the first fault is kept and tells name, value and what is allowed.
class query_reader {
public:
  explicit query_reader(const view_query& query);

  /// 1..200
  std::int64_t limit();
  std::optional<day> on(const std::string& name);
  std::string text(const std::string& name, std::size_t max);
  /// One of *allowed*; the first when absent, or nothing when *optional*.
  std::string choice(const std::string& name, std::initializer_list<std::string_view> allowed, bool optional = false);
  /// The cursor's parts, empty at the first page. *shape*: e.g. "ni" for (number, number), "ti" for (text, number).
  json cursor(std::string_view shape);
  void refuse(std::string what, std::string hint);
  /// @returns the first fault, unknown parameters included.
  result<void> done() const;

private:
  std::optional<std::string> take(const std::string& name);

  const view_query& query_;
  std::set<std::string> known_;
  std::optional<error> fault_;
};

/// Opaque text of a place in a list (base64url).
std::string encode_cursor(const json& parts);
/// Discarded JSON when *text* is none of ours.
json decode_cursor(std::string_view text);

/// Sums of the sales ledger.
struct sales {
  std::int64_t orders = 0, gross = 0, discounts = 0, returns = 0, shipping = 0, taxes = 0, tips = 0, adjustment = 0;

  std::int64_t net() const;
  std::int64_t total() const;
  sales& operator+=(const sales& x);
  json to_json() const;
};
/// Eight columns from *first* on, in the order of the struct.
sales sales_of(const pg::rows& from, std::size_t row, std::size_t first);
constexpr std::string_view sales_columns = "orders, gross_sales, discounts, returns, shipping, taxes, tips, adjustment";

/// Settings that stand when the store has not chosen others, and their JSON Schema.
json default_settings(const std::string& name);
json settings_schema();

json maybe_time(const pg::rows& from, std::size_t row, std::size_t column);
json parsed(std::string_view text);
/// The text of *x*; bytes that are no UTF-8 are replaced.
std::string to_text(const json& x);

constexpr time_point far_future{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};
constexpr time_point far_past{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};

// One function per view. JSON text of the whole answer.
result<std::string> overview(const view_of& x, const view_query& query);
result<std::string> orders(const view_of& x, const view_query& query);
result<std::string> order_detail(const view_of& x, std::string_view id, const view_query& query);
result<std::string> products(const view_of& x, const view_query& query);
result<std::string> sync(const view_of& x, const view_query& query);
result<std::string> webhooks(const view_of& x, const view_query& query, const std::string& address);
result<std::string> dead_letters(const view_of& x, const view_query& query);
result<std::string> settings(const view_of& x, const view_query& query);
result<std::string> reconciliation(const view_of& x, const view_query& query);

// One function per push channel.
result<channel_state> overview_channel(const view_of& x);
result<channel_state> orders_channel(const view_of& x);
result<channel_state> products_channel(const view_of& x);
result<channel_state> jobs_channel(const view_of& x);
result<channel_state> ops_channel(const view_of& x);

} // namespace clique::viewing
