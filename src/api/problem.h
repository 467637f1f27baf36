/// Errors as RFC 9457 problem documents.
///
/// Why      Every failure looks the same, whatever call it comes from.
/// Life     Pure functions.
/// Threads  Any.
/// Not here The list of codes (core/error.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/http_exchange.h"
#include "core/error.h"

#include <string_view>

namespace majed::api {

[[nodiscard]] HttpAnswer problem_answer(const Error& error, std::string_view request_id);
/// 405 has a status of its own but no error code: it is `not_found` with the methods that exist.
[[nodiscard]] HttpAnswer wrong_method_answer(std::string_view allowed, std::string_view request_id);

}  // namespace majed::api
