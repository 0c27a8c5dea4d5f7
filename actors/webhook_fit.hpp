#pragma once

#include <string_view>

namespace clique {

/// Shopify signs the body only, so a captured body can come back under another topic or shop (faults D5). What is only
/// older or foreign data is harmless, because rows are guarded by their versions; this rule covers the topics that
/// delete: their body must look like that topic's and must not name another shop.
/// @param body of a correctly signed delivery. @returns false when the delivery must be refused.
bool fits_topic(std::string_view topic, std::string_view shop, std::string_view body);

/// customers/data_request, customers/redact, shop/redact.
bool is_privacy_topic(std::string_view topic);

/// Lower case, one slash, as in "inventory_levels/update".
bool is_topic(std::string_view text);

} // namespace clique
