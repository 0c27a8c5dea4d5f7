#pragma once

// Neighbours of a few lines each. They write what they see into a diary, so that a test can read the order of things.

#include "actors/ports.hpp"
#include "actors/store_book.hpp"

#include <caf/test/dsl.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace clique {

constexpr auto shop = store_id{7};

/// What happened, and how the neighbours are to behave.
struct script {
  std::vector<std::string> diary;
  child_start start;
  std::deque<ec> failing_loads, failing_saves; ///< one per attempt, then all is well
  bool gone = false;                           ///< the store has no row
  bool silent_platform = false;                ///< calls stay unanswered
  std::vector<write_batch> saved;
  std::vector<load_request> loads;

  void note(std::string x) {
    diary.push_back(std::move(x));
  }
  /// Where *x* stands in the diary; npos when it does not.
  std::size_t at(const std::string& x) const {
    for (std::size_t i = 0; i < diary.size(); ++i)
      if (diary[i] == x)
        return i;
    return std::string::npos;
  }
  long times(const std::string& x) const {
    return std::count(diary.begin(), diary.end(), x);
  }
};
using script_ptr = std::shared_ptr<script>;

inline reader_actor::behavior_type fake_reader(reader_actor::pointer, script_ptr s) {
  return {
      [s](const load_request& x) {
        s->note("load " + x.feature);
        s->loads.push_back(x);
        if (s->gone)
          return loaded{error{ec::not_found, "gone", ""}};
        if (!s->failing_loads.empty()) {
          auto code = s->failing_loads.front();
          s->failing_loads.pop_front();
          return loaded{error{code, "load", ""}};
        }
        auto result = std::make_shared<snapshot>();
        result->store.id = x.store;
        return loaded{snapshot_ptr{result}};
      },
      [s](const start_request&) { return started{s->start}; },
  };
}

inline persistence_actor::behavior_type fake_writer(persistence_actor::pointer, script_ptr s) {
  return {
      [s](write_request& x) {
        if (!s->failing_saves.empty()) {
          auto code = s->failing_saves.front();
          s->failing_saves.pop_front();
          s->note("save fails");
          return write_answer{error{code, "save", ""}, std::move(x.what)};
        }
        s->note(fmt::format("save {} rows up to {}", x.what.rows.size(), x.what.closed_up_to));
        written done;
        for (std::size_t i = 0; i < x.what.calls.size(); ++i)
          done.call_ids.push_back(100 + static_cast<std::int64_t>(i));
        s->saved.push_back(std::move(x.what));
        return write_answer{done, {}};
      },
      [](atom::flush) {},
  };
}

inline platform_actor::behavior_type fake_platform(platform_actor::pointer self, script_ptr s) {
  return {
      [self, s](const platform_call& x) -> caf::result<platform_answer> {
        s->note("call " + x.feature);
        if (s->silent_platform)
          return self->make_response_promise<platform_answer>();
        return platform_answer{answer{done{}}};
      },
  };
}

inline listener_actor::behavior_type fake_hub(listener_actor::pointer, script_ptr s) {
  return {
      [s](store_id, const std::string& channel) { s->note("push " + channel); },
  };
}

inline import_actor::behavior_type fake_importer(import_actor::pointer, script_ptr s) {
  return {
      [s](const import_request& x) { s->note("import " + x.what.month); },
  };
}

inline token_keeper_actor::behavior_type fake_tokens(token_keeper_actor::pointer, script_ptr s) {
  return {
      [](atom::token, store_id) { return token_reply{std::string{"old"}}; },
      [](atom::renew, store_id, const std::string&) { return token_reply{std::string{"new"}}; },
      [s](atom::confirm, store_id, const std::string& x) { s->note("confirm " + x); },
      [s](atom::refresh, store_id) { s->note("refresh"); },
  };
}

inline routed delivered(std::int64_t seq, std::string topic, std::string body, children_mask who = 1,
                        store_id store = shop) {
  auto x = std::make_shared<stored_delivery>();
  x->place = {3, seq};
  x->store = store;
  x->topic = std::move(topic);
  x->webhook_id = "w" + std::to_string(seq);
  x->body = std::move(body);
  return {x, who};
}

inline store_entry entry(store_id id, std::string domain) {
  store_entry result;
  result.id = id;
  result.part = 3;
  result.shop = std::move(domain);
  result.currency_code = "EUR";
  return result;
}

/// Body "12" is the fact order_deleted{12}; "bad" cannot be read; "throw" throws.
inline result<webhook_fact> fake_parse(std::string_view, std::string_view body, currency) {
  if (body == "bad")
    return error{ec::bad_input, "not readable", ""};
  if (body == "throw")
    throw std::runtime_error{"thrown by parse"};
  return webhook_fact{order_deleted{std::stoll(std::string{body})}};
}

} // namespace clique
