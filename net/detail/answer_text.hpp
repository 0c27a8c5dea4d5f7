#pragma once

#include "net/http.hpp"

#include <string>
#include <string_view>

namespace clique::http {

struct answer_context {
  std::string_view date, request_id, fixed_headers;
  bool closes = false;
};

/// Writes status line and header of *x* into *out* (cleared first). Field values that contain control
/// characters are left out, so that no tenant's text can forge a header.
void write_head(std::string& out, const response& x, const answer_context& around);

/// Whether an answer of this status has a body at all (RFC 9110 section 6.4.1).
bool may_have_body(int status);

std::string_view body_of(const response& x);

} // namespace clique::http
