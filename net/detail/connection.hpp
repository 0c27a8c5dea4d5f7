#pragma once

// One peer. HTTP: read a head, check it, read the body, hand the request over, write the answer, again; one request
// in work at a time, and nothing is read meanwhile. After an upgrade the WebSocket session takes over.

#include "net/detail/answer_sink.hpp"
#include "net/detail/head.hpp"
#include "net/detail/io_thread.hpp"
#include "net/detail/request_reader.hpp"
#include "net/detail/transport.hpp"

#include <list>
#include <optional>

namespace clique::http {

class ws_session;

class connection final : public answer_sink, public std::enable_shared_from_this<connection> {
public:
  /// @param counted Whether server_core::enter counted it; otherwise it gets one 503 and is closed.
  connection(std::shared_ptr<io_thread> home, boost::asio::ip::tcp::socket socket, std::string remote, bool counted);
  ~connection() override;

  // answer_sink, any thread
  void deliver(response answer) override;
  const void* home() const override;
  void deliver_all(std::vector<waiting> all) override;

  // Everything below: on the home thread.
  void start();
  void answered(response answer);
  void drain();
  bool wants_sweep(steady::time_point now) const;
  void swept(steady::time_point now);
  void close();

  // for the WebSocket session
  void flush_socket();
  void wait_read();
  void wait_write();
  void wait_for(transport::status what);
  /// No more writes; reads what the peer still sends, then closes.
  void linger(std::chrono::milliseconds limit);
  io_thread& thread() {
    return *home_;
  }
  transport& wire() {
    return wire_;
  }

  std::list<connection_ptr>::iterator place; ///< in the home's list

private:
  enum class phase : std::uint8_t { fresh, idle, head, body, working, writing, socket, lingering, closed };
  struct unsent {
    std::string head, body;
    std::shared_ptr<const std::string> shared;
    std::size_t done = 0;
  };

  void on_readable();
  void on_writable();
  void take(std::string_view data);
  /// Works through *data*. @returns how much of it is used up.
  std::size_t process(std::string_view data);
  std::size_t process_head(std::string_view data);
  std::size_t process_body(std::string_view data);
  /// The head is checked and parsed: decides who answers, and whether the body is wanted.
  void begin_request();
  bool begin_socket();
  void run_handler();
  void refuse(int status, std::string_view code, std::string_view what, std::string_view hint);
  void write(response answer);
  void written();
  void resume();
  void set_phase(phase next);

  std::shared_ptr<io_thread> home_;
  transport wire_;
  std::string remote_;
  bool is_counted_;
  phase phase_ = phase::fresh;
  bool is_processing_ = false;
  bool is_reading_ = false, is_writing_ = false; ///< a wait is armed
  bool closes_ = false;                          ///< after this answer
  bool is_head_request_ = false;
  bool is_refused_ = false; ///< the peer may still be sending a body that nobody reads
  std::string in_;          ///< received and not used up
  std::optional<head_scanner> scanner_;
  std::optional<request_reader> reader_;
  const route* route_ = nullptr;
  std::string request_id_;
  std::optional<response> answer_; ///< came while the request was being processed
  std::unique_ptr<unsent> unsent_;
  std::size_t discarded_ = 0; ///< bytes read while lingering
  steady::time_point deadline_ = steady::time_point::max();
  std::shared_ptr<ws_session> socket_;
};

} // namespace clique::http
