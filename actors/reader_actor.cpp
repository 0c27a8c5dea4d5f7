#include "actors/reader_actor.hpp"

namespace clique {

reader_actor::behavior_type fact_reader(reader_actor::pointer, reader_store store) {
  return {
      [store](const load_request& x) {
        auto got = store.load(x);
        if (!got)
          return loaded{got.error()};
        return loaded{std::make_shared<const snapshot>(std::move(*got))};
      },
      [store](const start_request& x) { return started{store.start_of(x)}; },
  };
}

} // namespace clique
