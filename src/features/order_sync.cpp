// Every order, change and refund reaches the figures within seconds of the checkout, each on the day it belongs to.
// Messages may come twice, late or in any order: the newest version of an order always wins and nothing counts double.
// When a message only hints at a change (an edit, a refund on its own), the whole order is read again.

#include "features/features.hpp"
#include "features/jobs.hpp"
#include "features/saving.hpp"

#include <algorithm>
#include <set>

namespace clique::features {

namespace {

/// What a span of deliveries says, before anything is decided.
struct heard_of {
  std::vector<order> orders;
  std::map<shopify_id, time_point> gone;
  std::vector<order_edited> edits;
  std::vector<const refund_created*> refunds;
};

heard_of sort_out(const webhooks& span) {
  heard_of result;
  for (const auto& x : span.items) {
    if (auto* y = std::get_if<order>(&x.what))
      result.orders.push_back(*y);
    else if (auto* deleted = std::get_if<order_deleted>(&x.what))
      result.gone.try_emplace(deleted->id, x.triggered_at.value_or(x.received_at));
    else if (auto* edited = std::get_if<order_edited>(&x.what))
      result.edits.push_back(*edited);
    else if (auto* refunded = std::get_if<refund_created>(&x.what))
      result.refunds.push_back(refunded);
  }
  std::erase_if(result.orders, [&](const order& x) { return result.gone.contains(x.id); });
  return result;
}

bool holds(const std::vector<order>& xs, const refund_created& y) {
  return std::any_of(xs.begin(), xs.end(), [&](const order& x) {
    auto is_it = [&](const refund& z) { return z.id == y.what.id; };
    return x.id == y.order_id && std::any_of(x.refunds.begin(), x.refunds.end(), is_it);
  });
}

effects take_in(const snapshot& seen, const webhooks& span) {
  effects result;
  auto all = sort_out(span);
  auto with_edits = seen;
  std::set<shopify_id> again;
  for (const auto& x : all.edits) {
    result.push_back(save{order_edit_row{x}});
    auto& last = with_edits.edits.try_emplace(x.order_id, x.committed_at).first->second;
    last = std::max(last, x.committed_at);
    again.insert(x.order_id);
  }
  for (auto* x : all.refunds)
    if (!holds(all.orders, *x))
      again.insert(x->order_id);
  save_orders(with_edits, all.orders, result);
  for (auto [id, when] : all.gone) {
    result.push_back(save{order_gone_row{id, when}});
    result.push_back(tell{orders_changed{{id}}});
    mark("overview", result);
    mark("orders.live", result);
  }
  for (auto id : again)
    if (!all.gone.contains(id))
      result.push_back(ask{read_order{id}});
  return result;
}

effects take_answer(const snapshot& seen, const reply& x, time_point now) {
  effects result;
  if (!x.got) // retries are over: the next reconciliation reads every order that has changed
    note_rejection(seen, x.got.error(), now, result);
  else if (auto* page = std::get_if<order_page>(&*x.got))
    save_orders(seen, page->orders, result);
  return result;
}

} // namespace

effects order_sync(const snapshot& seen, const trigger& t) {
  if (auto* span = std::get_if<webhooks>(&t.why))
    return take_in(seen, *span);
  if (auto* answered = std::get_if<reply>(&t.why))
    return take_answer(seen, *answered, t.now);
  return {};
}

} // namespace clique::features
