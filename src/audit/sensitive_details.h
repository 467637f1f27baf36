/// The member `sensitive` of a record's details: sealed as it is stored, an object again as it is read.
///
/// Why      The bytes that are hashed hold the sealed text, so that a check needs no key and no key ever changes a record.
/// Life     Pure functions over a seal.
/// Threads  As the seal.
/// Not here The seal itself (detail_seal.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/detail_seal.h"
#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace majed::audit {

/// Which record a text is sealed for.
struct RecordPlace {
    std::string_view event_id;
    std::string_view phase;
};

/// `details` (a JSON object, or nothing) with the JSON text `sensitive` sealed in it. Errors: invalid_argument (details that
/// are no object, a record without an event id), unavailable (there is no seal, or it cannot).
[[nodiscard]] Result<std::string> with_sealed(std::string_view details, std::string_view sensitive,
                                              const RecordPlace& place, DetailSeal* seal);
/// What `with_sealed` answers when there are no keys.
[[nodiscard]] Error cannot_seal();
/// The same where it could not be sealed: that there was something, and nothing of it.
[[nodiscard]] std::string with_nothing_sealed(std::string_view details);

/// Details as they are shown: what was sealed as the object it is, or as the text `unreadable: ` and why. Absent: there is
/// nothing sealed in them. `seal` may be null.
[[nodiscard]] std::optional<std::string> with_opened(std::string_view details, const RecordPlace& place,
                                                     DetailSeal* seal);

}  // namespace majed::audit
