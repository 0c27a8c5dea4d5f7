#define CAF_SUITE system

// The whole tree on a real database: no fakes but the sessions and the hub.

#include "actors/system.hpp"

#include "features/features.hpp"
#include "net/crypto.hpp"
#include "storage/delivery_log.hpp"
#include "storage/stores.hpp"
#include "support/http_answers.hpp"
#include "support/postgres.hpp"

#include <caf/all.hpp>
#include <caf/test/unit_test.hpp>

#include <condition_variable>
#include <mutex>
#include <set>

using namespace clique;
using namespace std::chrono_literals;
using clique::test::must;

namespace {

constexpr auto patience = 60s; // only a hanging test waits so long

/// Counts what dashboards would be told; a test waits for it.
struct bell {
  std::mutex mutex;
  std::condition_variable rung;
  std::map<std::string, int> channels;
  std::vector<int> statuses;

  void ring(const std::string& channel) {
    auto guard = std::scoped_lock{mutex};
    ++channels[channel];
    rung.notify_all();
  }
  template <class Condition>
  bool wait_for(Condition done) {
    auto guard = std::unique_lock{mutex};
    return rung.wait_for(guard, patience, done);
  }
};

push_hub_actor::behavior_type listening_hub(push_hub_actor::pointer self, std::shared_ptr<bell> to) {
  return {
      [to](store_id, const std::string& channel) { to->ring(channel); },
      [](atom::open, const hub_socket&) {},
      [](std::uint64_t, const std::string&) {},
      [](atom::drain, std::uint64_t) {},
      [](atom::close, std::uint64_t) {},
      [](atom::lost, const std::string&) {},
      [](const hub_identity&) {},
      [](const hub_state&) {},
      [](atom::tick) {},
      [](atom::check) {},
      [self](atom::stop) {
        self->quit();
        return atom::ok_v;
      },
  };
}

struct counting_sink : http::answer_sink {
  std::shared_ptr<bell> to;
  explicit counting_sink(std::shared_ptr<bell> x) : to(std::move(x)) {
  }
  void deliver(http::response x) override {
    auto guard = std::scoped_lock{to->mutex};
    to->statuses.push_back(x.status);
    to->rung.notify_all();
  }
};

std::string order_body(int n, std::string_view updated = "2026-11-02T10:00:00Z") {
  return fmt::format(
      R"({{"id":{},"name":"#{}","created_at":"2026-11-02T09:00:00Z","processed_at":"2026-11-02T09:00:00Z",)"
      R"("updated_at":"{}","currency":"EUR","presentment_currency":"EUR","test":false,)"
      R"("financial_status":"paid","total_price":"10.00","subtotal_price":"10.00",)"
      R"("current_total_price":"10.00","current_subtotal_price":"10.00","total_discounts":"0.00",)"
      R"("current_total_discounts":"0.00","total_tax":"0.00","current_total_tax":"0.00",)"
      R"("taxes_included":false,"line_items":[{{"id":{},"title":"x","price":"10.00","quantity":1,)"
      R"("current_quantity":1}}],"refunds":[]}})",
      1000 + n, n, updated, 5000 + n);
}

struct installation {
  test::database db;
  vault keys{{{1, std::string(32, 'k')}}, 1};
  store_id store{};
  shopify::app_credentials app;

  installation() {
    app.client_id = "id";
    app.secret = "hush";
    app.base_url = "http://127.0.0.1:9/{shop}"; // nobody listens there
    auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    token_pair tokens{"access", "refresh", now + 1h, now + 90 * 24h, {"read_orders"}};
    store = must(stores{pg::connection{db.system()}, keys}.connect("a.myshopify.com", tokens, {}, now)).id;
  }
  system_options options(const std::shared_ptr<bell>& to) const {
    system_options result;
    result.conninfo = db.owner();
    result.keys = keys;
    result.app = app;
    result.webhook_address = "https://clique.example/webhooks/shopify";
    result.table = all_features();
    result.spawn_hub = [to](caf::actor_system& sys) { return sys.spawn(listening_hub, to); };
    return result;
  }
  std::int64_t count(std::string_view sql) const {
    pg::connection on{db.admin()};
    auto text = std::string{sql};
    return must(on.run(pg::statement{"test.count", text})).int64(0, 0);
  }
  std::int64_t orders() const {
    return count("SELECT count(*) FROM orders");
  }
};

void post(const http::handler& to, const std::shared_ptr<bell>& answers, std::string id, std::string body,
          std::string topic = "orders/create") {
  http::request in;
  in.headers = {{"content-type", "application/json"},
                {"x-shopify-hmac-sha256", to_base64(hmac_sha256("hush", body))},
                {"x-shopify-topic", std::move(topic)},
                {"x-shopify-shop-domain", "a.myshopify.com"},
                {"x-shopify-webhook-id", std::move(id)}};
  in.body = std::move(body);
  auto sink = std::make_shared<counting_sink>(answers);
  to(std::move(in), http::responder{std::make_shared<http::responder::state>(sink, "r")});
}

} // namespace

CAF_TEST(a signed order is acked and becomes rows) {
  installation at;
  auto to = std::make_shared<bell>();
  auto sys = must(running_system::start(at.options(to)));
  post(sys->webhooks(), to, "w1", order_body(1));
  CAF_CHECK(to->wait_for([&] { return to->statuses == std::vector<int>{200}; }));
  CAF_CHECK(to->wait_for([&] { return to->channels["orders.live"] > 0; }));
  CAF_CHECK_EQUAL(at.orders(), 1);
  CAF_CHECK_EQUAL(at.count("SELECT sum(gross_sales)::bigint FROM ledger_entries"), 1'000);
}

CAF_TEST(what was acked before a restart is there exactly once after it) {
  installation at;
  auto to = std::make_shared<bell>();
  constexpr int n = 300;
  for (int round = 0; round < 3; ++round) {
    auto sys = must(running_system::start(at.options(to)));
    CAF_CHECK(sys->not_ready().empty());
    auto handler = sys->webhooks();
    auto before = to->statuses.size();
    for (int i = 0; i < n; ++i)
      post(handler, to, fmt::format("w{}-{}", round, i), order_body(round * n + i));
    CAF_CHECK(to->wait_for([&] { return to->statuses.size() >= before + n; }));
    sys->stop(); // at once: most of them are still on their way through the tree
  }
  auto sys = must(running_system::start(at.options(to)));
  // A last delivery is done after all that were open before it.
  auto seen = to->channels["orders.live"];
  post(sys->webhooks(), to, "last", order_body(9'999));
  while (at.orders() < 3 * n + 1)
    if (!to->wait_for([&] { return std::exchange(seen, to->channels["orders.live"]) != to->channels["orders.live"]; }))
      break;
  CAF_CHECK_EQUAL(at.orders(), 3 * n + 1);
  CAF_CHECK_EQUAL(std::count(to->statuses.begin(), to->statuses.end(), 200), 3 * n + 1);
  CAF_CHECK_EQUAL(at.count("SELECT count(*) FROM ledger_entries"), 3 * n + 1);
}

CAF_TEST(D11 a poison delivery is parked and its neighbours are done) {
  installation at;
  auto to = std::make_shared<bell>();
  auto sys = must(running_system::start(at.options(to)));
  auto handler = sys->webhooks();
  post(handler, to, "w1", "{broken");
  post(handler, to, "w2", R"({"id":"not a number"})");
  post(handler, to, "w3", order_body(3));
  CAF_CHECK(to->wait_for([&] { return to->statuses == std::vector<int>{200, 200, 200}; }));
  CAF_CHECK(to->wait_for([&] { return to->channels["orders.live"] > 0; }));
  sys->stop();
  CAF_CHECK_EQUAL(at.orders(), 1);
  CAF_CHECK_EQUAL(at.count("SELECT count(*) FROM dead_letter"), 2);
}

CAF_TEST(A14 a second process on the same database is refused) {
  installation at;
  auto to = std::make_shared<bell>();
  auto sys = must(running_system::start(at.options(to)));
  auto second = at.options(to);
  second.node = "another";
  auto got = running_system::start(second);
  CAF_CHECK(!got);
  CAF_CHECK(got.error().code == ec::conflict);
}

CAF_TEST(a command reaches its feature and is answered after its commit) {
  installation at;
  auto to = std::make_shared<bell>();
  auto sys = must(running_system::start(at.options(to)));
  std::optional<result<std::string>> answer;
  sys->run_command(at.store, "manual_sync", {"run", "{}", {}}, [&](result<std::string> x) {
    auto guard = std::scoped_lock{to->mutex};
    answer = std::move(x);
    to->rung.notify_all();
  });
  CAF_CHECK(to->wait_for([&] { return answer.has_value(); }));
  CAF_CHECK(answer && *answer);
}
