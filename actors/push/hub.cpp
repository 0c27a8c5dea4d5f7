#include "actors/push/hub.hpp"

#include <caf/all.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace clique::live {

namespace {

using self_ptr = push_hub_actor::stateful_pointer<hub_state_data>;
using namespace std::chrono_literals;

// Numbers of the push protocol.
constexpr auto beat = 20ms;       ///< while something is unsent
constexpr auto slow_beat = 1s;    ///< otherwise
constexpr auto hello_within = 3s; ///< else close 4001
constexpr auto heartbeat_after = 15s;
constexpr std::uint16_t sign_in_again = 4001, too_many = 4009, protocol_error = 4010, restarting = 1012;
constexpr std::size_t max_early_frames = 16;

instant now_of(self_ptr self) {
  return self->clock().now();
}

void send(hub_state_data::connected& to, instant now, std::shared_ptr<const std::string> text) {
  to.spoken = now;
  to.socket->send(std::move(text));
}

void send(hub_state_data::connected& to, instant now, std::string text) {
  send(to, now, std::make_shared<const std::string>(std::move(text)));
}

/// Sends what may go out; goes on soon while something is left, else slowly.
void flush(self_ptr self) {
  auto& st = self->state;
  auto now = now_of(self);
  auto waiting = [&](socket_id who) { return st.sockets.at(who).socket->pending(); };
  for (auto& frame : st.subs->due(now, waiting))
    send(st.sockets.at(frame.to), now, std::move(frame.text));
  if (!st.ticking && st.subs->pending()) {
    st.ticking = true;
    self->delayed_send(self, beat, atom::tick_v);
  }
}

void load(self_ptr self, const place& where) {
  auto [entry, fresh] = self->state.loading.try_emplace(where, false);
  if (!fresh) {
    entry->second = true;
    return;
  }
  auto hub = caf::actor_cast<push_hub_actor>(self);
  self->state.world.load(where.first, where.second, [hub, where](result<channel_state> got) {
    caf::anon_send(hub, hub_state{where.first, where.second, std::move(got)});
  });
}

void close(self_ptr self, std::uint64_t id, std::uint16_t code, std::string_view reason) {
  auto at = self->state.sockets.find(id);
  if (at == self->state.sockets.end())
    return;
  at->second.socket->close(code, reason);
  self->state.subs->close(id);
  self->state.sockets.erase(at);
}

void subscribe(self_ptr self, std::uint64_t id, const sub_frame& what) {
  auto& st = self->state;
  auto& socket = st.sockets.at(id);
  if (!role_in(*socket.who, what.store))
    return send(socket, now_of(self),
                error_text({ec::not_found, "there is no such store", "see /api/v1/stores"}, what.channel));
  auto must_load = st.subs->subscribe(id, what);
  if (!must_load)
    return send(socket, now_of(self), error_text(must_load.error(), what.channel));
  if (*must_load)
    load(self, {what.store, what.channel});
  flush(self);
}

void understand(self_ptr self, std::uint64_t id, const std::string& text) {
  auto& st = self->state;
  auto& socket = st.sockets.at(id);
  auto frame = parse_frame(text);
  if (!frame) {
    send(socket, now_of(self), error_text(frame.error(), ""));
    return close(self, id, protocol_error, "protocol error");
  }
  if (auto* hello = std::get_if<hello_frame>(&*frame)) {
    socket.greeted = true;
    st.subs->set_visible(id, hello->visible);
    return send(socket, now_of(self), hello_text("clique", std::to_string(id)));
  }
  if (!socket.greeted)
    return close(self, id, protocol_error, "hello comes first");
  if (auto* sub = std::get_if<sub_frame>(&*frame))
    return subscribe(self, id, *sub);
  if (auto* unsub = std::get_if<unsub_frame>(&*frame))
    return st.subs->unsubscribe(id, *unsub);
  st.subs->set_visible(id, std::get<visibility_frame>(*frame).visible);
  flush(self);
}

void look_up(self_ptr self, std::uint64_t id, std::string secret) {
  auto hub = caf::actor_cast<push_hub_actor>(self);
  self->state.world.authenticate(std::move(secret), [hub, id](result<identity> got) {
    caf::anon_send(hub, hub_identity{id, std::move(got)});
  });
}

void admit(self_ptr self, hub_identity& x) {
  auto& st = self->state;
  auto at = st.sockets.find(x.socket);
  if (at == st.sockets.end())
    return;
  if (!x.who)
    return close(self, x.socket, sign_in_again, "sign in again");
  auto same_user = [&](const auto& other) { return other.second.who && other.second.who->user == x.who->user; };
  auto open = std::count_if(st.sockets.begin(), st.sockets.end(), same_user);
  if (static_cast<std::size_t>(open) >= st.settings.sockets_per_user)
    return close(self, x.socket, too_many, "too many open dashboards");
  at->second.who = std::move(*x.who);
  auto early = std::move(at->second.early);
  for (const auto& text : early)
    if (st.sockets.contains(x.socket))
      understand(self, x.socket, text);
}

/// Sockets that never said hello, quiet ones that need a sign of life.
void look_after_sockets(self_ptr self) {
  auto now = now_of(self);
  std::vector<std::uint64_t> mute;
  for (auto& [id, socket] : self->state.sockets) {
    if (!socket.greeted && now - socket.opened > hello_within)
      mute.push_back(id);
    else if (now - socket.spoken > heartbeat_after && socket.socket->pending() == 0)
      send(socket, now, heartbeat_text());
  }
  for (auto id : mute)
    close(self, id, sign_in_again, "no hello");
}

} // namespace

push_hub_actor::behavior_type push_hub(self_ptr self, hub_options settings, hub_ports world) {
  auto& state = self->state;
  state.settings = settings;
  state.world = std::move(world);
  state.subs = std::make_unique<subscriptions>(settings.first_epoch, settings.limits);
  self->delayed_send(self, slow_beat, atom::check_v);
  return {
      [self](store_id store, const std::string& channel) {
        if (auto where = place{store, channel}; self->state.subs->watched(where))
          load(self, where);
      },
      [self](atom::open, const hub_socket& x) {
        auto now = now_of(self);
        auto id = x.socket->id();
        self->state.subs->open(id);
        self->state.sockets[id] = {x.socket, {}, {}, false, now, now};
        look_up(self, id, x.secret);
      },
      [self](std::uint64_t id, const std::string& text) {
        auto at = self->state.sockets.find(id);
        if (at == self->state.sockets.end())
          return;
        if (at->second.who)
          return understand(self, id, text);
        if (at->second.early.size() >= max_early_frames)
          return close(self, id, protocol_error, "too much before hello");
        at->second.early.push_back(text);
      },
      [self](atom::drain, std::uint64_t) { flush(self); },
      [self](atom::close, std::uint64_t id) {
        self->state.subs->close(id);
        self->state.sockets.erase(id);
      },
      [self](atom::lost, const std::string& session) {
        std::vector<std::uint64_t> ended;
        for (const auto& [id, socket] : self->state.sockets)
          if (socket.who && socket.who->session == session)
            ended.push_back(id);
        for (auto id : ended)
          close(self, id, sign_in_again, "signed out");
      },
      [self](hub_identity& x) { admit(self, x); },
      [self](hub_state& x) {
        auto where = place{x.store, x.channel};
        auto at = self->state.loading.find(where);
        auto again = at != self->state.loading.end() && at->second;
        if (at != self->state.loading.end())
          self->state.loading.erase(at);
        if (x.what)
          self->state.subs->update(where, std::move(*x.what), now_of(self));
        else
          spdlog::warn("channel {} of store {} could not be read: {}", x.channel, raw(x.store), x.what.error().what);
        // A failed read is tried again with the next slow beat's change, or at once when something changed meanwhile.
        if (again && self->state.subs->watched(where))
          load(self, where);
        flush(self);
      },
      [self](atom::tick) {
        self->state.ticking = false;
        flush(self);
      },
      [self](atom::check) {
        look_after_sockets(self);
        self->delayed_send(self, slow_beat, atom::check_v);
      },
      [self](atom::stop) {
        std::vector<std::uint64_t> all;
        for (auto& [id, socket] : self->state.sockets) {
          // Spread over five seconds, so that dashboards do not come back all at once.
          send(socket, now_of(self), bye_text(static_cast<int>(500 + id * 7919 % 4500)));
          all.push_back(id);
        }
        for (auto id : all)
          close(self, id, restarting, "restarting");
        self->quit();
        return atom::ok_v;
      },
  };
}

} // namespace clique::live
