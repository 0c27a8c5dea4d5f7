#include "core/error.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace clique {

std::string_view to_string(ec code) {
  switch (code) {
  case ec::bad_input:
    return "bad_input";
  case ec::unauthorized:
    return "unauthorized";
  case ec::forbidden:
    return "forbidden";
  case ec::not_found:
    return "not_found";
  case ec::conflict:
    return "conflict";
  case ec::too_large:
    return "too_large";
  case ec::unsupported:
    return "unsupported";
  case ec::throttled:
    return "throttled";
  case ec::unavailable:
    return "unavailable";
  case ec::timed_out:
    return "timed_out";
  case ec::token_rejected:
    return "token_rejected";
  case ec::refused:
    return "refused";
  case ec::fenced:
    return "fenced";
  case ec::internal:
    return "internal";
  }
  return "internal";
}

bool is_transient(ec code) {
  return code == ec::throttled || code == ec::unavailable || code == ec::timed_out;
}

void throw_exception_from_error(const error& x, const boost::source_location& where) {
  throw std::logic_error{fmt::format("value of a failed result at {}:{}: {}: {}", where.file_name(), where.line(),
                                     to_string(x.code), x.what)};
}

} // namespace clique
