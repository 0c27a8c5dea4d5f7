#pragma once

#include "core/calls.hpp"
#include "core/error.hpp"

#include <string>
#include <string_view>

namespace clique {

/// JSON text of a call as it stands in the outbox: {"call": "read_orders", ...fields}.
std::string encode_call(const call& x);

/// The call back from its JSON. @returns bad_input for an unknown kind or a missing field.
result<call> decode_call(std::string_view json);

} // namespace clique
