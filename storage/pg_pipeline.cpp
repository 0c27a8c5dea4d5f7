#include "storage/pg_session.hpp"

#include <array>

namespace clique::pg {

namespace {

/// What was sent, in order, to tell the answers apart.
struct sent {
  std::string_view name;
  std::string prepares; ///< name on the server; empty: an execution
};

} // namespace

result<std::vector<answer_ptr>> connection::impl::exchange(const std::vector<queued>& work,
                                                           std::chrono::milliseconds limit) {
  auto until = steady::now() + limit;
  std::vector<sent> order;
  std::unordered_set<std::string> preparing;
  auto is_sent = PQenterPipelineMode(conn) == 1;
  for (const auto& x : work) {
    auto name = prepared_name(x.what, x.with);
    if (is_sent && !prepared.contains(name) && preparing.insert(name).second) {
      is_sent = send_prepare(name, x.what, x.with);
      order.push_back({x.what.name, name});
    }
    is_sent = is_sent && send_execute(name, x.with);
    order.push_back({x.what.name, ""});
  }
  if (!is_sent || PQpipelineSync(conn) == 0)
    return broken(work.empty() ? "pipeline" : work.back().what.name);

  std::vector<answer_ptr> result;
  std::optional<error> failure;
  for (const auto& x : order) {
    for (;;) {
      auto got = next(x.name, until, limit);
      if (!got)
        return failure ? *failure : got.error();
      if (!*got)
        break;
      switch (PQresultStatus(got->get())) {
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        if (x.prepares.empty())
          result.push_back(std::move(*got));
        else
          prepared.insert(x.prepares);
        break;
      case PGRES_PIPELINE_ABORTED:
        break;
      default:
        if (!failure)
          failure = to_error(got->get(), x.name);
        if (PQstatus(conn) == CONNECTION_BAD) {
          close();
          return *failure;
        }
      }
    }
  }
  auto end = next("sync", until, limit);
  if (!end)
    return failure ? *failure : end.error();
  if (PQresultStatus(end->get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(conn) == 0)
    return failure ? (close(), *failure) : broken("sync");
  if (failure) {
    close_if_stale(*failure);
    return *failure;
  }
  return result;
}

} // namespace clique::pg
