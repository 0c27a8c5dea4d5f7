// Shopify tells us what happens in the shop because we asked it to, once per kind of event; it may silently stop doing
// so. Every quarter of an hour we look whether all these subscriptions still stand, repair what is missing, and read
// what we missed meanwhile. A subscription that Shopify refuses is shown with the permission that it lacks.

#include "features/features.hpp"
#include "features/jobs.hpp"
#include "features/saving.hpp"

#include <algorithm>
#include <set>

namespace clique::features {

namespace {

using namespace std::literals;

constexpr auto name = "webhook_registration";

/// Privacy topics cannot be subscribed to by API, they stand in the app's configuration.
bool is_of_the_app(std::string_view topic) {
  return topic.starts_with("customers/") || topic == "shop/redact";
}

std::set<std::string> wanted_topics() {
  std::set<std::string> result;
  for (const auto& x : all_features())
    for (auto topic : x.when.topics)
      if (!is_of_the_app(topic))
        result.emplace(topic);
  return result;
}

std::string_view scope_of(std::string_view topic) {
  if (topic.starts_with("orders/") || topic.starts_with("refunds/"))
    return "read_orders";
  if (topic.starts_with("products/") || topic.starts_with("variants/"))
    return "read_products";
  return topic.starts_with("inventory_") ? "read_inventory" : "";
}

const subscription_row* stored(const snapshot& seen, std::string_view topic) {
  for (const auto& x : seen.subscriptions)
    if (x.topic == topic)
      return &x;
  return nullptr;
}

bool was_ours(const snapshot& seen, std::string_view gid) {
  auto is_it = [&](const subscription_row& x) { return x.gid == gid && x.state != "foreign"; };
  return std::any_of(seen.subscriptions.begin(), seen.subscriptions.end(), is_it);
}

void save_if_new(const snapshot& seen, subscription_row x, effects& out) {
  auto* old = stored(seen, x.topic);
  if (old && old->state == x.state && old->gid == x.gid && old->reason == x.reason)
    return;
  out.push_back(save{std::move(x)});
  mark("ops", out);
}

/// What a topic's silence has hidden: "orders" or "products"; empty where nothing can be read again.
std::string_view gap_of(std::string_view topic) {
  auto scope = scope_of(topic);
  if (scope == "read_orders")
    return "orders";
  return scope.empty() ? "" : "products";
}

effects list(const snapshot& seen, time_point now, bool by_hand) {
  effects result;
  job run{seen, name, now};
  if (run.is_busy() || is_disconnected(seen)) {
    if (by_hand)
      run.answer_to(result);
    return result;
  }
  auto memory = run.memory;
  run.begin("subscriptions");
  for (auto key : {"listed_at", "gaps"})
    if (memory.contains(key))
      run.memory[key] = memory[key];
  run.ask_for(list_subscriptions{}, result);
  run.save_to(result);
  if (by_hand)
    run.answer_to(result);
  return result;
}

void read_gap(job& run, std::string_view kind, const json& gap, effects& out) {
  auto filter = text_of(gap, "filter");
  auto after = text_of(gap, "after");
  if (kind == "orders")
    run.ask_for(read_orders{.filter = filter, .after = after}, out);
  else
    run.ask_for(read_products{.filter = filter, .after = after}, out);
}

/// Ends the run once no answer is outstanding.
void settle(job& run, time_point now) {
  auto& pending = object_in(run.memory, "pending");
  auto& gaps = object_in(run.memory, "gaps");
  if (!pending.empty() || !gaps.empty() || !run.is("running"))
    return;
  run.finish({{"verified_at", format_time(now)}, {"repaired", run.row().done}});
}

effects take_list(const snapshot& seen, const subscription_list& x, time_point now) {
  effects result;
  job run{seen, name, now};
  const auto& address = seen.store.webhook_address;
  std::map<std::string, std::string> standing; // topic -> gid
  auto wanted = wanted_topics();
  for (const auto& y : x.items) {
    if (y.uri == address && wanted.contains(y.topic)) {
      standing.emplace(y.topic, y.gid);
    } else if (y.uri == address || was_ours(seen, y.gid)) {
      run.ask_for(delete_subscription{y.gid}, result); // an earlier address or an earlier need of ours
    } else if (!wanted.contains(y.topic)) {
      save_if_new(seen, {y.topic, "foreign", y.gid, "Goes to another address: " + y.uri, now}, result);
    }
  }
  auto listed = time_of(run.memory, "listed_at");
  auto& gaps = object_in(run.memory, "gaps");
  auto pending = json::object();
  for (const auto& topic : wanted) {
    if (auto found = standing.find(topic); found != standing.end()) {
      save_if_new(seen, {topic, "registered", found->second, {}, now}, result);
      continue;
    }
    auto* old = stored(seen, topic);
    if (old && old->state == "registered") {
      // Deliveries may have been missing ever since the last time that we saw it standing.
      if (auto kind = std::string{gap_of(topic)}; !kind.empty() && !gaps.contains(kind))
        gaps[kind] = {{"filter", updated_since(with_overlap(listed.value_or(old->at)))}, {"after", ""}};
      save_if_new(seen, {topic, "missing", {}, "Shopify no longer had it; it is being registered again.", now}, result);
    }
    pending[topic] = true;
    run.ask_for(create_subscription{topic, address}, result);
  }
  for (const auto& gap : gaps.items())
    read_gap(run, gap.key(), gap.value(), result);
  run.memory["listed_at"] = format_time(now);
  run.memory["pending"] = pending;
  run.progress(0, static_cast<std::int64_t>(pending.size()));
  settle(run, now);
  run.save_to(result);
  return result;
}

/// A refusal that says that what we wanted stands already.
bool is_taken(const error& x) {
  return x.what.find("already been taken") != std::string::npos;
}

subscription_row refusal(const std::string& topic, const error& x, time_point now) {
  if (is_taken(x))
    return {topic, "registered", {}, {}, now};
  if (is_transient(x.code) || x.code == ec::token_rejected)
    return {topic, "missing", {}, "Could not be registered yet: " + x.what, now};
  auto scope = std::string{scope_of(topic)};
  auto advice = scope.empty() ? std::string{} : " It needs the permission " + scope + ".";
  return {topic, "refused", {}, "Shopify refused it: " + x.what + "." + advice, now};
}

effects take_created(const snapshot& seen, const create_subscription& asked, const result<answer>& got,
                     time_point now) {
  effects result;
  job run{seen, name, now};
  auto& pending = object_in(run.memory, "pending");
  if (!pending.contains(asked.topic))
    return result;
  pending.erase(asked.topic);
  auto* x = got ? std::get_if<subscription>(&*got) : nullptr;
  if (x) {
    save_if_new(seen, {asked.topic, "registered", x->gid, {}, now}, result);
  } else {
    auto why = got ? wrong_answer("a registration") : got.error();
    save_if_new(seen, refusal(asked.topic, why, now), result);
    if (is_transient(why.code) || why.code == ec::token_rejected)
      run.fail(why, result);
  }
  run.progress(run.row().done + 1, run.row().total);
  settle(run, now);
  run.save_to(result);
  return result;
}

/// A page that closes a gap. Its rows are good whatever the job's state is.
effects take_page(const snapshot& seen, const std::string& kind, const std::string& filter, const result<answer>& got,
                  time_point now) {
  effects result;
  job run{seen, name, now};
  auto& gaps = object_in(run.memory, "gaps");
  auto next = std::string{};
  if (!got) {
    run.fail(got.error(), result); // the gap stays in the memory for the next tick
    run.save_to(result);
    return result;
  }
  if (auto* orders = std::get_if<order_page>(&*got)) {
    save_orders(seen, orders->orders, result);
    next = orders->next;
  } else if (auto* products = std::get_if<product_page>(&*got)) {
    save_products(seen, products->products, result);
    next = products->next;
  }
  if (!gaps.contains(kind) || text_of(gaps[kind], "filter") != filter)
    return result;
  if (next.empty()) {
    gaps.erase(kind);
    auto outcome = json{{"filter", filter}};
    result.push_back(save{sync_log_row{"webhooks", "read again what was missed: " + kind, outcome.dump(), now}});
  } else {
    gaps[kind]["after"] = next;
    read_gap(run, kind, gaps[kind], result);
  }
  settle(run, now);
  run.save_to(result);
  return result;
}

effects take_answer(const snapshot& seen, const reply& x, time_point now) {
  if (auto* created = std::get_if<create_subscription>(&x.asked))
    return take_created(seen, *created, x.got, now);
  if (auto* orders = std::get_if<read_orders>(&x.asked))
    return take_page(seen, "orders", orders->filter, x.got, now);
  if (auto* products = std::get_if<read_products>(&x.asked))
    return take_page(seen, "products", products->filter, x.got, now);
  if (!std::holds_alternative<list_subscriptions>(x.asked))
    return {};
  if (auto* listed = x.got ? std::get_if<subscription_list>(&*x.got) : nullptr)
    return take_list(seen, *listed, now);
  effects result;
  job run{seen, name, now};
  run.fail(x.got ? wrong_answer("the list of subscriptions") : x.got.error(), result);
  run.save_to(result);
  return result;
}

} // namespace

effects webhook_registration(const snapshot& seen, const trigger& t) {
  if (auto* answered = std::get_if<reply>(&t.why))
    return take_answer(seen, *answered, t.now);
  if (auto* event = std::get_if<heard>(&t.why); event && !std::holds_alternative<store_connected>(event->what))
    return {};
  if (std::holds_alternative<webhooks>(t.why))
    return {};
  return list(seen, t.now, std::holds_alternative<command>(t.why));
}

} // namespace clique::features
