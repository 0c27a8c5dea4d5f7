// Connecting a shop is one click, and from then on we know what the shop allows us to do and what it does not.
// When access is withdrawn, by removing the app or by an expired permission, the reason is named and all work for that
// shop stops. Missing permissions are listed with what they switch off, instead of showing up later as silent gaps in
// the figures.

#include "features/features.hpp"
#include "features/jobs.hpp"

#include <algorithm>
#include <array>

namespace clique::features {

namespace {

constexpr auto name = "oauth_setup";

struct need {
  std::string_view scope;
  std::string_view without; ///< what is off when it is missing
};

// What the features of the table read; see the platform's documentation of access scopes.
constexpr std::array needs{
    need{"read_orders", "no sales figures at all"},
    need{"read_products", "no products and prices"},
    need{"read_inventory", "no stock and no unit costs"},
    need{"read_locations", "no stock per location"},
};

/// Whether *granted* covers *scope*: the right to write includes the right to read.
bool covers(const std::vector<std::string>& granted, std::string_view scope) {
  auto is_it = [&](const std::string& x) {
    return x == scope || (x.starts_with("write_") && scope.starts_with("read_") && x.substr(6) == scope.substr(5));
  };
  return std::any_of(granted.begin(), granted.end(), is_it);
}

std::string missing_scopes(const std::vector<std::string>& granted) {
  std::string result;
  for (const auto& x : needs)
    if (!covers(granted, x.scope))
      result += (result.empty() ? "Missing permissions: " : ", ") + std::string{x.scope} + " (" + std::string{x.without}
                + ")";
  return result.empty() ? result : result + ". Open the app in Shopify and grant them.";
}

/// A delivery carries no version of the shop, so that what it says is read afresh instead of believed.
effects read_afresh(const snapshot& seen, time_point now) {
  effects result;
  job run{seen, name, now};
  run.begin("");
  run.ask_for(read_shop{}, result);
  run.save_to(result);
  return result;
}

effects uninstalled(const snapshot& seen, time_point now) {
  effects result;
  auto why = std::string{"The app was removed from the shop. Install it again to go on."};
  job run{seen, name, now};
  run.stop("paused", why);
  result.push_back(save{connection_row{connection_row::state::uninstalled, why, {}, now}});
  run.save_to(result);
  result.push_back(tell{store_disconnected{why}});
  result.push_back(push{"ops"});
  return result;
}

/// Amounts are never converted: a shop that changes its currency keeps its history in the old one.
void log_new_currency(const snapshot& seen, const shop_facts& x, time_point now, effects& out) {
  if (seen.store.unit.empty() || x.currency_code.empty() || seen.store.unit.code() == x.currency_code)
    return;
  auto outcome = json{{"before", seen.store.unit.code()},
                      {"after", x.currency_code},
                      {"what_to_do", "Run the historical import: orders of earlier days still hold the old currency."}};
  out.push_back(save{sync_log_row{"shop", "the shop's currency has changed", outcome.dump(), now}});
}

effects take_shop(const snapshot& seen, const result<answer>& got, time_point now) {
  effects result;
  job run{seen, name, now};
  if (!run.is("running"))
    return result; // the app was removed while the question was under way
  auto* x = got ? std::get_if<shop_answer>(&*got) : nullptr;
  if (!x) {
    run.fail(got ? wrong_answer("the question for the shop") : got.error(), result);
    run.save_to(result);
    return result;
  }
  auto missing = missing_scopes(x->scopes);
  log_new_currency(seen, x->shop, now, result);
  result.push_back(save{shop_row{x->shop}});
  result.push_back(save{connection_row{connection_row::state::connected, missing, x->scopes, now}});
  run.finish({{"scopes", x->scopes}, {"missing", missing}, {"verified_at", format_time(now)}});
  run.save_to(result);
  result.push_back(push{"ops"});
  result.push_back(push{"overview"});
  return result;
}

effects take_in(const snapshot& seen, const webhooks& span, time_point now) {
  auto is_news = false;
  for (const auto& x : span.items) {
    // The message about an earlier installation may come after the shop has come back.
    auto is_old = seen.store.installed_at && x.triggered_at.value_or(x.received_at) < *seen.store.installed_at;
    if (std::holds_alternative<app_uninstalled>(x.what) && !is_old)
      return uninstalled(seen, now);
    is_news = is_news || std::holds_alternative<shop_facts>(x.what) || std::holds_alternative<scopes_updated>(x.what);
  }
  return is_news ? read_afresh(seen, now) : effects{};
}

} // namespace

effects oauth_setup(const snapshot& seen, const trigger& t) {
  if (auto* span = std::get_if<webhooks>(&t.why))
    return take_in(seen, *span, t.now);
  if (auto* answered = std::get_if<reply>(&t.why))
    return std::holds_alternative<read_shop>(answered->asked) ? take_shop(seen, answered->got, t.now) : effects{};
  if (auto* event = std::get_if<heard>(&t.why))
    return std::holds_alternative<store_connected>(event->what) ? read_afresh(seen, t.now) : effects{};
  auto is_by_hand = std::holds_alternative<command>(t.why);
  auto is_gone = seen.store.connection == connection_row::state::uninstalled;
  auto result = is_gone ? effects{} : read_afresh(seen, t.now);
  if (is_by_hand)
    result.push_back(
        respond{is_gone ? clique::result<std::string>{error{ec::conflict, "The app is not installed in this shop.",
                                                            "Install it from Shopify first."}}
                        : clique::result<std::string>{job_json(seen.job)}});
  return result;
}

} // namespace clique::features
