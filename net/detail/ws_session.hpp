#pragma once

// The WebSocket side of one connection: frames in and out, heart-beat, limits.

#include "net/detail/connection.hpp"
#include "net/detail/ws_frames.hpp"

#include <deque>
#include <variant>

namespace clique::http {

class ws_session final : public ws::socket, public std::enable_shared_from_this<ws_session> {
public:
  ws_session(const connection_ptr& owner, const socket_endpoint& endpoint);

  // ws::socket, any thread
  void send(std::shared_ptr<const std::string> text) override;
  std::size_t pending() const override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::uint64_t id() const override;

  // home thread
  void open(const request& in);
  /// @returns how much of *data* was used up.
  std::size_t received(std::string_view data);
  void flush();
  void tick(steady::time_point now);
  void closed();

private:
  struct outgoing_frame {
    std::string head; ///< header, or a whole control frame
    std::shared_ptr<const std::string> text;
    std::size_t done = 0;

    std::size_t size() const {
      return head.size() + (text ? text->size() : 0);
    }
  };

  void wake(std::unique_lock<std::mutex> guard);
  void fetch_queue();
  void put_control(std::string frame);
  void begin_close(std::uint16_t code, std::string_view reason);
  bool is_over_rate();
  /// Writes what waits. @returns false when the kernel takes no more, or the connection is gone.
  bool write_out(connection& owner);

  std::weak_ptr<connection> owner_;
  std::shared_ptr<io_thread> home_;
  const socket_endpoint& endpoint_; ///< lives in server_core
  std::uint64_t id_;

  mutable std::mutex mutex_; ///< guards the next four
  std::vector<std::shared_ptr<const std::string>> queue_;
  std::optional<std::pair<std::uint16_t, std::string>> wanted_close_;
  bool is_woken_ = false;
  bool is_over_ = false;
  std::atomic<std::size_t> pending_{0};

  // home thread only
  frame_reader reader_;
  std::deque<outgoing_frame> out_;
  bool is_closing_ = false; ///< our close frame is queued or sent
  bool is_close_sent_ = false;
  bool is_peer_closed_ = false, is_violated_ = false;
  steady::time_point stalls_at_ = steady::time_point::max();
  steady::time_point cut_at_ = steady::time_point::max();
  steady::time_point ping_at_;
  steady::time_point pong_by_ = steady::time_point::max();
  steady::time_point window_;
  int messages_ = 0, frames_ = 0; ///< in this window of one second
};

/// Judges an upgrade request. @returns the text of the 101 answer, or the refusal.
std::variant<std::string, response> accept_socket(const request& in, const socket_endpoint& endpoint);

} // namespace clique::http
