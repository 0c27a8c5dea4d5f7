#pragma once

// Every feature by name, and the table. Adding one is a file, a declaration, a row and a test file.

#include "core/feature.hpp"

namespace clique::features {

effects oauth_setup(const snapshot&, const trigger&);
effects webhook_registration(const snapshot&, const trigger&);
effects product_sync(const snapshot&, const trigger&);
effects inventory_updates(const snapshot&, const trigger&);
effects order_sync(const snapshot&, const trigger&);
effects manual_sync(const snapshot&, const trigger&);
effects historical_import(const snapshot&, const trigger&);
effects reconciliation(const snapshot&, const trigger&);
effects settings_management(const snapshot&, const trigger&);
effects privacy_requests(const snapshot&, const trigger&);

} // namespace clique::features

namespace clique {

/// THE TABLE.
feature_table all_features();

} // namespace clique
