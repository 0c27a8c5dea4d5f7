#pragma once

#include "storage/pg.hpp"

#include <utility>

namespace clique {

/// Runs *work* between BEGIN and COMMIT; an error of *work* rolls back and is returned. For the rare transactions
/// that must look at an answer before the next statement; everything else goes through pg::transaction.
template <class F>
auto interactive(pg::connection& on, F work) -> decltype(work()) {
  if (auto begun = on.script("BEGIN"); !begun)
    return begun.error();
  auto result = work();
  if (!result) {
    if (auto undone = on.script("ROLLBACK"); !undone)
      on.close();
    return result;
  }
  if (auto committed = on.script("COMMIT"); !committed)
    return committed.error();
  return result;
}

} // namespace clique
