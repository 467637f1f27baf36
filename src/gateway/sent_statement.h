/// A statement and its values as the caller sent them, as JSON of bounded size.
///
/// Why      What was asked can be needed word by word; it holds values, so it is only ever stored encrypted.
/// Life     A pure function.
/// Threads  Any.
/// Not here Encrypting it (audit/detail_seal.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/gateway.h"

#include <cstddef>
#include <string>

namespace majed::gateway {

inline constexpr std::size_t most_sent_text = std::size_t{64} * 1024;

/// `{"statement":"...","parameters":[...],"named":{...},"cut":false}`. Of the text and the values together at most
/// `most_sent_text` bytes, as they are before they are escaped: a text is cut between two characters, and a value that has
/// no room is left out with all behind it; `cut` says that something is not there. `named` only where there are any.
[[nodiscard]] std::string sent_statement_json(const QueryRequest& request);

}  // namespace majed::gateway
