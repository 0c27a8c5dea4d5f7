// Customers may ask what is known about them and may ask to be forgotten; so may a shop that has left.
// Each request gets a receipt, and what is to be deleted is deleted in the same moment.
// A shop that has come back in the meantime keeps its data: the old farewell no longer applies.

#include "features/features.hpp"
#include "features/jobs.hpp"

namespace clique::features {

effects privacy_requests(const snapshot& seen, const trigger& t) {
  effects result;
  auto* span = std::get_if<webhooks>(&t.why);
  if (span == nullptr)
    return result;
  for (const auto& x : span->items) {
    auto* request = std::get_if<privacy_request>(&x.what);
    if (request == nullptr)
      continue;
    // A lost farewell cannot look like a return: a shop without the app rejects our token within minutes.
    if (request->topic == "shop/redact" && !is_disconnected(seen)) {
      auto outcome = json{{"request", request->topic}, {"why", "The shop has installed the app again."}};
      result.push_back(save{sync_log_row{"privacy", "deletion of the shop ignored", outcome.dump(), x.received_at}});
      continue;
    }
    result.push_back(save{privacy_row{*request, x.received_at}});
  }
  return result;
}

} // namespace clique::features
