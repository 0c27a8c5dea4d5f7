// "Sync now" reads everything that changed since the last certain moment, however often it is clicked as one job.
// It shows how far it is and ends with what it found: so many new, so many changed, or "nothing new", verified at a
// time. It can be stopped at any moment, and what has been read until then stays.

#include "features/features.hpp"
#include "features/jobs.hpp"
#include "features/saving.hpp"

#include <fmt/format.h>

namespace clique::features {

namespace {

using namespace std::chrono_literals;

constexpr auto name = "manual_sync";
constexpr auto first_reach = 24h * 60; ///< orders of a shop that was never read: what every shop lets us see

std::string orders_filter(const snapshot& seen, time_point now) {
  return updated_since(with_overlap(as_of(seen, "orders").value_or(now - first_reach)));
}

void answer_with_error(error x, effects& out) {
  out.push_back(respond{std::move(x)});
}

effects start(const snapshot& seen, time_point now) {
  effects result;
  job run{seen, name, now};
  if (run.is_busy()) {
    run.answer_to(result);
    return result;
  }
  if (is_disconnected(seen)) {
    answer_with_error({ec::conflict, "The shop is not connected, so there is nothing to read from.",
                       "Connect the shop again, then sync."},
                      result);
    return result;
  }
  auto products = as_of(seen, "products");
  run.begin("products and orders");
  run.memory["started"] = format_time(now);
  run.memory["products"] = products ? updated_since(with_overlap(*products)) : std::string{};
  run.memory["orders"] = orders_filter(seen, now);
  run.memory["phase"] = "products";
  run.ask_for(count_orders{text_of(run.memory, "orders")}, result);
  run.ask_for(read_products{.filter = text_of(run.memory, "products"), .after = {}}, result);
  run.save_to(result);
  run.answer_to(result);
  return result;
}

void count(job& run, const difference& x) {
  for (auto [key, n] : {std::pair{"new", x.added}, {"changed", x.changed}, {"unchanged", x.unchanged}})
    run.memory[key] = number_of(run.memory, key) + n;
  std::optional<std::int64_t> total;
  if (run.memory.contains("expected"))
    total = number_of(run.memory, "products_read") + number_of(run.memory, "expected");
  run.progress(run.row().done + x.added + x.changed + x.unchanged, total);
}

void finish(job& run, effects& out) {
  auto started = text_of(run.memory, "started");
  auto added = number_of(run.memory, "new");
  auto changed = number_of(run.memory, "changed");
  auto sentence = added + changed == 0 ? fmt::format("Nothing new, verified at {}.", started)
                                       : fmt::format("{} new, {} changed, verified at {}.", added, changed, started);
  auto outcome = json{{"new", added},
                      {"changed", changed},
                      {"unchanged", number_of(run.memory, "unchanged")},
                      {"verified_at", started},
                      {"sentence", sentence}};
  run.finish(outcome);
  run.progress(run.row().done, run.row().done);
  auto at = time_of(run.memory, "started");
  for (auto source : {"products", "orders"})
    out.push_back(save{source_row{source, "fresh", {}, *at}});
  out.push_back(save{sync_log_row{"orders", "synced by hand", outcome.dump(), *at}});
  mark("overview", out);
}

void go_on(job& run, const std::string& phase, const std::string& next, effects& out) {
  auto filter = text_of(run.memory, phase.c_str());
  if (!next.empty() && phase == "products")
    return run.ask_for(read_products{.filter = filter, .after = next}, out);
  if (!next.empty())
    return run.ask_for(read_orders{.filter = filter, .after = next}, out);
  if (phase == "orders")
    return finish(run, out);
  run.memory["phase"] = "orders";
  run.memory["products_read"] = run.row().done;
  run.ask_for(read_orders{.filter = text_of(run.memory, "orders"), .after = {}}, out);
}

effects take_page(const snapshot& seen, const std::string& phase, const std::string& filter, const result<answer>& got,
                  time_point now) {
  effects result;
  job run{seen, name, now};
  // Rows are good even when the job was cancelled or replaced meanwhile; only its steps are over.
  auto is_current =
      run.is("running") && text_of(run.memory, "phase") == phase && text_of(run.memory, phase.c_str()) == filter;
  auto* products = got ? std::get_if<product_page>(&*got) : nullptr;
  auto* orders = got ? std::get_if<order_page>(&*got) : nullptr;
  auto diff = products ? save_products(seen, products->products, result)
              : orders ? save_orders(seen, orders->orders, result)
                       : difference{};
  if (!is_current)
    return result;
  if (!products && !orders) {
    run.fail(got ? wrong_answer("a page") : got.error(), result);
  } else {
    count(run, diff);
    go_on(run, phase, products ? products->next : orders->next, result);
  }
  run.save_to(result);
  return result;
}

effects take_count(const snapshot& seen, const result<answer>& got, time_point now) {
  effects result;
  job run{seen, name, now};
  auto* x = got ? std::get_if<order_count>(&*got) : nullptr;
  if (!x || !x->exact || !run.is("running"))
    return result; // only the progress bar has lost its end
  run.memory["expected"] = x->count;
  count(run, {});
  run.save_to(result);
  return result;
}

effects cancel(const snapshot& seen, time_point now) {
  effects result;
  job run{seen, name, now};
  if (run.is("running")) {
    run.stop("cancelled");
    run.save_to(result);
  }
  run.answer_to(result);
  return result;
}

} // namespace

effects manual_sync(const snapshot& seen, const trigger& t) {
  if (auto* asked = std::get_if<command>(&t.why))
    return asked->name == "cancel" ? cancel(seen, t.now) : start(seen, t.now);
  auto* answered = std::get_if<reply>(&t.why);
  if (answered == nullptr)
    return {};
  if (auto* products = std::get_if<read_products>(&answered->asked))
    return take_page(seen, "products", products->filter, answered->got, t.now);
  if (auto* orders = std::get_if<read_orders>(&answered->asked))
    return take_page(seen, "orders", orders->filter, answered->got, t.now);
  return std::holds_alternative<count_orders>(answered->asked) ? take_count(seen, answered->got, t.now) : effects{};
}

} // namespace clique::features
