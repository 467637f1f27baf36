/// Ids that join the log, the audit and the answer of one request.
///
/// Why      A caller's own id is kept when it is harmless, so that both sides can search for the same word.
/// Life     Texts.
/// Threads  Any.
/// Not here Secrets and nonces (crypto/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::telemetry {

/// 128 random bits as 32 hexadecimal digits.
[[nodiscard]] std::string make_request_id();

/// True for 1 to 128 letters, digits, dots, dashes and underscores: safe in a header, a log line and a
/// record.
[[nodiscard]] bool is_acceptable_request_id(std::string_view text) noexcept;

}  // namespace majed::telemetry
