#pragma once

#include "actors/handles.hpp"
#include "actors/push/subscriptions.hpp"

#include <functional>
#include <map>
#include <memory>

namespace clique::live {

/// What the hub needs of the rest of the system. Both answer later, from any thread.
struct hub_ports {
  std::function<void(std::string secret, std::function<void(result<identity>)>)> authenticate;
  std::function<void(store_id, std::string channel, std::function<void(result<channel_state>)>)> load;
};

struct hub_options {
  std::uint64_t first_epoch = 1; ///< differs for each run, e.g. microseconds of the clock
  pacing limits;
  std::size_t sockets_per_user = 8;
};

struct hub_state_data {
  hub_state_data() = default;

  struct connected {
    ws::socket_ptr socket;
    std::optional<identity> who;    ///< empty until the session was looked up
    std::vector<std::string> early; ///< frames that came before
    bool greeted = false;
    instant opened, spoken; ///< when it was opened; when we last sent anything
  };

  hub_options settings;
  hub_ports world;
  std::unique_ptr<subscriptions> subs;
  std::map<std::uint64_t, connected> sockets;
  /// Channels being read now; true: it changed again meanwhile.
  std::map<place, bool> loading;
  bool ticking = false;
};

push_hub_actor::behavior_type push_hub(push_hub_actor::stateful_pointer<hub_state_data> self, hub_options settings,
                                       hub_ports world);

} // namespace clique::live
