#pragma once

#include "storage/accounts.hpp"

namespace clique {

/// Who a user is and which stores they may see; not_found when there is no such user.
result<identity> load_identity(pg::connection& on, user_id user);

/// A fresh session of *user*; also forgets sessions past their absolute age.
result<accounts::opened> open_session(pg::connection& on, user_id user, time_point now);

} // namespace clique
