#pragma once

#include "core/error.hpp"
#include "net/http.hpp"

#include <map>

namespace clique::http {

/// HTTP status of an error code: the one table.
int status_of(ec code);

/// RFC 9457 problem document: type "about:blank" style URN `urn:clique:problem:<code>`, title, status, detail, instance
/// (request id), code, hint, and `errors` (field -> sentence) when given. Adds Retry-After for 429 and 503.
response problem(const error& what, std::string_view request_id, const std::map<std::string, std::string>& fields = {});
response problem(int status, std::string_view code, std::string_view detail, std::string_view hint,
                 std::string_view request_id);

} // namespace clique::http
