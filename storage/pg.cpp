#include "storage/pg.hpp"

#include "storage/pg_session.hpp"

#include <fmt/format.h>

#include <array>

namespace clique::pg {

namespace {

constexpr statement begin_work{"begin", "BEGIN"};
constexpr statement commit_work{"commit", "COMMIT"};
constexpr statement open_stores_to{"open_stores", "SELECT set_config('clique.stores', $1, true)"};

constexpr auto rollback_limit = std::chrono::seconds{5};

/// *x* as a value of a connection string: in quotes, quotes and backslashes escaped.
std::string quoted(std::string_view x) {
  auto result = std::string{"'"};
  for (auto c : x) {
    if (c == '\'' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "'";
}

} // namespace

connection::connection(std::string conninfo, std::shared_ptr<pace> shared)
    : impl_{std::make_unique<impl>(std::move(conninfo), std::move(shared))} {
}
connection::~connection() = default;
connection::connection(connection&&) noexcept = default;
connection& connection::operator=(connection&&) noexcept = default;

result<void> connection::ensure() {
  return impl_->ensure();
}

result<rows> connection::run(const statement& what, const params& with) {
  auto got = impl_->run(what, with);
  if (!got)
    return got.error();
  rows result;
  result.impl_->got = std::move(*got);
  return result;
}

result<rows> connection::run(const statement& what) {
  return run(what, params{});
}

result<void> connection::script(std::string_view sql, std::chrono::milliseconds limit) {
  if (auto ready = impl_->ensure(); !ready)
    return ready;
  return impl_->simple("script", std::string{sql}, limit);
}

void connection::start_pipeline() {
  impl_->pipeline.clear();
}

void connection::queue(const statement& what, params with) {
  impl_->pipeline.push_back({what, std::move(with)});
}

result<std::vector<rows>> connection::finish(std::chrono::milliseconds limit) {
  auto work = std::exchange(impl_->pipeline, {});
  if (auto ready = impl_->ensure(); !ready)
    return ready.error();
  if (auto ready = impl_->forget_if_too_many(); !ready)
    return ready.error();
  auto answers = impl_->exchange(work, limit);
  if (!answers) {
    // The transaction that the pipeline opened stays open, failed, until it is told to end.
    if (in_transaction() && !impl_->simple("rollback", "ROLLBACK", rollback_limit))
      impl_->close();
    return answers.error();
  }
  std::vector<rows> result(answers->size());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i].impl_->got = std::move((*answers)[i]);
  return result;
}

void connection::close() {
  impl_->close();
}

bool connection::connected() const {
  return impl_->conn != nullptr;
}

bool connection::in_transaction() const {
  return impl_->conn != nullptr && PQtransactionStatus(impl_->conn) != PQTRANS_IDLE;
}

result<std::vector<rows>> transaction(connection& on, std::vector<work_item> work, std::chrono::milliseconds limit) {
  on.start_pipeline();
  on.queue(begin_work, {});
  for (auto& x : work)
    on.queue(x.what, std::move(x.with));
  on.queue(commit_work, {});
  auto result = on.finish(limit);
  if (!result)
    return result;
  result->pop_back();
  result->erase(result->begin());
  return result;
}

work_item open_stores(std::span<const std::int64_t> stores) {
  params with;
  with.add(fmt::format("{{{}}}", fmt::join(stores, ",")));
  return {open_stores_to, std::move(with)};
}

result<std::string> as_role(std::string_view conninfo, std::string_view role) {
  char* words = nullptr;
  auto* all = PQconninfoParse(std::string{conninfo}.c_str(), &words);
  if (all == nullptr) {
    // libpq's words may quote a part of the text, which may hold a password.
    PQfreemem(words);
    return error{ec::bad_input, "the database's connection string cannot be read",
                 "write it as postgres://user@host/name or as key=value pairs"};
  }
  auto options = std::string{};
  auto result = std::string{};
  for (const auto* x = all; x->keyword != nullptr; ++x) {
    if (x->val == nullptr)
      continue;
    if (std::string_view{x->keyword} == "options")
      options = std::string{x->val} + ' ';
    else
      result += fmt::format("{}={} ", x->keyword, quoted(x->val));
  }
  PQconninfoFree(all);
  return result + "options=" + quoted(fmt::format("{}-c role={}", options, role));
}

} // namespace clique::pg
