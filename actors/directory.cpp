#include "actors/directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique {

namespace {

using self_ptr = directory_actor::stateful_pointer<directory_state>;

/// The store's tree, woken if it sleeps; null for a store that does not exist.
directory_state::tree* tree_of(self_ptr self, store_id store) {
  auto& st = self->state;
  if (auto i = st.trees.find(store); i != st.trees.end())
    return &i->second;
  if (st.stopping || !st.setup.known(store))
    return nullptr;
  auto supervisor = st.setup.spawn(store, st.log, directory_actor{self});
  self->monitor(supervisor);
  st.stores.emplace(supervisor.address(), store);
  ++st.activated;
  auto& result = st.trees[store];
  result.supervisor = supervisor;
  st.setup.numbers->gauge("clique_trees", {}, static_cast<double>(st.trees.size()));
  return &result;
}

/// @returns whether there was a tree to send to.
template <class... Ts>
bool forward(self_ptr self, store_id store, Ts&&... xs) {
  auto* tree = tree_of(self, store);
  if (tree == nullptr)
    return false;
  ++tree->sent;
  self->send(tree->supervisor, std::forward<Ts>(xs)...);
  return true;
}

void deliver(self_ptr self, deliveries& x) {
  // Stores are interleaved in a batch of the log: one message per store, in order.
  std::unordered_map<store_id, deliveries> by_store;
  for (auto& y : x.items)
    by_store[y.what->store].items.push_back(std::move(y));
  for (auto& [store, mine] : by_store) {
    auto last = mine.items.back().what->place.seq;
    if (forward(self, store, std::move(mine)))
      continue;
    if (self->state.stopping)
      continue; // stays open and is replayed at the next start
    // A store that is gone: nobody will ever work on these.
    self->state.setup.numbers->count("clique_deliveries_without_store_total");
    self->send(self->state.log, closed_note{store, all_children, last});
  }
}

void command_for(self_ptr self, store_id store, user_command& x) {
  auto f = self->state.setup.features->find(x.feature);
  if (!f) {
    x.user.answer(error{ec::not_found, "There is no feature named " + x.feature + ".", ""});
    return;
  }
  auto user = x.user;
  if (!forward(self, store, command_request{*f, std::move(x.what), std::move(x.user)}))
    user.answer(error{ec::not_found, "There is no such store.", ""});
}

void forget(self_ptr self, const caf::actor_addr& who) {
  auto& st = self->state;
  auto i = st.stores.find(who);
  if (i == st.stores.end())
    return;
  auto store = i->second;
  st.stores.erase(i);
  auto tree = st.trees.find(store);
  // Put to sleep and woken again meanwhile: the new tree stays.
  if (tree != st.trees.end() && tree->second.supervisor.address() == who) {
    st.trees.erase(tree);
    if (!st.stopping) {
      spdlog::error("store {}: its supervisor ended; what it had open is read again", raw(store));
      self->send(st.log, atom::lost_v, store);
    }
  }
  if (st.stopping && st.stores.empty()) {
    st.stopping->deliver(atom::ok_v);
    self->quit();
  }
}

void put_to_sleep(self_ptr self, store_id store, std::uint64_t received) {
  auto& st = self->state;
  auto i = st.trees.find(store);
  // Something is on its way to it: not now.
  if (i == st.trees.end() || i->second.sent != received)
    return;
  self->send_exit(i->second.supervisor, caf::exit_reason::user_shutdown);
  st.trees.erase(i);
  ++st.passivated;
  st.setup.numbers->gauge("clique_trees", {}, static_cast<double>(st.trees.size()));
}

} // namespace

directory_actor::behavior_type directory(self_ptr self, directory_setup setup) {
  self->state.setup = std::move(setup);
  self->set_down_handler([self](const caf::down_msg& down) { forget(self, down.source); });
  return {
      [self](atom::start, const delivery_log_actor& log) { self->state.log = log; },
      [self](deliveries& x) { deliver(self, x); },
      [self](atom::tick, store_id store, const std::string& feature) {
        if (auto f = self->state.setup.features->find(feature))
          forward(self, store, atom::tick_v, *f);
      },
      [self](store_id store, user_command& x) { command_for(self, store, x); },
      [self](store_id store, const event_note& x) { forward(self, store, atom::connect_v, x); },
      [self](atom::sleep, store_id store, std::uint64_t received) { put_to_sleep(self, store, received); },
      [self](atom::status) {
        const auto& st = self->state;
        return directory_status{st.trees.size(), st.activated, st.passivated};
      },
      [self](atom::stop) {
        auto& st = self->state;
        auto result = self->make_response_promise<atom::ok>();
        st.stopping = result;
        for (auto& [store, tree] : st.trees)
          self->send_exit(tree.supervisor, caf::exit_reason::user_shutdown);
        if (st.stores.empty()) {
          result.deliver(atom::ok_v);
          self->quit();
        }
        return result;
      },
  };
}

} // namespace clique
