#include "actors/import_worker.hpp"

#include "core/backoff.hpp"
#include "ledger/sales.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique {

namespace {

using self_ptr = import_worker_actor::stateful_pointer<import_worker_state>;
using json = nlohmann::json;
using namespace std::chrono_literals;

constexpr auto longest_download = 15min;
constexpr std::size_t largest_file = std::size_t{4} << 30; // bytes

void write_on(self_ptr self);
void take_next(self_ptr self);

void tell_feature(self_ptr self, std::string_view name, const json& args) {
  auto& st = self->state;
  const auto& what = st.now->what;
  self->send(st.setup.directory, what.store.id, user_command{what.feature, {std::string{name}, args.dump(), {}}, {}});
}

void end(self_ptr self) {
  auto& st = self->state;
  auto& job = *st.now;
  json args = {{"month", job.what.what.month}, {"rows", job.written}, {"url", job.what.what.url}};
  if (job.fault) {
    spdlog::warn("store {}: import of {} failed: {}", raw(job.what.store.id), job.what.what.month, job.fault->what);
    st.setup.numbers->count("clique_imports_total", {{"outcome", "failed"}});
    args["error"] = job.fault->what;
    args["transient"] = is_transient(job.fault->code);
    tell_feature(self, "failed", args);
  } else {
    st.setup.numbers->count("clique_imports_total", {{"outcome", "imported"}});
    args["again"] = json::array();
    for (auto id : job.again_ids)
      args["again"].push_back(std::to_string(id));
    tell_feature(self, "imported", args);
  }
  st.now.reset();
  take_next(self);
}

void report(self_ptr self) {
  auto& st = self->state;
  auto& job = *st.now;
  if (job.written < job.reported + st.setup.report_every)
    return;
  job.reported = job.written;
  self->send(st.setup.hub, job.what.store.id, std::string{"jobs"});
  auto f = st.setup.features->find(job.what.feature);
  if (!f)
    return;
  const auto& names = st.setup.features->at(*f).when.commands;
  if (std::find(names.begin(), names.end(), "progress") != names.end())
    tell_feature(self, "progress",
                 {{"month", job.what.what.month}, {"rows", job.written}, {"total", job.orders.size()}});
}

write_batch next_batch(import_worker_state& st) {
  auto& job = *st.now;
  write_batch result;
  result.store = job.what.store.id;
  if (!job.again.empty()) {
    result = std::move(job.again.back());
    job.again.pop_back();
    return result;
  }
  while (job.taken < job.orders.size() && result.rows.size() < st.setup.rows_per_batch) {
    auto& x = job.orders[job.taken++];
    result.rows.push_back(to_row(std::move(x), job.what.store.zone));
  }
  return result;
}

void fail(self_ptr self, error why) {
  auto& job = *self->state.now;
  job.fault = std::move(why);
  job.taken = job.orders.size();
  job.again.clear();
}

void written_or_not(self_ptr self, write_answer& x, std::size_t rows) {
  auto& st = self->state;
  auto& job = *st.now;
  --job.in_flight;
  if (x.what) {
    job.written += rows;
    job.failures = 0;
    report(self);
    return write_on(self);
  }
  const auto& why = x.what.error();
  if (!is_transient(why.code) && why.code != ec::fenced) {
    fail(self, why);
    return write_on(self);
  }
  job.again.push_back(std::move(x.back));
  self->delayed_send(self,
                     backoff(st.setup.retry_base, st.setup.retry_cap, ++job.failures,
                             static_cast<std::uint64_t>(raw(job.what.store.id))),
                     atom::again_v);
}

/// Keeps a bounded number of batches on their way: live deliveries share the database.
void write_on(self_ptr self) {
  auto& st = self->state;
  auto& job = *st.now;
  while (job.in_flight < st.setup.window && (job.taken < job.orders.size() || !job.again.empty())) {
    auto batch = next_batch(st);
    auto rows = batch.rows.size();
    ++job.in_flight;
    self->request(st.setup.writer(job.what.store.id), caf::infinite, write_request{std::move(batch)})
        .then([self, rows](write_answer& x) { written_or_not(self, x, rows); },
              [self](caf::error&) {
                --self->state.now->in_flight;
                fail(self, {ec::unavailable, "The writer has ended.", ""});
                write_on(self);
              });
  }
  if (job.in_flight == 0 && job.taken == job.orders.size() && job.again.empty())
    end(self);
}

void file_ended(self_ptr self, const http_done& x) {
  auto& st = self->state;
  if (!st.now || x.call != st.file)
    return;
  auto& job = *st.now;
  if (!x.what)
    job.fault = x.what.error();
  else if (x.what->status != 200)
    job.fault =
        error{ec::refused, "The bulk file was answered with status " + std::to_string(x.what->status) + ".", ""};
  if (job.fault)
    return end(self);
  auto orders = job.parser.finish();
  if (!orders) {
    job.fault = orders.error();
    return end(self);
  }
  job.orders = std::move(*orders);
  job.again_ids = job.parser.to_read_again();
  write_on(self);
}

void take_next(self_ptr self) {
  auto& st = self->state;
  if (st.now || st.waiting.empty())
    return;
  auto& job = st.now.emplace();
  job.what = std::move(st.waiting.front());
  st.waiting.pop_front();
  job.parser = st.setup.parser(job.what.store.unit);
  auto file = ++st.file;
  auto to = import_worker_actor{self};
  http::outgoing download;
  download.url = job.what.what.url;
  download.total_limit = longest_download;
  download.max_answer = largest_file;
  download.on_data = [to, file](std::string_view bytes) {
    caf::anon_send(to, file_piece{file, std::string{bytes}});
    return true;
  };
  st.setup.send(std::move(download), [to, file](result<http::incoming_answer> got) {
    caf::anon_send(to, http_done{file, std::move(got)});
  });
}

} // namespace

import_worker_actor::behavior_type import_worker(self_ptr self, import_setup setup) {
  self->state.setup = std::move(setup);
  return {
      [self](import_request& x) {
        auto& st = self->state;
        auto same = [&x](const import_request& y) { return y.store.id == x.store.id && y.what.month == x.what.month; };
        // The feature asks again when it has heard nothing for a while: the work is under way or still queued.
        if (st.now && same(st.now->what) && st.now->what.what.url == x.what.url)
          return;
        auto queued = std::find_if(st.waiting.begin(), st.waiting.end(), same);
        if (queued != st.waiting.end())
          *queued = std::move(x);
        else
          st.waiting.push_back(std::move(x));
        take_next(self);
      },
      [self](const file_piece& x) {
        auto& st = self->state;
        if (!st.now || x.file != st.file || st.now->fault)
          return;
        if (auto ok = st.now->parser.feed(x.bytes); !ok)
          st.now->fault = ok.error();
      },
      [self](const http_done& x) { file_ended(self, x); },
      [self](atom::again) {
        if (self->state.now)
          write_on(self);
      },
  };
}

} // namespace clique
