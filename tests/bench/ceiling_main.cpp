// clique_ceiling: how fast the delivery log takes the same rows when nobody speaks HTTP: the bound that the webhook
// receiver is measured against.

#include "core/schedule.hpp"
#include "storage/delivery_log.hpp"
#include "tools/load/order_body.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace clique;

struct plan {
  std::string conninfo;
  std::int64_t count = 60'000, first_id = 1, stores = 200;
  std::size_t batch = 200, body_bytes = 6144;
};

time_point now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::vector<incoming> batch_from(std::int64_t first, const plan& x) {
  std::vector<incoming> result;
  for (auto id = first; id < first + static_cast<std::int64_t>(x.batch); ++id) {
    incoming one;
    one.store = store_id{id % x.stores + 1};
    one.part = static_cast<std::int32_t>(partition_of(one.store));
    one.topic = "orders/create";
    one.webhook_id = fmt::format("ceiling-{}", id);
    one.received_at = now();
    one.body = order_body(id, "2026-11-20", x.body_bytes);
    result.push_back(std::move(one));
  }
  return result;
}

/// Seconds spent in `append` alone; making the bodies does not count.
result<double> measure(const plan& x) {
  auto system = pg::as_role(x.conninfo, pg::system_role);
  if (!system)
    return system.error();
  delivery_log log{pg::connection{*system}};
  std::chrono::duration<double> spent{0};
  for (std::int64_t done = 0; done < x.count; done += static_cast<std::int64_t>(x.batch)) {
    auto some = batch_from(x.first_id + done, x);
    auto began = std::chrono::steady_clock::now();
    auto ok = log.append(some);
    if (!ok)
      return ok.error();
    // The first commit connects and makes the day's table.
    if (done > 0)
      spent += std::chrono::steady_clock::now() - began;
  }
  return spent.count();
}

} // namespace

int main(int argc, char** argv) {
  plan x;
  CLI::App app{"Appends orders to the delivery log in batches and prints one JSON line of figures."};
  app.add_option("--conninfo", x.conninfo, "owner's connection string")->required();
  app.add_option("--count", x.count);
  app.add_option("--first-id", x.first_id, "ids must be new for each run");
  app.add_option("--stores", x.stores);
  app.add_option("--batch", x.batch);
  app.add_option("--body-bytes", x.body_bytes);
  CLI11_PARSE(app, argc, argv);
  auto seconds = measure(x);
  if (!seconds) {
    std::fprintf(stderr, "clique_ceiling: %s %s\n", seconds.error().what.c_str(), seconds.error().hint.c_str());
    return 1;
  }
  auto counted = x.count - static_cast<std::int64_t>(x.batch);
  fmt::print("{{\"count\":{},\"seconds\":{:.3f},\"per_second\":{:.1f}}}\n", counted, *seconds,
             static_cast<double>(counted) / *seconds);
  return 0;
}
