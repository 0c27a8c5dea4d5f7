#include "actors/persistence.hpp"

#include <algorithm>
#include <chrono>

namespace clique {

namespace {

using self_ptr = persistence_actor::stateful_pointer<persistence_state>;

void flush(self_ptr self) {
  auto& st = self->state;
  st.flushing = false;
  std::vector<write_batch> work;
  std::vector<caf::typed_response_promise<write_answer>> waiters;
  std::size_t rows = 0, taken = 0;
  while (taken < st.pending.size() && taken < st.settings.batches
         && (taken == 0 || rows + st.pending[taken].what.rows.size() <= st.settings.rows)) {
    auto& x = st.pending[taken++];
    rows += x.what.rows.size();
    work.push_back(std::move(x.what));
    waiters.push_back(std::move(x.to));
  }
  st.pending.erase(st.pending.begin(), st.pending.begin() + static_cast<std::ptrdiff_t>(taken));
  if (!st.pending.empty()) {
    st.flushing = true;
    self->send(self, atom::flush_v);
  }
  if (work.empty())
    return;
  auto begin = std::chrono::steady_clock::now();
  auto answers = st.write(work);
  st.numbers->observe("clique_write_seconds", {},
                      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  st.numbers->count("clique_rows_written_total", {}, static_cast<double>(rows));
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    auto got = i < answers.size() ? std::move(answers[i])
                                  : result<written>{error{ec::internal, "The writer gave no answer.", ""}};
    auto back = got ? write_batch{} : std::move(work[i]);
    if (!got)
      st.numbers->count("clique_write_failures_total", {{"code", std::string{to_string(got.error().code)}}});
    waiters[i].deliver(write_answer{std::move(got), std::move(back)});
  }
}

} // namespace

persistence_actor::behavior_type persistence(self_ptr self, write_fn write, metrics_ptr numbers,
                                             persistence_settings settings) {
  self->state.write = std::move(write);
  self->state.numbers = std::move(numbers);
  self->state.settings = settings;
  return {
      [self](write_request& x) {
        auto& st = self->state;
        auto result = self->make_response_promise<write_answer>();
        st.pending.push_back({std::move(x.what), result});
        if (!st.flushing) {
          st.flushing = true;
          self->send(self, atom::flush_v);
        }
        return result;
      },
      [self](atom::flush) { flush(self); },
  };
}

} // namespace clique
