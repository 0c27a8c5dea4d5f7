#include "storage/pg_session.hpp"

#include "storage/pg_pace.hpp"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace clique::pg {

namespace {

constexpr auto connect_limit = std::chrono::seconds{5};

/// Sent once per session. The server looks every 2 s whether we are still there while a statement runs, so that a
/// statement that we gave up on ends; a transaction that we froze in ends, too.
constexpr auto session_settings = "SET client_connection_check_interval = '2s'; SET jit = off; SET timezone = 'UTC'; "
                                  "SET idle_in_transaction_session_timeout = '30s'";

constexpr auto patience = "it is tried again at most once per second until the database is back";

/// More statements than this on one session: texts are being built with values inside. Start over.
constexpr std::size_t most_prepared = 1000;

error lost(std::string_view where, const PGconn* conn) {
  auto words = std::string{PQerrorMessage(conn)};
  std::replace_if(
      words.begin(), words.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  while (!words.empty() && words.back() == ' ')
    words.pop_back();
  return {ec::unavailable, fmt::format("{}: {}", where, words.empty() ? "connection to the database lost" : words),
          patience};
}

error late(std::string_view where, std::chrono::milliseconds limit) {
  return {ec::timed_out, fmt::format("{}: no answer from the database within {} ms", where, limit.count()), ""};
}

/// Waits until the socket is ready for *events* or *until*. @returns the ready events, 0 when late.
int wait_for(int fd, int events, steady::time_point until) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()).count();
    if (left <= 0)
      return 0;
    pollfd x{fd, static_cast<short>(events), 0};
    auto n = poll(&x, 1, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    if (n > 0)
      return x.revents;
    if (n < 0 && errno != EINTR)
      return POLLERR;
  }
}

bool is_good(const PGresult* answer) {
  auto status = PQresultStatus(answer);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

} // namespace

std::shared_ptr<pace> make_pace() {
  return std::make_shared<pace>();
}

std::string connection::impl::prepared_name(const statement& what, const params& with) {
  auto seed = std::hash<std::string_view>{}(what.sql);
  for (auto x : with.impl_->types)
    seed = seed * 31 + x;
  return fmt::format("{}_{:016x}", what.name, seed);
}

connection::impl::impl(std::string info, std::shared_ptr<pace> shared)
    : conninfo{std::move(info)}, attempts{shared ? std::move(shared) : make_pace()} {
}

connection::impl::~impl() {
  close();
}

void connection::impl::close() {
  if (conn != nullptr)
    PQfinish(conn);
  conn = nullptr;
  prepared.clear();
}

bool connection::impl::alive() {
  if (conn == nullptr)
    return false;
  auto is_ok = PQstatus(conn) == CONNECTION_OK;
  // An idle session hears nothing: what can be read now is a notice, or the server's last words and end of file.
  pollfd x{PQsocket(conn), POLLIN | POLLRDHUP, 0};
  if (is_ok && poll(&x, 1, 0) > 0)
    is_ok = (x.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0 && PQconsumeInput(conn) == 1
            && PQstatus(conn) == CONNECTION_OK;
  if (!is_ok)
    close();
  return is_ok;
}

result<void> connection::impl::ensure() {
  if (alive())
    return {};
  auto lock = attempts->begin();
  if (auto words = attempts->too_early())
    return error{ec::unavailable, *words, patience};
  auto result = connect();
  if (!result) {
    attempts->failed(result.error().what);
    close();
  }
  return result;
}

result<void> connection::impl::connect() {
  // Keys before dbname are defaults, those of conninfo win. tcp_user_timeout in ms, keep-alives in seconds:
  // a peer that vanished is noticed after 10 s in mid-statement and after 5 + 3 * 3 s when idle.
  constexpr std::array<const char*, 9> keys{"fallback_application_name",
                                            "client_encoding",
                                            "keepalives",
                                            "keepalives_idle",
                                            "keepalives_interval",
                                            "keepalives_count",
                                            "tcp_user_timeout",
                                            "dbname",
                                            nullptr};
  const std::array<const char*, 9> values{"clique", "UTF8", "1", "5", "3", "3", "10000", conninfo.c_str(), nullptr};
  auto until = steady::now() + connect_limit;
  conn = PQconnectStartParams(keys.data(), values.data(), 1);
  if (conn == nullptr)
    return error{ec::internal, "connect: out of memory", ""};
  PQsetNoticeProcessor(
      conn, [](void*, const char*) {}, nullptr);
  auto next = PGRES_POLLING_WRITING;
  while (PQstatus(conn) != CONNECTION_BAD && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
    if (wait_for(PQsocket(conn), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, until) == 0)
      return error{ec::unavailable, "connect: the database did not answer in time", patience};
    next = PQconnectPoll(conn);
  }
  if (PQstatus(conn) != CONNECTION_OK)
    return lost("connect", conn);
  PQsetnonblocking(conn, 1);
  return simple("connect", session_settings, connect_limit);
}

result<void> connection::impl::wait(std::string_view where, steady::time_point until, std::chrono::milliseconds limit) {
  for (;;) {
    auto unsent = PQflush(conn);
    if (PQisBusy(conn) == 0)
      return {};
    // After a failed flush the server's last words may still be read.
    auto ready = wait_for(PQsocket(conn), unsent == 1 ? POLLIN | POLLOUT : POLLIN, until);
    if (ready == 0) {
      close();
      return late(where, limit);
    }
    if ((ready & ~POLLOUT) != 0 && PQconsumeInput(conn) == 0 && PQisBusy(conn) == 1)
      return broken(where);
  }
}

result<answer_ptr> connection::impl::next(std::string_view where, steady::time_point until,
                                          std::chrono::milliseconds limit) {
  if (auto ready = wait(where, until, limit); !ready)
    return ready.error();
  return answer_ptr{PQgetResult(conn)};
}

result<answer_ptr> connection::impl::collect(std::string_view where, std::chrono::milliseconds limit) {
  auto until = steady::now() + limit;
  answer_ptr last;
  std::optional<error> failure;
  for (;;) {
    auto got = next(where, until, limit);
    if (!got)
      return failure ? *failure : got.error();
    if (!*got)
      break;
    if (is_good(got->get()))
      last = std::move(*got);
    else if (!failure)
      failure = to_error(got->get(), where);
  }
  if (PQstatus(conn) == CONNECTION_BAD)
    close();
  if (failure)
    return *failure;
  return last;
}

result<void> connection::impl::simple(std::string_view where, const std::string& sql, std::chrono::milliseconds limit) {
  if (PQsendQuery(conn, sql.c_str()) == 0)
    return broken(where);
  if (auto got = collect(where, limit); !got)
    return got.error();
  return {};
}

error connection::impl::broken(std::string_view where) {
  auto failure = lost(where, conn);
  close();
  return failure;
}

bool connection::impl::send_prepare(const std::string& name, const statement& what, const params& with) {
  const auto& types = with.impl_->types;
  return PQsendPrepare(conn, name.c_str(), std::string{what.sql}.c_str(), static_cast<int>(types.size()), types.data())
         == 1;
}

bool connection::impl::send_execute(const std::string& name, const params& with) {
  const auto& x = *with.impl_;
  auto count = x.types.size();
  std::vector<const char*> values(count);
  std::vector<int> formats(count, 1);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = x.size[i] < 0 ? nullptr : x.bytes.data() + x.at[i];
  return PQsendQueryPrepared(conn, name.c_str(), static_cast<int>(count), values.data(), x.size.data(), formats.data(),
                             1)
         == 1;
}

result<void> connection::impl::forget_if_too_many() {
  if (prepared.size() < most_prepared || PQtransactionStatus(conn) != PQTRANS_IDLE)
    return {};
  prepared.clear();
  return simple("deallocate", "DEALLOCATE ALL", connect_limit);
}

void connection::impl::close_if_stale(const error& failure) {
  // "cached plan must not change result type" after a migration; "prepared statement does not exist".
  if (failure.what.ends_with("(SQLSTATE 0A000)") || failure.what.ends_with("(SQLSTATE 26000)"))
    close();
}

result<answer_ptr> connection::impl::run(const statement& what, const params& with) {
  if (auto ready = ensure(); !ready)
    return ready.error();
  if (auto ready = forget_if_too_many(); !ready)
    return ready.error();
  auto name = prepared_name(what, with);
  if (!prepared.contains(name)) {
    if (!send_prepare(name, what, with))
      return broken(what.name);
    if (auto got = collect(what.name, what.limit); !got)
      return got.error();
    prepared.insert(name);
  }
  if (!send_execute(name, with))
    return broken(what.name);
  auto result = collect(what.name, what.limit);
  if (!result)
    close_if_stale(result.error());
  return result;
}

} // namespace clique::pg
