// The catalogue here is the catalogue in the shop: a new product, a new price or a deletion shows within seconds.
// Because a message can get lost, everything that changed is read again on a timer, so that no error lives for an hour.
// Each changed price is passed on, since a price explains what happens to an ad better than most things.

#include "features/features.hpp"
#include "features/jobs.hpp"
#include "features/saving.hpp"

namespace clique::features {

namespace {

constexpr auto name = "product_sync";

effects take_in(const snapshot& seen, const webhooks& span) {
  effects result;
  std::vector<product> products;
  std::map<shopify_id, time_point> gone;
  for (const auto& x : span.items)
    if (auto* changed = std::get_if<product>(&x.what))
      products.push_back(*changed);
    else if (auto* deleted = std::get_if<product_deleted>(&x.what))
      gone.try_emplace(deleted->id, x.triggered_at.value_or(x.received_at));
  std::erase_if(products, [&](const product& x) { return gone.contains(x.id); });
  save_products(seen, products, result);
  for (auto [id, when] : gone) {
    result.push_back(save{product_gone_row{id, when}});
    mark("products", result);
  }
  return result;
}

/// Reads what changed since the last complete run; all when *everything*.
effects read_again(const snapshot& seen, time_point now, bool everything, bool by_hand = false) {
  effects result;
  job run{seen, name, now};
  auto since = everything ? std::nullopt : time_of(run.memory, "since");
  run.begin("products");
  if (since)
    run.memory["since"] = format_time(*since);
  run.memory["started"] = format_time(now);
  run.memory["filter"] = since ? updated_since(with_overlap(*since)) : std::string{};
  run.ask_for(read_products{.filter = text_of(run.memory, "filter"), .after = {}}, result);
  run.save_to(result);
  if (by_hand)
    run.answer_to(result);
  return result;
}

effects take_page(const snapshot& seen, const read_products& asked, const result<answer>& got, time_point now) {
  effects result;
  job run{seen, name, now};
  auto* page = got ? std::get_if<product_page>(&*got) : nullptr;
  if (page)
    save_products(seen, page->products, result);
  if (!run.is("running") || asked.filter != text_of(run.memory, "filter"))
    return result; // of a run that was replaced: its rows are good, its end is not ours
  if (!page) {
    run.fail(got ? wrong_answer("a page of products") : got.error(), result);
    run.save_to(result);
    return result;
  }
  run.progress(run.row().done + static_cast<std::int64_t>(page->products.size()), std::nullopt);
  if (!page->next.empty()) {
    run.ask_for(read_products{.filter = asked.filter, .after = page->next, .first = asked.first}, result);
  } else if (auto started = time_of(run.memory, "started")) {
    run.memory["since"] = format_time(*started);
    run.finish({{"read", run.row().done}, {"verified_at", format_time(*started)}});
    result.push_back(save{source_row{"products", "fresh", {}, *started}});
  }
  run.save_to(result);
  return result;
}

effects tick_or_run(const snapshot& seen, time_point now, bool by_hand) {
  job run{seen, name, now};
  effects result;
  if (run.is_busy() || is_disconnected(seen)) {
    if (by_hand)
      run.answer_to(result);
    return result;
  }
  return by_hand || !is_paused(seen) ? read_again(seen, now, false, by_hand) : result;
}

} // namespace

effects product_sync(const snapshot& seen, const trigger& t) {
  if (auto* span = std::get_if<webhooks>(&t.why))
    return take_in(seen, *span);
  if (auto* answered = std::get_if<reply>(&t.why)) {
    auto* asked = std::get_if<read_products>(&answered->asked);
    return asked ? take_page(seen, *asked, answered->got, t.now) : effects{};
  }
  if (auto* event = std::get_if<heard>(&t.why))
    return std::holds_alternative<store_connected>(event->what) ? read_again(seen, t.now, true) : effects{};
  return tick_or_run(seen, t.now, std::holds_alternative<command>(t.why));
}

} // namespace clique::features
